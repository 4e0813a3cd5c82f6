"""The neutral card of a link: what is asked, by whom, until when; never who it is about."""

from datetime import datetime, timedelta

import msgspec

from service.actions import permission
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import decide, policy
from service.domain.facts import UNDO_SECONDS, Hand, LegFacts
from service.domain.rules import Party, Step
from service.store import link_views, links, referrals
from service.store.link_views import CardRow
from service.store.links import Line
from service.store.pool import Scope

NEUTRAL = frozenset({Step.ACCEPT, Step.DECLINE, Step.ASK, Step.CONFIRM_CANCEL, Step.UNDO})
"""Steps that need no knowledge of the person, so no step-up. Source: links.md 7."""

BY_LINK = NEUTRAL | {
    Step.WAITLIST,
    Step.SCHEDULE,
    Step.NO_SHOW,
    Step.CANCEL_APPOINTMENT,
    Step.START,
    Step.COMPLETE,
    Step.GIVE_UP,
    Step.ADDENDUM,
}
"""Every step the pages of a link offer."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The card, the steps that are open to this visit now, and until when one may be undone."""

    row: CardRow
    acts: tuple[Step, ...]
    undo_until: datetime | None
    last_step: str | None
    evidence: str


def resource(visit: Visit) -> policy.Resource:
    """Name what a visit may ask about: the link it came by."""
    return policy.Resource(org_id=visit.org_id, link_id=visit.link_id)


async def read_card(office: Office, visit: Visit, *, request_id: str | None = None) -> Card | None:
    """Read the card of a visit's one leg; nothing once its organization has no part any more.

    That it was read is committed before it is told.
    """
    permission.require(visit.actor, policy.Action.LINK_READ_CARD, resource=resource(visit))
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        row = await link_views.card(connection, visit.leg_id)
        if row is None:
            return None
        line = Line(
            action="link.read_card",
            resource_kind="leg",
            resource_id=visit.leg_id,
            referral_id=visit.referral_id,
            request_id=request_id,
        )
        await links.record(connection, visit.actor, line)
        picture = await referrals.picture(connection, leg_id=visit.leg_id)
    leg = picture.facts.leg(visit.leg_id)
    acts = _open(visit, picture, leg)
    last = picture.facts.last_event(visit.leg_id)
    until = None
    if last is not None and Step.UNDO in acts:
        until = last.entered_at + timedelta(seconds=UNDO_SECONDS)
    return Card(
        row=row,
        acts=acts,
        undo_until=until,
        last_step=last.step if last is not None else None,
        evidence=picture.facts.evidence,
    )


def _open(visit: Visit, picture: referrals.Picture, leg: LegFacts | None) -> tuple[Step, ...]:
    hand = Hand(link_id=visit.link_id)
    rules = decide.open_steps(picture.facts, leg, parties=(Party.LINK,), now=picture.now, by=hand)
    offered = BY_LINK if visit.stepped_up else NEUTRAL
    return tuple(dict.fromkeys(rule.step for rule in rules if rule.step in offered))
