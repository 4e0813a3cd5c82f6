"""After the glass was broken: who looked is listed, ends it early, and is reviewed by another."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from crypto.sealed import Place
from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy, texts
from service.domain.people import Actor, Role
from service.store import audit
from service.store import break_glass as glasses
from service.store.break_glass import GlassCard
from service.store.pool import Scope
from service.store.rows import AuditRow

_LAST = UUID(int=(1 << 128) - 1)
_SEES_ALL = frozenset({Role.PRIVACY_OFFICER, Role.ORG_ADMIN})


class Verdict(StrEnum):
    """What a privacy officer says of an access."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verdict, and why."""

    verdict: Verdict
    comment: texts.Text

    def __repr__(self) -> str:
        return "<review>"


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An emergency access as an organization sees it: its own with the words, others' without."""

    id: UUID
    org_id: UUID
    organization: str
    member_id: UUID
    reason: str
    medical_emergency: bool
    classes: tuple[str, ...]
    opened_at: datetime
    until_at: datetime
    member: str | None = None
    referral_id: UUID | None = None
    reference: str | None = None
    ended_at: datetime | None = None
    reviewed_at: datetime | None = None
    verdict: str | None = None
    words: str | None = None
    comment: str | None = None

    def __repr__(self) -> str:
        return f"<access {self.id}>"


async def listing(
    office: Office,
    actor: Actor,
    *,
    after: UUID | None = None,
    limit: int = 50,
    request_id: str | None = None,
) -> Sequence[Seen]:
    """List accesses, the newest first: one's own, or all to those who watch over them."""
    org_id, member_id = permission.own(actor, policy.Action.GLASS_LIST)
    everybody = bool(actor.roles & _SEES_ALL)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await glasses.page(
            connection,
            org_id,
            member_id=None if everybody else member_id,
            before=after or _LAST,
            limit=limit,
        )
        await audit.listed(connection, actor, _look(found), request_id=request_id)
    return [await _seen(office, org_id, card) for card in found]


def _look(found: Sequence[GlassCard]) -> audit.Look:
    about = [card.referral_id for card in found if card.referral_id is not None]
    records = [*(card.id for card in found), *about]
    return audit.Look(action="break_glass.list", name="accesses", records=records)


async def _seen(office: Office, org_id: UUID, card: GlassCard) -> Seen:
    fields = msgspec.structs.asdict(card)
    sealed, review = fields.pop("sealed"), fields.pop("review_sealed")
    fields["classes"] = tuple(card.classes)
    return Seen(
        **fields,
        words=await _words(office, org_id, card.id, sealed, column="sealed"),
        comment=await _words(office, org_id, card.id, review, column="review_sealed"),
    )


async def _words(
    office: Office, org_id: UUID, glass_id: UUID, sealed: bytes | None, *, column: str
) -> str | None:
    if sealed is None:
        return None
    place = Place(table="break_glass", column=column, row_id=glass_id, org_id=org_id)
    return (await office.keys.open_field(org_id, sealed, place=place)).decode()


async def end(office: Office, actor: Actor, *, glass_id: UUID) -> None:
    """End one's own access before its hour is over; raises Missing where none of it is open."""
    org_id, member_id = permission.own(actor, policy.Action.GLASS_END)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if not await glasses.finish(connection, org_id, glass_id=glass_id, member_id=member_id):
            raise faults.Missing
        await audit.insert(connection, actor, _line("break_glass.end", org_id, glass_id))


async def leave(office: Office, actor: Actor) -> None:
    """End whatever this session has open: whoever signs out leaves the glass."""
    if actor.org_id is None or actor.session_id is None:
        return
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        await glasses.finish_session(connection, actor.org_id, session_id=actor.session_id)


async def review(
    office: Office,
    actor: Actor,
    *,
    glass_id: UUID,
    wish: Review,
    request_id: str | None = None,
) -> None:
    """Say whether an access was justified, which ends it; raises Missing, Refused, Stale."""
    org_id, member_id = permission.own(actor, policy.Action.GLASS_REVIEW)
    if not wish.comment.strip():
        raise faults.Invalid(errors=[{"field": "comment", "detail": "Say why you think so."}])
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        known = await glasses.fetch(connection, org_id, glass_id=glass_id)
        if member_id == known.member_id or actor.person_id == known.person_id:
            raise faults.Refused("Another privacy officer reviews what you opened yourself.")
        place = Place(table="break_glass", column="review_sealed", row_id=glass_id, org_id=org_id)
        sealed = await office.keys.seal_field(org_id, wish.comment.encode(), place=place)
        if not await glasses.review(
            connection,
            org_id,
            glass_id=glass_id,
            member_id=member_id,
            verdict=wish.verdict,
            sealed=sealed,
        ):
            raise faults.Stale
        line = _line("break_glass.review", org_id, glass_id, verdict=wish.verdict)
        await audit.insert(connection, actor, line, request_id=request_id)


def _line(action: str, org_id: UUID, glass_id: UUID, **detail: str) -> AuditRow:
    return AuditRow(
        org_id=org_id,
        action=action,
        resource_kind="break_glass",
        resource_id=glass_id,
        detail=detail,
    )
