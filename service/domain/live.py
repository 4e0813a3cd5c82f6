"""Live updates: who hears that something is new, and never what.

A ring says whose, about what and by whom; what leaves the building is "look again".
"""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import msgspec


class Topic(StrEnum):
    """What is new."""

    REFERRAL = "referral"
    THREAD = "thread"
    TASK = "task"


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """Something is new for an organization. `id`: of the event, message or task that made it new.

    `about`: the referral, the thread, or the task. `by`: the member who did it.
    """

    id: UUID
    org_id: UUID
    topic: Topic
    about: UUID
    by: UUID | None = None


class Ear(msgspec.Struct, frozen=True, kw_only=True):
    """What one open page wants to hear: everything of some topics, or of one thing alone."""

    org_id: UUID
    member_id: UUID
    topics: frozenset[Topic]
    about: UUID | None = None

    def hears(self, ring: Ring) -> bool:
        """Say whether this is for that page; nobody is rung for their own acts."""
        return (
            ring.org_id == self.org_id
            and ring.by != self.member_id
            and (ring.about == self.about if self.about else ring.topic in self.topics)
        )


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[Ring, ...])


def spell(rings: Iterable[Ring]) -> bytes:
    """Spell rings for the bell: ids and topics, nothing else is in them."""
    return _ENCODER.encode(tuple(rings))


def read(text: bytes) -> tuple[Ring, ...]:
    """Read what the bell said; raises msgspec.DecodeError on anything else."""
    return _DECODER.decode(text)


class Rung:
    """Remembers what was rung lately, so that looking back a little rings nothing twice."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._known: dict[tuple[UUID, UUID], None] = {}

    def new(self, rings: Iterable[Ring]) -> list[Ring]:
        """Return those that were not rung yet, and remember them."""
        found = [ring for ring in rings if (ring.id, ring.org_id) not in self._known]
        self._known.update(dict.fromkeys((ring.id, ring.org_id) for ring in found))
        for key in list(self._known)[: max(0, len(self._known) - self._size)]:
            del self._known[key]
        return found
