"""Look before you speak: whether what a mail would say still holds."""

from service.domain import clocks
from service.domain import leg as legs
from service.domain.clocks import Clock
from service.domain.effects import EffectKind
from service.domain.leg import LegState
from service.domain.referral import OPEN, ReferralState
from service.store.outbox import Claim, LetterRow

_LINKED = frozenset({EffectKind.LINK_CODE, EffectKind.LINK_FRESH})
_NEEDS_A_LIVE_LEG = frozenset({EffectKind.INVITE, EffectKind.LINK_FRESH})


def why_moot(effect: Claim, row: LetterRow) -> str | None:
    """Return why nothing is to be said any more, or None; codes only."""
    kind = EffectKind(effect.kind)
    state = LegState(row.leg_state) if row.leg_state else None
    if kind is EffectKind.NUDGE:
        return None if _still_waits(Clock(effect.code or ""), row, state) else "answered"
    if kind in _NEEDS_A_LIVE_LEG and state not in legs.LIVE:
        return "leg_ended"
    if kind is EffectKind.FILLED and state in legs.LIVE:
        return "leg_reopened"
    if kind is EffectKind.CANCEL_REQUEST and state is not LegState.CANCEL_REQUESTED:
        return "answered"
    if kind in _LINKED and row.link_state in ("revoked", "frozen"):
        return "link_ended"
    return None


def _still_waits(clock: Clock, row: LetterRow, state: LegState | None) -> bool:
    if row.referral_state is None or ReferralState(row.referral_state) not in OPEN:
        return False
    if state is None:
        return clocks.clock_of_referral(ReferralState(row.referral_state)) is clock
    if clock is Clock.REVIEW:
        return state is LegState.COMPLETED and row.reviewed_at is None
    if clock is Clock.SUPPLY and row.ask_open:
        return state in legs.LIVE
    return clocks.clock_of_leg(state) is clock
