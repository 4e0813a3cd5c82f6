"""Read one referral: what its reader may see, opened, and the look recorded first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import emergency_look, opening
from service.actions.office import Office
from service.actions.opening import Reader
from service.domain import ids, policy
from service.domain.patient import Identity
from service.domain.people import Actor, Capacity, SensitivityClass
from service.domain.policy import Action, Obligation
from service.domain.rules import Party
from service.store import audit, reading, referrals, retracting
from service.store.break_glass import OpenGlass
from service.store.pool import Connection, Scope
from service.store.reading import Card, DocumentCard, HistoryRow, OrderRow, SealedRow
from service.store.referrals import Picture
from service.store.rows import AuditRow

_OF_THE_ORDER = frozenset({"package", "identity"})
"""What every recipient is told; other words are told on one leg."""

_KINDS = ("package", "identity", "reason", "items", "note", "owner", "onbehalf", "document")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as one reader may see it; what may not be opened is None or missing.

    `gone`: the kinds of content of which some was destroyed and opens for nobody.
    """

    card: Card
    stage_only: bool
    notice: bool = False
    broken_glass: UUID | None = None
    picture: Picture | None = None
    order: OrderRow | None = None
    package: dict[str, Any] | None = None
    identity: Identity | None = None
    history: Sequence[HistoryRow] = ()
    documents: Sequence[DocumentCard] = ()
    words: dict[UUID, Any] = {}
    gone: tuple[str, ...] = ()


async def read_referral(
    office: Office,
    actor: Actor,
    referral_id: UUID,
    *,
    printed: bool = False,
    request_id: str | None = None,
) -> Sheet:
    """Open a referral for a reader; the audit row is committed before anything is returned.

    Raises Missing where there is none or it is not this reader's, Refused.
    """
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await reading.cards(connection, actor.org_id, ids=[referral_id])
        if not found:
            raise faults.Missing
        look = await emergency_look.at(connection, actor, found[0])
        card, glass = look.card, look.glass
        owed = may_read(actor, card, broken_glass=card.sensitivity in look.classes)
        sheet = Sheet(card=card, stage_only=Obligation.STAGE_ONLY in owed)
        if not sheet.stage_only:
            sheet = await _filled(office, connection, actor, card, glass=glass)
        detail: dict[str, Any] = {"owed": sorted(owed)}
        detail |= emergency_look.mark(glass)
        detail |= {"printed": True} if printed else {}
        await _record(connection, actor, card, detail, request_id=request_id)
    return sheet


def may_read(actor: Actor, card: Card, *, broken_glass: bool = False) -> frozenset[Obligation]:
    """Return what goes with reading a referral, or raise Refused."""
    resource = policy.Resource(
        org_id=actor.org_id,
        capacity=Capacity(card.capacity),
        classes=frozenset(SensitivityClass(value) for value in card.classes),
        sensitivity=SensitivityClass(card.sensitivity),
        broken_glass=broken_glass,
    )
    owed = opening.obligations(actor, Action.REFERRAL_READ, resource)
    if owed is None:
        raise faults.Refused
    return owed


async def _filled(
    office: Office,
    connection: Connection,
    actor: Actor,
    card: Card,
    *,
    glass: OpenGlass | None,
) -> Sheet:
    assert actor.org_id is not None
    picture = await referrals.picture(connection, referral_id=card.id)
    sealed = [
        row
        for row in await reading.contents(connection, [card.id], kinds=_KINDS)
        if row.kind in _OF_THE_ORDER or concerns(card, row.leg_id)
    ]
    seals = await reading.seals(connection, actor.org_id, ids=[card.id])
    emergency = frozenset(glass.classes if glass is not None else ())
    reader = Reader(office=office, actor=actor, seals=seals, emergency=emergency)
    words = await _opened(reader, card, sealed)
    documents = await _documents(connection, actor, card, words)
    package = opening.newest(sealed, "package").get(card.id)
    identity = opening.newest(sealed, "identity").get(card.id)
    return Sheet(
        card=card,
        stage_only=False,
        broken_glass=glass.id if glass is not None else None,
        notice=card.sensitivity == SensitivityClass.PART2 and card.sensitivity in card.classes,
        picture=picture,
        order=_order(card, await reading.order_of(connection, card.id)),
        package=words.get(package.id) if package else None,
        identity=opening.identity_of(words.get(identity.id)) if identity else None,
        history=_history(actor, card, await reading.history(connection, card.id)),
        documents=documents,
        words=words,
        gone=_gone(reader, card, sealed, documents),
    )


async def _documents(
    connection: Connection, actor: Actor, card: Card, words: dict[UUID, Any]
) -> list[DocumentCard]:
    """List the documents for this reader, and keep which of them were opened."""
    found = [
        each for each in await reading.documents(connection, card.id) if concerns(card, each.leg_id)
    ]
    opened = [each.id for each in found if each.content_id in words]
    await retracting.opened(connection, opened, actor, file=False)
    return found


def _gone(
    reader: Reader, card: Card, sealed: Sequence[SealedRow], documents: Sequence[DocumentCard]
) -> tuple[str, ...]:
    """Name what was destroyed; what was taken back has a tombstone of its own."""
    taken_back = {each.content_id for each in documents if each.retracted_at is not None}
    found = {
        row.kind
        for row in sealed
        if row.envelope is None
        and row.id not in taken_back
        and reader.may(row, capacity=card.capacity, classes=card.classes)
    }
    return tuple(sorted(found))


def concerns(card: Card, leg_id: UUID | None) -> bool:
    """Say whether what belongs to a leg is for this reader: of a recipient only its own legs.

    Who else was asked, and what they said of the patient, is told to the sender and to nobody else.
    An observer sees where the order stands, and nothing of any leg.
    """
    match card.capacity:
        case Capacity.OBSERVER:
            return False
        case Capacity.RECIPIENT:
            return leg_id in {leg.id for leg in card.legs}
        case _:
            return True


def _order(card: Card, order: OrderRow) -> OrderRow:
    kept = tuple(each for each in order.appointments if concerns(card, each.leg_id))
    return msgspec.structs.replace(order, appointments=kept)


def _history(actor: Actor, card: Card, rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    if card.capacity != Capacity.RECIPIENT:
        return list(rows)
    known = {actor.org_id, card.sender_org_id}
    own = [row for row in rows if concerns(card, row.leg_id)]
    of_order = [row for row in rows if row.leg_id is None and row.actor_org_id in known]
    return sorted((_unnamed(row, known) for row in own + of_order), key=lambda row: row.seq)


def _unnamed(row: HistoryRow, known: set[UUID | None]) -> HistoryRow:
    """Leave out who caused what the clock did here: a sibling that was faster has no name."""
    if row.party != Party.CLOCK or row.actor_org_id in known:
        return row
    nobody = dict.fromkeys(
        ("actor_org_id", "actor_org", "actor_member_id", "actor", "api_key_id"), None
    )
    return msgspec.structs.replace(row, **nobody)


async def _opened(reader: Reader, card: Card, sealed: Sequence[SealedRow]) -> dict[UUID, Any]:
    replaced = ("package", "identity")
    last = {row.id for kind in replaced for row in opening.newest(sealed, kind).values()}
    opened: dict[UUID, Any] = {}
    for row in sealed:
        superseded = row.kind in replaced and row.id not in last
        if superseded or not reader.may(row, capacity=card.capacity, classes=card.classes):
            continue
        words = await reader.words(row)
        if words is not None:
            opened[row.id] = words
    return opened


async def _record(
    connection: Connection,
    actor: Actor,
    card: Card,
    detail: dict[str, Any],
    *,
    request_id: str | None,
) -> None:
    row = AuditRow(
        org_id=actor.org_id,
        action="referral.read",
        resource_kind="referral",
        resource_id=card.id,
        sensitivity=card.sensitivity,
        detail=detail,
    )
    await audit.insert(connection, actor, row, request_id=request_id)


async def by_reference(office: Office, actor: Actor, text: str) -> UUID:
    """Find a referral by its public reference, as a person types it; raises Missing."""
    reference = ids.parse_reference(text)
    if reference is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await reading.by_reference(connection, reference)
    if found is None:
        raise faults.Missing
    return found


async def by_external_id(office: Office, actor: Actor, *, system: str, value: str) -> UUID:
    """Find a referral by the id another system gave it in this organization; raises Missing."""
    if actor.org_id is None:
        raise faults.Missing
    known = await office.keys.indexes(actor.org_id, "external_id", (system, value))
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await reading.by_external_id(
            connection,
            actor.org_id,
            kind="referral",
            system=system,
            tokens=[each.digest for each in known],
        )
    if found is None:
        raise faults.Missing
    return found


async def facts_of(office: Office, actor: Actor, referral_id: UUID) -> Picture:
    """Read how a referral stands, to render the answer of an act that was repeated."""
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        return await referrals.picture(connection, referral_id=referral_id)
