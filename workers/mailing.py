"""The way out for mail: which server, and how many connections to it."""

from channels.mail import MailChannel, MailRoute
from channels.parcel import Channel
from service.settings import Settings, Smtp, Tls

OUTBOX_PORT = 1025
"""Where the development outbox listens when the settings of a demonstration name no server."""


def route(settings: Settings) -> MailRoute:
    """Say where mail goes: the server of the settings, or in demo mode the development outbox."""
    if settings.smtp is None:
        return MailRoute(host="127.0.0.1", port=OUTBOX_PORT, insecure_ok=True)
    return _route(settings.smtp)


def _route(smtp: Smtp) -> MailRoute:
    return MailRoute(
        host=smtp.host,
        port=smtp.port,
        username=smtp.user,
        password=smtp.password.reveal(),
        tls="implicit" if smtp.tls is Tls.IMPLICIT else "starttls",
        insecure_ok=smtp.tls is Tls.NONE,
    )


def channels(settings: Settings, *, count: int) -> list[Channel]:
    """Make the mail channels of one courier; each keeps one connection."""
    return [MailChannel(route(settings)) for _ in range(count)]
