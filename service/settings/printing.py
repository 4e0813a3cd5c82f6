"""Settings as an operator may see them: every secret masked, URLs without their passwords."""

from typing import Any
from urllib.parse import urlsplit

from service.settings.shapes import Secret, Sms, Smtp

_PLAIN = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "smtp": "LOOPKEEPER_SMTP_URL",
    "sms": "LOOPKEEPER_SMS_URL",
}


def variable(field: str) -> str:
    """Return the variable that a field of Settings is read from."""
    return _PLAIN.get(field, f"LOOPKEEPER_{field.upper()}")


def masked(url: Secret) -> str:
    """Return a URL with its user and place and stars for its password; of other secrets stars."""
    if "://" not in url.reveal():
        return "***"
    parts = urlsplit(url.reveal())
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    where = parts.netloc.rpartition("@")[2]
    signed = f"{user}{':***' if password else ''}@" if user else ""
    query = f"?{parts.query}" if parts.query and "password" not in parts.query else ""
    return f"{parts.scheme}://{signed}{where}{parts.path}{query}"


def printed(value: Any) -> str:
    """Spell one setting for a person."""
    match value:
        case Secret():
            return masked(value)
        case Smtp():
            user = f"{value.user}:***@" if value.user else ""
            return f"{value.host}:{value.port} {value.tls} {user}".strip()
        case Sms():
            return f"{value.name} {value.url} as {value.user}:***"
        case (Sms(), *_):
            return ", ".join(map(printed, value))
        case tuple():
            return ",".join(map(str, value))
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case _:
            return str(value)
