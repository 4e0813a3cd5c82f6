"""How a step changes the columns of a referral: when it was sent, how it ended, what came of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from service.domain import facts as fact_checks
from service.domain.details import Details
from service.domain.facts import ReferralFacts
from service.domain.leg import LegState
from service.domain.outcome import Disposition, NeedMet, combined, disposition_of_code
from service.domain.referral import ReferralState
from service.domain.rules import Rule, Step

_Mover = Callable[[ReferralFacts, Details, datetime], ReferralFacts]


def moved(referral: ReferralFacts, rule: Rule, *, details: Details, now: datetime) -> ReferralFacts:
    """Return the referral as it stands after a rule was used on it; a review signs its legs."""
    after = msgspec.structs.replace(referral, state=ReferralState(rule.becomes))
    return _MOVES.get(rule.step, _nothing)(after, details, now)


def _nothing(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    return referral


def _send(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    held = now + timedelta(seconds=fact_checks.HOLD_SECONDS)
    return msgspec.structs.replace(referral, sent_at=now, hold_until=held)


def _recall(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    # The hold itself stays on record: its legs follow by the same condition (L01, held).
    return msgspec.structs.replace(referral, sent_at=None)


def _close(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    return msgspec.structs.replace(
        referral,
        closed_at=now,
        close_reason=details.reason,
        disposition=Disposition.NOT_SERVED,
        need_met=NeedMet.NO,
    )


def _open_again(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    return msgspec.structs.replace(
        referral, closed_at=None, disposition=None, need_met=None, close_reason=None
    )


def _review(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    """Sign what came back; the reviewer may know better than the outcomes how it ended."""
    done = [leg for leg in referral.legs if leg.state is LegState.COMPLETED]
    ends = [disposition_of_code(leg.outcome) for leg in done if leg.outcome is not None]
    signed = tuple(
        msgspec.structs.replace(leg, reviewed_at=now, version=leg.version + 1)
        if leg.unreviewed
        else leg
        for leg in referral.legs
    )
    return msgspec.structs.replace(
        referral,
        legs=signed,
        closed_at=now,
        disposition=details.disposition or combined(ends),
        need_met=_need_met([leg.need_met for leg in done]),
    )


def _escalate(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    if referral.cco_org_id is None or details.owner_member_id is None:
        return referral
    return msgspec.structs.replace(
        referral, owner_org_id=referral.cco_org_id, owner_member_id=details.owner_member_id
    )


def _hand_back(referral: ReferralFacts, details: Details, now: datetime) -> ReferralFacts:
    if referral.back_to is None:
        return referral
    return msgspec.structs.replace(
        referral, owner_org_id=referral.sender_org_id, owner_member_id=referral.back_to
    )


def _need_met(answers: list[str | None]) -> str:
    """Add several recipients' answers up: the least certain of unlike answers wins."""
    known = {answer for answer in answers if answer is not None}
    if len(known) == 1:
        return known.pop()
    if NeedMet.YES in known or NeedMet.PARTLY in known:
        return NeedMet.PARTLY
    return NeedMet.UNKNOWN


_MOVES: dict[Step, _Mover] = {
    Step.SEND: _send,
    Step.RECALL: _recall,
    Step.CLOSE_WITHOUT_SERVICE: _close,
    Step.REVIEW: _review,
    Step.REOPEN: _open_again,
    Step.LATE_DOCUMENT: _open_again,
    Step.ESCALATE: _escalate,
    Step.HAND_BACK: _hand_back,
}
