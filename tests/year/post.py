"""Where mails and texts arrive: each is kept with the simulated moment at which it left."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from channels.memory import MemoryChannel
from channels.parcel import Later, Never, Parcel, Sent, TextParcel

if TYPE_CHECKING:
    from tests.year.handset import Handset

_LINK = re.compile(r"/r/([A-Za-z0-9_-]+)")
_CODE = re.compile(r"\b(\d{4}) ?(\d{4})\b")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that left, and when."""

    at: datetime
    message_id: str
    to: str
    text: str


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text that left, and when; `delivery_id` is the row that knows what it was about."""

    at: datetime
    number: str
    delivery_id: UUID
    text: str


class Letterbox:
    """Takes every mail as a server would, and says what came to whom."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._inner = MemoryChannel()
        self.mails: list[Mail] = []
        self._to: dict[str, list[Mail]] = defaultdict(list)

    async def carry(self, parcel: Parcel) -> Sent | Later | Never:
        """Keep one mail with its moment, or refuse what no server would take."""
        answer = await self._inner.carry(parcel)
        if isinstance(answer, Sent):
            self._inner.kept.clear()
            mail = Mail(
                at=self._now(),
                message_id=parcel.message_id,
                to=parcel.to_address,
                text=f"{parcel.subject}\n{parcel.text}",
            )
            self.mails.append(mail)
            self._to[mail.to].append(mail)
        return answer

    async def close(self) -> None:
        """Hold nothing open."""

    def link(self, mailbox: str, *, about: str) -> str | None:
        """Find the newest link that a mailbox got about a reference."""
        return self._newest(mailbox, _LINK, about=about)

    def code(self, mailbox: str, *, about: str, since: int) -> str | None:
        """Find the code for a reference that came to a mailbox after so many mails."""
        return self._newest(mailbox, _CODE, about=about, since=since)

    def count(self, mailbox: str) -> int:
        """Say how many mails a mailbox has got."""
        return len(self._to[mailbox])

    def _newest(
        self, mailbox: str, pattern: re.Pattern[str], *, about: str = "", since: int = 0
    ) -> str | None:
        for mail in reversed(self._to[mailbox][since:]):
            # A mail may speak of many: what belongs to one stands after its reference.
            _, named, rest = mail.text.partition(about) if about else ("", "all", mail.text)
            found = pattern.search(rest) if named else None
            if found is not None:
                return "".join(found.groups())
        return None


class Tower:
    """Takes every text as a provider would; the handset that it rings may answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.texts: list[Text] = []
        self.handsets: dict[str, Handset] = {}

    async def carry(self, parcel: TextParcel) -> Sent:
        """Keep one text with its moment, and let the phone ring."""
        text = Text(
            at=self._now(),
            number=parcel.to_number,
            delivery_id=UUID(parcel.reference),
            text=parcel.text,
        )
        self.texts.append(text)
        handset = self.handsets.get(parcel.to_number)
        if handset is not None:
            handset.rings(text)
        return Sent(f"memory:{parcel.reference}")

    async def close(self) -> None:
        """Hold nothing open."""
