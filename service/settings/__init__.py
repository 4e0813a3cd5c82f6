"""Every setting of the service: read once, at start, in ``cli``, and handed down.

Names are ``DATABASE_URL``, ``REDIS_URL`` and ``LOOPKEEPER_*``; ``NAME_FILE`` gives the path of a
file with the value instead. All faults are reported at once, each with the name and the form that
was expected, never with the value. Only shapes are checked here: whether a server answers is for
``loopkeeper doctor`` to find out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

import msgspec

from service.settings.reader import Reader
from service.settings.shapes import Secret, SettingsFault, Sms, Smtp, Tls, is_loopback

__all__ = ["Secret", "Settings", "SettingsFault", "Sms", "Smtp", "Tls", "for_role", "is_loopback"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides.

    ``*_database_url`` of a role is None where it follows from ``database_url``, see ``for_role``.
    """

    database_url: Secret
    redis_url: Secret
    root_key_file: Path
    public_url: str
    mail_from: str
    smtp: Smtp | None
    web_database_url: Secret | None = None
    worker_database_url: Secret | None = None
    check_database_url: Secret | None = None
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"
    web_pool: int = 10
    worker_pool: int = 5
    metrics_token: Secret | None = None
    attachments_dir: Path | None = None
    clamd: str = ""
    bounce_domain: str = ""
    mailroom: str = ""
    mailroom_tls: tuple[Path, Path] | None = None
    mail_hook_secret: Secret | None = None
    sms: tuple[Sms, ...] = ()
    metrics: tuple[str, int] | None = None
    alarm_mail: tuple[str, ...] = ()
    alarm_webhook: Secret | None = None
    alarm_minutes: int = 10
    region: str = "US"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read all settings, or raise one SettingsFault that names every fault."""
        reader = Reader(environ)
        demo = reader.flag("LOOPKEEPER_DEMO")
        public = reader.public_url("LOOPKEEPER_PUBLIC_URL", demo=demo)
        settings = cls(
            database_url=reader.url("DATABASE_URL", ("postgresql", "postgres")),
            redis_url=reader.url("REDIS_URL", ("redis", "rediss", "unix")),
            web_database_url=reader.role_url("LOOPKEEPER_WEB_DATABASE_URL"),
            worker_database_url=reader.role_url("LOOPKEEPER_WORKER_DATABASE_URL"),
            check_database_url=reader.role_url("LOOPKEEPER_CHECK_DATABASE_URL"),
            root_key_file=reader.path("LOOPKEEPER_ROOT_KEY_FILE"),
            public_url=public,
            demo=demo,
            host=reader.address("LOOPKEEPER_HOST", "127.0.0.1"),
            port=reader.number("LOOPKEEPER_PORT", 8080, low=1, high=65535),
            smtp=reader.smtp("LOOPKEEPER_SMTP_URL", demo=demo),
            mail_from=reader.mail_address("LOOPKEEPER_MAIL_FROM", demo=demo),
            allowed_hosts=reader.words("LOOPKEEPER_ALLOWED_HOSTS") or _hosts(public),
            trusted_proxies=reader.networks("LOOPKEEPER_TRUSTED_PROXIES"),
            log_level=reader.choice("LOOPKEEPER_LOG_LEVEL", ("info", "debug", "warning", "error")),
            web_pool=reader.number("LOOPKEEPER_WEB_POOL", 10, low=1, high=200),
            worker_pool=reader.number("LOOPKEEPER_WORKER_POOL", 5, low=2, high=200),
            metrics_token=reader.secret("LOOPKEEPER_METRICS_TOKEN"),
            attachments_dir=reader.folder("LOOPKEEPER_ATTACHMENTS_DIR"),
            clamd=reader.socket("LOOPKEEPER_CLAMD"),
            bounce_domain=reader.domain("LOOPKEEPER_BOUNCE_DOMAIN"),
            mailroom=reader.listener("LOOPKEEPER_MAILROOM"),
            mailroom_tls=reader.certificate("LOOPKEEPER_MAILROOM_CERT", "LOOPKEEPER_MAILROOM_KEY"),
            mail_hook_secret=reader.secret("LOOPKEEPER_MAIL_HOOK_SECRET"),
            sms=reader.texts("LOOPKEEPER_SMS_URL", "LOOPKEEPER_SMS_SECOND_URL"),
            metrics=reader.place("LOOPKEEPER_METRICS"),
            alarm_mail=reader.mailboxes("LOOPKEEPER_ALARM_MAIL"),
            alarm_webhook=reader.hook("LOOPKEEPER_ALARM_WEBHOOK"),
            alarm_minutes=reader.number("LOOPKEEPER_ALARM_MINUTES", 10, low=1, high=1440),
            region=reader.region("LOOPKEEPER_REGION"),
        )
        reader.finish()
        return settings

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so that cookies may be Secure and ``__Host-``."""
        return self.public_url.startswith("https://")

    @property
    def return_domain(self) -> str:
        """The domain that mails come back to: the one that is set, or the sender's own."""
        return self.bounce_domain or self.mail_from.rpartition("@")[2]

    @property
    def attachments(self) -> Path:
        """The folder of files: the one that is set, or one beside the root key."""
        return self.attachments_dir or self.root_key_file.absolute().parent / "attachments"


def for_role(url: Secret, role: str, *, password: str) -> Secret:
    """Return the URL of the same database for another role, whose password the root key gives."""
    parts = urlsplit(url.reveal())
    where = parts.netloc.rpartition("@")[2]
    user = f"{quote(role, safe='')}:{quote(password, safe='')}"
    # Not urlunsplit: it drops the slashes of a URL whose server is a Unix socket.
    query = f"?{parts.query}" if parts.query else ""
    return Secret(f"{parts.scheme}://{user}@{where}{parts.path}{query}")


def _hosts(public_url: str) -> tuple[str, ...]:
    host = urlsplit(public_url).hostname
    if not host:
        return ()
    return ("localhost", "127.0.0.1", "[::1]") if is_loopback(host) else (host,)
