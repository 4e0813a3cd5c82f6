"""Prove one line of the record, so that anybody can check it with the public key alone."""

from uuid import UUID

from crypto import inclusion, merkle
from crypto.faults import CannotOpen
from crypto.inclusion import Proof
from service import faults
from service.actions import search_record
from service.actions.office import Office
from service.domain.people import Actor
from service.store import audit, record_proofs
from service.store.pool import Connection, Scope
from service.store.record_proofs import Provable
from service.store.rows import AuditRow

_HASH = 32


class NotSealedYet(faults.Fault):
    """This line has no number yet."""

    kind, slug = faults.Kind.CONFLICT, "not-sealed-yet"
    advice = "Lines are sealed every two seconds; ask again in a moment."


async def prove_line(
    office: Office, actor: Actor, *, line_id: UUID, request_id: str | None = None
) -> Proof:
    """Return the proof of a line; to prove others' acts is a line itself, committed first.

    Raises Refused for another's act to all but those who read the whole record, Missing,
    NotSealedYet.
    """
    org_id, own = search_record.reach(actor)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        found = await record_proofs.line(connection, org_id, line_id=line_id)
        if own is not None and (found is None or found.member_id != own):
            raise faults.Refused
        if found is None:
            raise faults.Missing
        proof = await _proof(connection, org_id, line_id, found)
        if own is None:
            note = AuditRow(
                org_id=org_id, action="audit.prove", resource_kind="audit", resource_id=line_id
            )
            await audit.insert(connection, actor, note, request_id=request_id)
    return proof


async def _proof(connection: Connection, org_id: UUID, line_id: UUID, found: Provable) -> Proof:
    head = await record_proofs.newest_head(connection, org_id)
    if found.seq is None or head is None or found.seq > head.size:
        raise NotSealedYet
    place = found.seq - 1
    ends = merkle.path_ends(place, head.size)
    kept = await record_proofs.kept(connection, org_id, ends=ends)
    try:
        path = merkle.path(place, head.size, kept)
    except CannotOpen:
        raise faults.Unreadable from None
    way = head.way.path
    return Proof(
        audit_id=line_id,
        log_id=org_id,
        line=found.columns,
        leaf=inclusion.leaf_of(found.columns).hex(),
        seq=found.seq,
        size=head.size,
        path=tuple(each.hex() for each in path),
        heads_place=head.way.place,
        heads_path=tuple(way[at : at + _HASH].hex() for at in range(0, len(way), _HASH)),
        checkpoint=head.signed.line(),
    )
