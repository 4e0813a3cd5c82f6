"""Look before you speak: whether what a mail or a timer would say still holds."""

from service.domain import clocks
from service.domain import leg as legs
from service.domain.clocks import Clock
from service.domain.effects import ROUTINE, EffectKind
from service.domain.leg import LegState
from service.domain.mail_pace import RoutineMail
from service.domain.people import Channel, Priority
from service.domain.referral import OPEN, ReferralState
from service.store.outbox import Claim, LetterRow

_LINKED = frozenset({EffectKind.LINK_CODE, EffectKind.LINK_FRESH})
_BY_INVITATION = frozenset({EffectKind.PERSON_INVITE, EffectKind.PASSWORD_LINK})
REMINDERS = frozenset({EffectKind.NUDGE, EffectKind.DIGEST})
"""Mails that their reader may end by one click; all others tell something that happened."""

_CLICKED_AWAY = frozenset({EffectKind.NUDGE})
"""What is not sent then; a digest ends when nothing of it is left."""

_OF_A_CLOCK = frozenset({EffectKind.NUDGE, EffectKind.REPORT, EffectKind.MOVED})
_NEEDS_A_LIVE_LEG = frozenset({EffectKind.INVITE, EffectKind.LINK_FRESH})


def why_moot(effect: Claim, row: LetterRow) -> str | None:
    """Return why nothing is to be said any more, or None; codes only."""
    kind = EffectKind(effect.kind)
    state = LegState(row.leg_state) if row.leg_state else None
    unwanted = _unwanted(kind, effect, row)
    if unwanted is not None:
        return unwanted
    if kind in _BY_INVITATION:
        return None if row.invitation_live else "invitation_ended"
    if kind in _OF_A_CLOCK:
        return _overtaken(kind, effect, row)
    if kind in _NEEDS_A_LIVE_LEG and state not in legs.LIVE:
        return "leg_ended"
    if kind is EffectKind.FILLED and state in legs.LIVE:
        return "leg_reopened"
    if kind is EffectKind.CANCEL_REQUEST and state is not LegState.CANCEL_REQUESTED:
        return "answered"
    if kind in _LINKED and row.link_state in ("revoked", "frozen"):
        return "link_ended"
    return None


def _unwanted(kind: EffectKind, effect: Claim, row: LetterRow) -> str | None:
    """Say why this reader is not written to at all."""
    if row.person_id is None:
        if row.channel == Channel.OFFLINE:
            # A task to call them was opened with the step; there is no mailbox to write to.
            return "offline"
        # Whoever waits for them was told when they ended; the clocks run on.
        return "reminders_off" if row.reminders_off and kind in _CLICKED_AWAY else None
    if row.acted_member_id == row.member_id and row.member_id is not None:
        # Whoever stands in for the owner may have taken the step.
        return "own_act"
    if not routine(effect, row) or escalates(effect):
        return None
    if row.routine_mail == RoutineMail.NONE:
        return "not_wanted"
    ended = kind is EffectKind.NUDGE or row.routine_mail == RoutineMail.DIGEST
    return "reminders_off" if row.reminders_off and ended else None


def routine(effect: Claim, row: LetterRow) -> bool:
    """Say whether a mail may wait or be done without: what is urgent never is."""
    return effect.kind in ROUTINE and row.priority in (None, Priority.ROUTINE)


def reports(effect: Claim, row: LetterRow) -> bool:
    """Say whether a mail tells those above of what is late: all of a morning is one report."""
    return effect.kind == EffectKind.REPORT and row.priority in (None, Priority.ROUTINE)


def escalates(effect: Claim) -> bool:
    """Say whether a nudge is a rung of the ladder, to one person by name: nobody silences those."""
    return effect.kind == EffectKind.NUDGE and effect.member_id is not None


def ends_by_click(effect: Claim, row: LetterRow) -> bool:
    """Say whether a mail carries the way out: only where it would be kept."""
    if row.person_id is None:
        return effect.kind in REMINDERS
    if effect.kind == EffectKind.DIGEST:
        return not row.reminders_off
    return effect.kind in REMINDERS and routine(effect, row) and not escalates(effect)


def _overtaken(kind: EffectKind, effect: Claim, row: LetterRow) -> str | None:
    """Say why a word of the ladder is late: it was answered, or has moved on to somebody else."""
    if kind is EffectKind.MOVED:
        stands = effect.code != "to_you" or row.owner_member_id == effect.member_id
        return None if stands else "moved on"
    return None if _nudge_holds(effect, row) else "answered"


def _nudge_holds(effect: Claim, row: LetterRow) -> bool:
    if row.referral_state is None or effect.code is None:
        return False
    return still_waits(
        Clock(effect.code),
        referral_state=row.referral_state,
        leg_state=row.leg_state,
        ask_open=bool(row.ask_open),
        reviewed=row.reviewed_at is not None,
    )


def still_waits(
    clock: Clock, *, referral_state: str, leg_state: str | None, ask_open: bool, reviewed: bool
) -> bool:
    """Say whether a clock still has something to wait for on this leg, or on the referral."""
    order = ReferralState(referral_state)
    if order not in OPEN:
        return False
    if leg_state is None:
        return clocks.clock_of_referral(order) is clock
    state = LegState(leg_state)
    if clock is Clock.REVIEW:
        return state is LegState.COMPLETED and not reviewed
    if clock is Clock.SUPPLY and ask_open:
        return state in legs.LIVE
    return clocks.clock_of_leg(state) is clock
