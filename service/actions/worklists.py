"""Worklists: whose turn it is, a page at a time, with the names its reader may see."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto import token
from crypto.faults import CannotOpen
from service import faults
from service.actions import opening, permission
from service.actions.office import Office
from service.actions.opening import Reader
from service.domain import policy
from service.domain.leg import LIVE, LegState
from service.domain.patient import Identity
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, lists, reading
from service.store.pool import Connection, Scope
from service.store.reading import Card

_LAST = UUID(int=(1 << 128) - 1)


class View(StrEnum):
    """Which list: by whose turn it is, or by where the loop stands."""

    MINE_TO_ANSWER = "mine_to_answer"
    WAITING_FOR_OTHERS = "waiting_for_others"
    NEEDS_ROUTING = "needs_routing"
    TO_REVIEW = "to_review"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    CLOSED = "closed"
    DRAFTS = "drafts"
    ALL = "all"


_MY_TURN = [str(state) for state in LIVE if state is not LegState.NEEDS_INFO]
"""Where the next word is a recipient's; an open question is the sender's to answer."""

_SENT = {
    View.WAITING_FOR_OTHERS: "with_recipient",
    View.NEEDS_ROUTING: "needs_routing",
    View.TO_REVIEW: "awaiting_review",
    View.DRAFTS: "draft",
}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One page; `identities` has an entry for each patient this reader may know."""

    cards: Sequence[Card]
    identities: dict[UUID, Identity]
    next: str | None


async def page(
    office: Office,
    actor: Actor,
    view: View,
    *,
    limit: int,
    after: str | None = None,
    mine: bool = False,
    narrow: lists.Narrow = lists.EVERYTHING,
    request_id: str | None = None,
) -> Listed:
    """Return one page of a list, the newest first; whom it showed is recorded before it is told."""
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)
    scope = f"referrals/{org_id}/{view}/{member_id if mine else ''}"
    if narrow != lists.EVERYTHING:
        scope += f"/{narrow.category or ''}/{narrow.priority or ''}"
    key = await office.keys.network_key("cursor")
    before = _position(key, after, scope=scope)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        ids = await lists.page(
            connection,
            org_id,
            listing=_listing(actor, view),
            before=before,
            limit=limit + 1,
            member_id=member_id if mine else None,
            states=_states(view),
            narrow=narrow,
        )
        shown = ids[:limit]
        found = await _shown(office, connection, actor, shown, name=view, request_id=request_id)
    more = len(ids) > limit
    following = token.seal_cursor(key, str(shown[-1]), scope=scope) if more else None
    return msgspec.structs.replace(found, next=following)


async def _shown(
    office: Office,
    connection: Connection,
    actor: Actor,
    ids: Sequence[UUID],
    *,
    name: str,
    request_id: str | None,
) -> Listed:
    """Read what a list shows, and record it in the same transaction."""
    assert actor.org_id is not None
    cards = await reading.cards(connection, actor.org_id, ids=ids)
    identities = await _identities(office, connection, actor, cards)
    look = audit.Look(name=name, records=[card.id for card in cards])
    await audit.listed(connection, actor, look, request_id=request_id)
    return Listed(cards=cards, identities=identities, next=None)


async def chosen(
    office: Office, actor: Actor, ids: Sequence[UUID], *, name: str, request_id: str | None = None
) -> Listed:
    """Return these referrals, those that are told; `name` says in the record what for."""
    org_id, _ = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        return await _shown(office, connection, actor, ids, name=name, request_id=request_id)


NEEDS_ME = (
    View.OVERDUE,
    View.DUE_TODAY,
    View.MINE_TO_ANSWER,
    View.NEEDS_ROUTING,
    View.TO_REVIEW,
)
"""What needs a person, the soonest first."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """The first of a list that needs a person; each referral stands in one of them only."""

    view: View
    cards: Sequence[Card]


class NeedsMe(msgspec.Struct, frozen=True, kw_only=True):
    """What needs a person, list by list, and how much of it they put aside."""

    sections: list[Section]
    identities: dict[UUID, Identity]
    asleep: int


async def needs_me(
    office: Office,
    actor: Actor,
    *,
    limit: int,
    mine: bool = False,
    request_id: str | None = None,
) -> NeedsMe:
    """Return what needs a person, list by list; whom it showed is recorded before it is told.

    What this person put aside is left out until its day, or until something happens to it.
    """
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        asleep = await lists.asleep(connection, org_id, member_id=member_id)
        found: dict[View, list[UUID]] = {}
        placed = {each.referral_id for each in asleep}
        for view in NEEDS_ME:
            ids = await lists.page(
                connection,
                org_id,
                listing=_listing(actor, view),
                before=_LAST,
                limit=limit + len(asleep),
                member_id=member_id if mine else None,
                states=_states(view),
            )
            found[view] = [each for each in ids if each not in placed][:limit]
            placed |= set(ids)
        shown = [each for ids in found.values() for each in ids]
        cards = {card.id: card for card in await reading.cards(connection, org_id, ids=shown)}
        identities = await _identities(office, connection, actor, list(cards.values()))
        look = audit.Look(name="needs_me", records=list(cards))
        await audit.listed(connection, actor, look, request_id=request_id)
    sections = [
        Section(view=view, cards=[cards[each] for each in ids if each in cards])
        for view, ids in found.items()
    ]
    return NeedsMe(sections=sections, identities=identities, asleep=len(asleep))


COUNTED = 100
"""How far a list is counted; beyond it a person needs no number but a start."""

COUNTED_VIEWS = tuple(view for view in View if view is not View.ALL)


async def counts(office: Office, actor: Actor) -> dict[View, int]:
    """Count each list by the very statements that fill it, up to COUNTED; nothing is opened."""
    org_id, _ = permission.own(actor, Action.REFERRAL_LIST)
    found: dict[View, int] = {}
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        for view in COUNTED_VIEWS:
            ids = await lists.page(
                connection,
                org_id,
                listing=_listing(actor, view),
                before=_LAST,
                limit=COUNTED,
                member_id=None,
                states=_states(view),
            )
            found[view] = len(ids)
    return found


def _position(key: bytes, after: str | None, *, scope: str) -> UUID:
    if after is None:
        return _LAST
    try:
        return UUID(token.open_cursor(key, after, scope=scope, kind=str))
    except (CannotOpen, ValueError):
        raise faults.Invalid(
            errors=[{"field": "after", "detail": "Use the `next` of the same list."}]
        ) from None


def _listing(actor: Actor, view: View) -> str:
    match view:
        case View.MINE_TO_ANSWER:
            return "to_answer"
        case View.OVERDUE | View.DUE_TODAY:
            return str(view)
        case View.CLOSED | View.ALL:
            return "party"
        case _:
            return "network" if actor.cco else "sent"


def _states(view: View) -> list[str] | str | None:
    if view is View.MINE_TO_ANSWER:
        return _MY_TURN
    if view in (View.OVERDUE, View.DUE_TODAY):
        return [str(state) for state in LIVE]
    return "closed" if view is View.CLOSED else _SENT.get(view)


def stage_only(actor: Actor, card: Card) -> bool:
    """Say whether this reader sees of a referral no more than where it stands."""
    resource = policy.Resource(
        org_id=actor.org_id,
        capacity=policy.Capacity(card.capacity),
        classes=frozenset(policy.SensitivityClass(value) for value in card.classes),
        sensitivity=policy.SensitivityClass(card.sensitivity),
    )
    owed = opening.obligations(actor, Action.REFERRAL_READ, resource)
    return owed is None or policy.Obligation.STAGE_ONLY in owed


async def _identities(
    office: Office, connection: Connection, actor: Actor, cards: Sequence[Card]
) -> dict[UUID, Identity]:
    ids = [card.id for card in cards if not stage_only(actor, card)]
    if not ids or actor.org_id is None:
        return {}
    sealed = opening.newest(await reading.contents(connection, ids, kinds=["identity"]), "identity")
    seals = await reading.seals(connection, actor.org_id, ids=ids)
    reader = Reader(office=office, actor=actor, seals=seals)
    known: dict[UUID, Identity] = {}
    for card in cards:
        row = sealed.get(card.id)
        if row is None or not reader.may(row, capacity=card.capacity, classes=card.classes):
            continue
        identity = opening.identity_of(await reader.words(row))
        if identity is not None:
            known[card.id] = identity
    return known
