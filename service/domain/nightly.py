"""The nightly proof: sent = closed + void + open, and every open loop has an owner and a wait."""

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Every referral that was ever sent, by where it stands, in the order they are kept.

    `unowned`: open without an active owner. `unwatched`: open with neither timer nor open work.
    """

    sent: int
    open: int
    closed: int
    void: int
    unowned: int
    unwatched: int

    @property
    def holds(self) -> bool:
        """Whether every referral is accounted for."""
        whole = self.sent == self.open + self.closed + self.void
        return whole and not self.unowned and not self.unwatched
