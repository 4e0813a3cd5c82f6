"""What a channel carries and what it may answer.

A channel answers; it does not raise. Its answers carry codes and sentences of our own only,
never a server's words: a mail server likes to quote the address back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One text for one address, complete: carrying it twice sends the same bytes.

    `date` must be aware. `message_id` has its angle brackets. `sender` and `reply_to` are
    "Name <address>" or a bare address; `headers` are further headers by name. `return_path` is
    where a mail that cannot be delivered comes back to, empty for `sender`.
    """

    to_address: str
    subject: str
    text: str
    message_id: str
    sender: str
    date: datetime
    html: str = ""
    reply_to: str = ""
    return_path: str = ""
    headers: dict[str, str] = {}
    kind: Literal["mail"] = "mail"

    def __repr__(self) -> str:
        """Name the parcel without its address, subject or text."""
        return f"<Parcel {self.kind} {self.message_id}>"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Give pretty printers no more than repr gives."""
        return [("message_id", self.message_id)]


class TextParcel(msgspec.Struct, frozen=True, kw_only=True):
    """One text message for one phone, complete: carrying it twice says the same words.

    `to_number` is E.164. `reference` is our delivery's id in hex, by which the provider's receipts
    name the message. `sender` is the number or name it comes from, empty for the provider's own.
    `gsm`: every character is in the alphabet of GSM 7 bit, so that it travels in that.
    """

    to_number: str
    text: str
    reference: str
    gsm: bool
    sender: str = ""
    kind: Literal["sms"] = "sms"

    def __repr__(self) -> str:
        """Name the parcel without its number or text."""
        return f"<TextParcel {self.reference}>"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Give pretty printers no more than repr gives."""
        return [("reference", self.reference)]


class Sent(msgspec.Struct, frozen=True):
    """The next hop took the parcel; `ref` is how a later receipt names it."""

    ref: str


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """The parcel was not taken, and trying again may help.

    `unreachable` says that nothing was learned about this parcel: the way itself is closed, so
    no try is counted. `wait_s` is the other side's wish in seconds, where it named one.
    """

    reason: str
    unreachable: bool = False
    wait_s: float | None = None


class Never(msgspec.Struct, frozen=True, kw_only=True):
    """The parcel was refused for good; `address_dead` says that the address itself is to blame.

    `opted_out`: whoever reads there told the provider to let nothing of ours through.
    """

    reason: str
    address_dead: bool = False
    opted_out: bool = False


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """The other side was given the parcel and never answered: it may travel, or may not.

    Nobody may send it again by another way: it could arrive twice. Its receipt will tell, or 72
    hours without one.
    """

    reason: str


Answer = Sent | Later | Never
TextAnswer = Sent | Later | Never | Unknown


class Channel(Protocol):
    """A way out of the building."""

    async def carry(self, parcel: Parcel) -> Sent | Later | Never:
        """Carry one parcel and say what became of it; raise nothing but cancellation."""
        ...

    async def close(self) -> None:
        """Let go of connections; a closed channel may be used again."""
        ...


class TextChannel(Protocol):
    """A way to phones."""

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Carry one text and say what became of it; raise nothing but cancellation."""
        ...

    async def close(self) -> None:
        """Let go of connections; a closed channel may be used again."""
        ...
