"""The document that `write_step` reads: a plan, and what the action adds to it, as plain rows."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service.domain import ids
from service.domain.facts import LegFacts
from service.domain.leg import TERMINAL
from service.domain.people import Actor, ActorKind, Source
from service.domain.plan import EventRow, Plan
from service.domain.rules import Step


class ContentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed content of a referral."""

    id: UUID
    kind: str
    context_id: UUID
    sensitivity: str
    epoch: int
    envelope: bytes
    leg_id: UUID | None = None


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A document's clear part; its words are the content of `content_id`."""

    id: UUID
    content_id: UUID
    type_code: str
    sensitivity: str
    written_on: Any
    received_at: datetime
    source: str
    evidence: str
    leg_id: UUID | None = None
    entered_by_member_id: UUID | None = None
    files: tuple[UUID, ...] = ()


class EpochRow(msgspec.Struct, frozen=True, kw_only=True):
    """A new epoch of a class of a referral."""

    context_id: UUID
    sensitivity: str
    epoch: int


class DisclosureRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who was told, on what basis: written with the seal that tells."""

    org_id: UUID
    patient_id: UUID | None
    to_org_id: UUID
    context_id: UUID
    sensitivity: str
    epoch: int
    basis: str
    consent_id: UUID | None = None


class OnceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An idempotency key as it is spent: who, which key, on which body, for which answer."""

    principal: UUID
    key: str
    body_mac: bytes
    route: str
    status: int
    org_id: UUID
    resource_id: UUID | None = None
    resource_version: int | None = None


class ExternalIdRow(msgspec.Struct, frozen=True, kw_only=True):
    """An id of another system, sealed, with its blind index."""

    org_id: UUID
    kind: str
    system: str
    token: bytes
    subject_id: UUID
    sealed: bytes
    key_version: int = 1


class FileCopyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What opens an older file of a thread for the readers of a newer epoch."""

    id: UUID
    attachment_id: UUID
    sensitivity: str
    epoch: int
    label: bytes
    head: bytes
    author_org_id: UUID


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record of every look and act; no content, names or secrets."""

    org_id: UUID | None
    action: str
    resource_kind: str | None = None
    resource_id: UUID | None = None
    sensitivity: str | None = None
    detail: dict[str, Any] = {}


class StepRows(msgspec.Struct, frozen=True, kw_only=True):
    """What an action adds to a plan: who acted, and everything that had to be sealed."""

    actor: Actor
    source: Source
    now: datetime
    on_behalf: bool = False
    happened_at: datetime | None = None
    request_id: str | None = None
    detail: dict[str, Any] = {}
    words: dict[int, UUID] = {}
    joins: dict[UUID, tuple[str, tuple[str, ...]]] = {}
    overrides: dict[UUID, UUID] = {}
    contents: tuple[ContentRow, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    epochs: tuple[EpochRow, ...] = ()
    seals: tuple[SealRow, ...] = ()
    disclosures: tuple[DisclosureRow, ...] = ()
    external_ids: tuple[ExternalIdRow, ...] = ()
    facts: dict[str, Any] | None = None
    order: dict[str, Any] | None = None
    edit: dict[str, Any] | None = None
    ground: dict[str, Any] | None = None
    audits: tuple[AuditRow, ...] = ()
    once: OnceRow | None = None
    worker_id: UUID | None = None


def document(plan: Plan, step: StepRows) -> dict[str, Any]:
    """Spell a plan and its additions as the one json document of `write_step`."""
    after = plan.referral
    return {
        "now": step.now,
        "author_org_id": step.actor.org_id,
        "mode": after.mode,
        "state": after.state,
        "last_seq": after.last_seq,
        "sent_at": after.sent_at,
        "hold_until": after.hold_until,
        "closed_at": after.closed_at,
        "disposition": after.disposition,
        "need_met": after.need_met,
        "close_reason": after.close_reason,
        "owner_org_id": after.owner_org_id,
        "owner_member_id": after.owner_member_id,
        "changed_legs": [_leg(leg) for leg in plan.changed_legs],
        "new_legs": [_leg(leg) for leg in plan.new_legs],
        "ended_legs": [leg.id for leg in plan.changed_legs if leg.state in TERMINAL],
        "events": [_event(event, step) for event in plan.events],
        "joins": _joins(step),
        "leaves": list(plan.leaves),
        "returns": list(step.joins) if _takes_back(plan) else [],
        # The clock ends only what nobody ever took in, and has no way to conversations.
        "falls_silent": [] if step.actor.kind is ActorKind.CLOCK else list(plan.leaves),
        "disarm": list(plan.disarm),
        "moot": list(plan.moot),
        "cancel_effects": list(plan.cancel_effects_of),
        "appointment_leg_id": plan.appointment_state[0] if plan.appointment_state else None,
        "appointment_state": plan.appointment_state[1] if plan.appointment_state else None,
        "capacity": plan.capacity,
        "order": step.order,
        "edit": step.edit,
        "ground": step.ground,
        **_fresh(plan),
        **_sealed(step),
        **_record(step),
    }


def _takes_back(plan: Plan) -> bool:
    return any(event.rule.step == Step.UNDO for event in plan.acted)


def _fresh(plan: Plan) -> dict[str, Any]:
    """Give every new row its id; ids are made here because the web never reads what it inserts."""
    named = {
        "arm": plan.arm,
        "effects": (*plan.effects, *plan.texts),
        "tasks": plan.tasks,
        "appointments": (plan.appointment,) if plan.appointment else (),
    }
    return {
        name: [{"id": ids.new_id(), **msgspec.structs.asdict(row)} for row in found]
        for name, found in named.items()
    }


def _joins(step: StepRows) -> list[dict[str, Any]]:
    return [
        {
            "org_id": org_id,
            "capacity": capacity,
            "classes": list(classes),
            "override_consent_id": step.overrides.get(org_id),
        }
        for org_id, (capacity, classes) in step.joins.items()
    ]


def _leg(leg: LegFacts) -> dict[str, Any]:
    return msgspec.structs.asdict(leg)


def _event(event: EventRow, step: StepRows) -> dict[str, Any]:
    actor = step.actor
    rule = event.rule
    return {
        "id": ids.new_id(),
        "seq": event.seq,
        "leg_id": event.leg_id,
        "machine": rule.machine,
        "from_state": rule.from_state,
        "step": rule.step,
        "party": rule.party,
        "becomes": rule.becomes,
        "rule_id": rule.id,
        **_who(step),
        "source": step.source,
        "on_behalf": step.on_behalf and event.acted,
        "happened_at": _happened(event, step),
        "reason": event.reason,
        "detail": step.detail if event.acted else {},
        "content_id": step.words.get(event.seq),
        "undoes_seq": event.undoes_seq,
        "author_org_id": actor.org_id,
    }


def _happened(event: EventRow, step: StepRows) -> datetime:
    """Return when an event was; what follows an act is of now, but for an order of before."""
    dated = event.acted or step.order is not None
    return step.happened_at if step.happened_at is not None and dated else step.now


def _who(step: StepRows) -> dict[str, Any]:
    actor = step.actor
    return {
        "actor_kind": actor.kind,
        "actor_org_id": actor.org_id,
        "actor_member_id": actor.member_id,
        "api_key_id": actor.api_key_id,
        "link_id": actor.link_id,
        "worker_id": step.worker_id,
    }


def _sealed(step: StepRows) -> dict[str, Any]:
    return {
        "epochs": [classed(row) for row in step.epochs],
        "seals": [classed(row) for row in step.seals],
        "disclosures": [{"id": ids.new_id(), **classed(row)} for row in step.disclosures],
        "contents": [classed(row) for row in step.contents],
        "documents": [classed(row) for row in step.documents],
        "bound": [
            {"id": file_id, "document_id": row.id}
            for row in step.documents
            for file_id in row.files
        ],
        "external_ids": [classed(row) for row in step.external_ids],
    }


def _record(step: StepRows) -> dict[str, Any]:
    who = _who(step) | {"request_id": step.request_id}
    return {
        "facts": [step.facts] if step.facts else [],
        "audits": [{"id": ids.new_id(), **who, **classed(row)} for row in step.audits],
        "idempotency": [classed(step.once)] if step.once else [],
    }


def classed(row: msgspec.Struct) -> dict[str, Any]:
    """Spell a row's fields as its columns: bytes as hex, `sensitivity` as `class`."""
    fields = msgspec.structs.asdict(row)
    if "sensitivity" in fields:
        fields["class"] = fields.pop("sensitivity")
    return {name: _column(value) for name, value in fields.items()}


def _column(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + base64.b16encode(value).decode()
    return value
