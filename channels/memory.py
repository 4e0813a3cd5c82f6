"""A channel that keeps what it is given: for tests and for trying things out."""

from __future__ import annotations

from collections import deque

from channels import mime
from channels.parcel import Later, Never, Parcel, Sent, TextAnswer, TextParcel


class MemoryChannel:
    """Keeps parcels in order in `kept`; `answers` queued with `answer_next` come first.

    It refuses what the mail channel would refuse, so that a test cannot pass here with a
    parcel no server would ever see.
    """

    def __init__(self) -> None:
        self.kept: list[Parcel] = []
        self._answers: deque[Later | Never] = deque()

    def answer_next(self, *answers: Later | Never) -> None:
        """Queue answers for the next parcels, which are then not kept."""
        self._answers.extend(answers)

    async def carry(self, parcel: Parcel) -> Sent | Later | Never:
        """Keep one parcel, or give the next queued answer."""
        try:
            mime.compose(parcel)
        except mime.MalformedError as fault:
            return Never(reason=str(fault), address_dead=fault.part == "address")
        if self._answers:
            return self._answers.popleft()
        self.kept.append(parcel)
        return Sent(parcel.message_id)

    async def close(self) -> None:
        """Do nothing: there is no connection to let go of."""


class MemoryTexts:
    """Keeps texts in order in `kept`; `answers` queued with `answer_next` come first."""

    def __init__(self) -> None:
        self.kept: list[TextParcel] = []
        self._answers: deque[TextAnswer] = deque()

    def answer_next(self, *answers: TextAnswer) -> None:
        """Queue answers for the next texts, which are then not kept."""
        self._answers.extend(answers)

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Keep one text, or give the next queued answer."""
        if self._answers:
            return self._answers.popleft()
        self.kept.append(parcel)
        return Sent(parcel.reference)

    async def close(self) -> None:
        """Do nothing: there is no connection to let go of."""
