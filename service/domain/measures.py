"""The three rates: answered, served, need met. Closed is not helped, so they are never one number.

All three share one denominator, the cohort: referrals sent in the period. So the three can be
laid side by side, and what nobody knows stays visible as a remainder instead of raising a rate.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from service.domain.outcome import Disposition, NeedMet


class Rate(StrEnum):
    """Which question a rate answers."""

    ANSWERED = "answered"
    SERVED = "served"
    NEED_MET = "need_met"


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """How a rate is counted, in words for the page that shows it."""

    rate: Rate
    numerator: str
    denominator: str
    excludes: str
    remainder: str


_COHORT = "referrals sent in the period, counted once however many recipients they had"
_EXCLUDED = "drafts, referrals entered in error, and those withdrawn before anybody answered"

MEASURES: tuple[Measure, ...] = (
    Measure(
        rate=Rate.ANSWERED,
        numerator="a recipient accepted, declined or asked for information",
        denominator=_COHORT,
        excludes=_EXCLUDED,
        remainder="no recipient has said anything",
    ),
    Measure(
        rate=Rate.SERVED,
        numerator="the recipient's outcome is served; partly served is shown beside it",
        denominator=_COHORT,
        excludes=_EXCLUDED,
        remainder="still open, no outcome yet",
    ),
    Measure(
        rate=Rate.NEED_MET,
        numerator="the need is said to be met; partly met is shown beside it",
        denominator=_COHORT,
        excludes=_EXCLUDED,
        remainder="unknown: nobody has said, or somebody said that it is not known",
    ),
)
"""The rates as they are published, a row each."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What the events of one referral say about it, and nothing about whom it was for."""

    sent: bool
    void: bool = False
    withdrawn_unanswered: bool = False
    answered: bool = False
    disposition: Disposition | None = None
    need_met: NeedMet = NeedMet.UNKNOWN


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One rate: so many of the cohort yes, so many partly, so many no, the rest not known."""

    rate: Rate
    yes: int
    partly: int
    no: int
    unknown: int

    @property
    def of(self) -> int:
        """The size of the cohort."""
        return self.yes + self.partly + self.no + self.unknown

    @property
    def ratio(self) -> float | None:
        """Yes by cohort, partly not counted; None where there is no cohort."""
        return self.yes / self.of if self.of else None


def in_cohort(referral: Counted) -> bool:
    """Say whether a referral counts in the denominator."""
    return referral.sent and not referral.void and not referral.withdrawn_unanswered


def rates(referrals: Iterable[Counted]) -> tuple[Share, Share, Share]:
    """Count the three rates over these referrals, in the order of `MEASURES`."""
    cohort = [referral for referral in referrals if in_cohort(referral)]
    return (answered(cohort), served(cohort), need_met(cohort))


def answered(cohort: list[Counted]) -> Share:
    """Count who got any answer; silence is the remainder, there is no such thing as a no."""
    yes = sum(referral.answered for referral in cohort)
    return Share(rate=Rate.ANSWERED, yes=yes, partly=0, no=0, unknown=len(cohort) - yes)


def served(cohort: list[Counted]) -> Share:
    """Count who was served; closed without service is a no, an open referral the remainder."""
    found = [referral.disposition for referral in cohort]
    return Share(
        rate=Rate.SERVED,
        yes=found.count(Disposition.SERVED),
        partly=found.count(Disposition.PARTLY_SERVED),
        no=found.count(Disposition.SEEN_NO_SERVICE) + found.count(Disposition.NOT_SERVED),
        unknown=found.count(None),
    )


def need_met(cohort: list[Counted]) -> Share:
    """Count whose need was met, as said by the recipient or the patient."""
    found = [referral.need_met for referral in cohort]
    return Share(
        rate=Rate.NEED_MET,
        yes=found.count(NeedMet.YES),
        partly=found.count(NeedMet.PARTLY),
        no=found.count(NeedMet.NO),
        unknown=found.count(NeedMet.UNKNOWN),
    )
