"""The order in which events are told to an organization's systems."""

from collections import deque
from collections.abc import Sequence
from uuid import UUID

import msgspec


class Unnumbered(msgspec.Struct, frozen=True, kw_only=True):
    """An event without a number: its place in its referral's history, and whether it is due.

    What is not due comes along, because it stands before something that is.
    """

    id: UUID
    referral_id: UUID
    seq: int
    xact: str
    due: bool


def told_in_order(found: Sequence[Unnumbered]) -> list[UUID]:
    """Put events in the order they are told in: as given, but each history in its own order.

    A transaction that began early may have waited for its turn at a referral and written last.
    """
    histories: dict[UUID, deque[UUID]] = {}
    for each in sorted(found, key=lambda event: event.seq):
        histories.setdefault(each.referral_id, deque()).append(each.id)
    return [histories[each.referral_id].popleft() for each in found]
