"""Providers of texts as URLs: kannels://user:password@host/path?from=..., twilio://SID:TOKEN@host."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from service.settings.shapes import Secret, Sms, is_loopback

KANNEL_FORM = (
    "kannels://user:password@host:13013/cgi-bin/sendsms?from=NUMBER&hook=SECRET, the secret at"
    " least 16 letters, digits, - or _ (kannel:// only on this machine)"
)
TWILIO_FORM = (
    "twilio://ACCOUNT_SID:AUTH_TOKEN@api.twilio.com?from=NUMBER, or ?service=MESSAGING_SERVICE_SID"
)
_HOOK = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SENDER = re.compile(r"\+?[A-Za-z0-9]{2,15}")
_SID = re.compile(r"AC[0-9a-zA-Z]{32}")
_SERVICE = re.compile(r"MG[0-9a-zA-Z]{32}")


def read(text: str) -> Sms | str:
    """Read the URL of one provider; where it is none, return the form that was expected."""
    twilio = text.startswith("twilio://")
    try:
        found = _twilio(text) if twilio else _kannel(text)
    except ValueError:
        # No port, or a host in brackets that is none.
        found = None
    return found or (TWILIO_FORM if twilio else KANNEL_FORM)


def _kannel(text: str) -> Sms | None:
    parts = urlsplit(text)
    host, asked = parts.hostname or "", dict(parse_qsl(parts.query))
    clear = parts.scheme == "kannel" and is_loopback(host)
    sender, hook = _number(asked), asked.get("hook", "")
    fits = _SENDER.fullmatch(sender) and _HOOK.fullmatch(hook) and parts.username
    if not ((clear or parts.scheme == "kannels") and host and fits and _known(asked, "hook")):
        return None
    where = _where(parts)
    return Sms(
        name="kannel",
        url=f"{'http' if clear else 'https'}://{where}{parts.path or '/cgi-bin/sendsms'}",
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
        sender=sender,
        hook=Secret(hook),
    )


def _twilio(text: str) -> Sms | None:
    parts = urlsplit(text)
    host, asked = parts.hostname or "", dict(parse_qsl(parts.query))
    sender, service = _number(asked), asked.get("service", "")
    named = bool(_SENDER.fullmatch(sender)) is not bool(_SERVICE.fullmatch(service))
    proven = _SID.fullmatch(parts.username or "") and parts.password
    if not (host and named and proven and parts.path in ("", "/") and _known(asked, "service")):
        return None
    where = _where(parts)
    return Sms(
        name="twilio",
        url=f"{'http' if is_loopback(host) else 'https'}://{where}",
        user=parts.username or "",
        password=Secret(unquote(parts.password or "")),
        sender=sender,
        service=service,
    )


def _where(parts: SplitResult) -> str:
    if parts.port == 0:
        raise ValueError
    return parts.netloc.rpartition("@")[2]


def _number(asked: dict[str, str]) -> str:
    # A plus in a query is read as a space; nobody writes it as %2B.
    return asked.get("from", "").replace(" ", "+")


def _known(asked: dict[str, str], own: str) -> bool:
    return asked.keys() <= {"from", own}
