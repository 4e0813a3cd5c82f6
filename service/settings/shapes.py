"""What settings are made of."""

from enum import StrEnum
from ipaddress import ip_address

import msgspec

from service.faults import Fault, Kind


class SettingsFault(Fault):
    """The settings are not complete."""

    kind, slug = Kind.INVALID, "settings"

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault, one sentence each."""
        super().__init__("\n".join(faults), faults=faults)


class Secret(msgspec.Struct, frozen=True):
    """A value that does not print itself."""

    _value: str

    def reveal(self) -> str:
        """Return the value, where it is really needed."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__


class Tls(StrEnum):
    """How a mail server is spoken to: STARTTLS, TLS from the first byte, or in the clear."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """The mail server that letters are handed to."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: Secret = Secret("")


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """A provider of texts: `name` is twilio or kannel, `url` where it listens, without secrets.

    `sender` is the number texts come from; `service` a Twilio messaging service instead of one.
    `hook` is the secret by which callbacks prove themselves where the provider signs nothing.
    """

    name: str
    url: str
    user: str
    password: Secret
    sender: str = ""
    service: str = ""
    hook: Secret = Secret("")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine, without asking a name server."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
