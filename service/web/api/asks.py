"""What the API takes about referrals: strict shapes, and how each becomes an action's order."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import orders
from service.actions.create_referral import ExternalId, NewReferral
from service.actions.edit_draft import Change
from service.domain import details, people
from service.domain.details import Code, Count, Moment
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass, Source
from service.domain.rules import Step

Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text without control characters."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line of text that is not empty."""

Text = Annotated[str, msgspec.Meta(max_length=20_000)]
"""Prose; sealed before it is stored."""

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
"""Why an emergency passes the gate on sending; sealed before it is stored."""

TypeCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,7}-[0-9]$")]
"""A LOINC code."""

Version = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Files = Annotated[tuple[UUID, ...], msgspec.Meta(max_length=20)]
"""Files that were sent before, and go along now."""

Services = Annotated[tuple[UUID, ...], msgspec.Meta(max_length=20)]


class Authorization(StrEnum):
    """Where a payer's authorization stands."""

    NOT_NEEDED = "not_needed"
    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"


class HeardBy(StrEnum):
    """How a recipient's answer reached somebody who enters it."""

    PHONE = "phone"
    FAX = "fax"
    LETTER = "letter"
    SMS = "sms"


class OtherId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An id that another system gave: the system's name or address, and the value."""

    system: Name
    value: Name


class NewReferralBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order; with `send` it leaves at once, without it stays a draft."""

    patient_id: UUID
    recipients: Services
    question: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    narrative: Text = ""
    reason_codes: Annotated[tuple[Line, ...], msgspec.Meta(max_length=20)] = ()
    code_system: Line | None = None
    code: Line | None = None
    request: people.Request = people.Request.CONSULT
    priority: people.Priority = people.Priority.ROUTINE
    mode: people.Mode = people.Mode.FIRST_ACCEPTS
    sensitivity: SensitivityClass = SensitivityClass.GENERAL
    consent_basis: ConsentBasis | None = None
    consent_id: UUID | None = None
    phone_handoff_at: Moment | None = None
    ordering_npi: Line | None = None
    ordering_name: Line | None = None
    authorization_number: Line | None = None
    authorization_state: Authorization | None = None
    authorization_expires_on: date | None = None
    requested_by: date | None = None
    external_ids: Annotated[tuple[OtherId, ...], msgspec.Meta(max_length=20)] = ()
    override_reason: Reason | None = None
    send: bool = False


class DraftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change to a draft; what is left out stays as it is."""

    question: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)] | None = None
    narrative: Text | None = None
    reason_codes: Annotated[tuple[Line, ...], msgspec.Meta(max_length=20)] | None = None
    authorization_number: Line | None = None
    priority: people.Priority | None = None
    consent_basis: ConsentBasis | None = None
    consent_id: UUID | None = None
    phone_handoff_at: Moment | None = None
    authorization_state: Authorization | None = None
    authorization_expires_on: date | None = None
    requested_by: date | None = None
    version: Version | None = None


class OwnerBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes it on: a member, or a person by name."""

    name: Line | None = None
    phone: Line | None = None
    member_id: UUID | None = None


class DocumentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consult note, form or letter: a LOINC type, its author, and when it was written."""

    type_code: TypeCode
    text: Annotated[str, msgspec.Meta(max_length=200_000)] = ""
    author: Name
    written_on: date
    received_at: Moment | None = None
    title: Line = ""
    attachments: Files = ()


class OnBehalfBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recipient's answer that came by telephone, fax, letter or text."""

    source: HeardBy
    spoke_to: Name
    happened_at: Moment | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step and what it carries; which fields it needs is in its `open_steps` entry."""

    step: Step
    comment: Text | None = None
    items: Annotated[tuple[Text, ...], msgspec.Meta(max_length=50)] = ()
    owner: OwnerBody | None = None
    document: DocumentBody | None = None
    recipients: Services = ()
    reason: Code | None = None
    due_on: date | None = None
    expected_by: date | None = None
    no_capacity_until: date | None = None
    suggested_service_id: UUID | None = None
    waitlist_position: Count | None = None
    expected_on: date | None = None
    next_check_on: date | None = None
    next_report_on: date | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    time_zone: Line | None = None
    site_id: UUID | None = None
    modality: Code | None = None
    language_help: Code | None = None
    by_whom: Code | None = None
    service_on: date | None = None
    outcome: Code | None = None
    need_met: Code | None = None
    patient_informed: bool = False
    phone_handoff_at: Moment | None = None
    attempt_result: Code | None = None
    attempts: Count = 0


class Together(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What belongs to the form, not to one of its steps."""

    version: Version | None = None
    on_behalf: OnBehalfBody | None = None
    override_reason: Reason | None = None
    also: Annotated[tuple[Wanted, ...], msgspec.Meta(max_length=4)] = ()


StepBody = msgspec.defstruct(
    "StepBody",
    [
        (field.name, field.type, field.default)
        if field.default is not msgspec.NODEFAULT
        else (field.name, field.type)
        for shape in (Wanted, Together)
        for field in msgspec.structs.fields(shape)
    ],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
)
"""A step, the version it was decided on, and the steps of the same form that go with it."""


def order_of(body: Any, *, seen: int, request_id: str) -> orders.Order:
    """Spell a step's body as the order of an action; the caller adds what it is about."""
    return orders.Order(
        wishes=tuple(wish_of(each) for each in (body, *body.also)),
        seen=seen,
        on_behalf=heard(body.on_behalf),
        override_reason=body.override_reason,
        source=Source.API,
        request_id=request_id,
    )


def heard(body: OnBehalfBody | None) -> orders.OnBehalf | None:
    """Spell how an answer reached whoever enters it."""
    if body is None:
        return None
    sane({"on_behalf.happened_at": body.happened_at})
    return orders.OnBehalf(
        source=Source(body.source), spoke_to=body.spoke_to, happened_at=body.happened_at
    )


_CODED = tuple(
    name
    for name in details.Details.__struct_fields__
    if name in Wanted.__struct_fields__ and name != "recipients"
)


def wish_of(body: Any) -> orders.Wish:
    """Spell one step as a wish: codes and dates apart from words, which are sealed."""
    owner = body.owner or OwnerBody()
    coded = {name: getattr(body, name) for name in _CODED}
    sane(coded)
    return orders.Wish(
        step=body.step,
        details=details.Details(**coded, owner_member_id=owner.member_id),
        words=orders.Words(
            comment=body.comment or None,
            items=tuple(item for item in body.items if item.strip()),
            owner_name=owner.name or None,
            owner_phone=owner.phone or None,
        ),
        document=document_of(body.document) if body.document is not None else None,
        service_ids=body.recipients,
    )


def document_of(body: DocumentBody) -> orders.Document:
    """Spell a document as it is filed."""
    if not body.text and not body.attachments:
        advice = "Write the document's text, or take a file along in `attachments`."
        raise faults.Invalid(errors=[{"field": "document.text", "detail": advice}])
    sane({"document.written_on": body.written_on, "document.received_at": body.received_at})
    return orders.Document(
        type_code=body.type_code,
        text=body.text,
        author=body.author,
        written_on=body.written_on,
        received_at=body.received_at,
        title=body.title,
        evidence="api",
        files=body.attachments,
    )


def new_referral(body: NewReferralBody, *, request_id: str) -> NewReferral:
    """Spell an order as its action takes it."""
    fields = msgspec.structs.asdict(body)
    sane(fields)
    fields["service_ids"] = fields.pop("recipients")
    fields["external_ids"] = tuple(
        ExternalId(system=each.system, value=each.value) for each in body.external_ids
    )
    return NewReferral(**fields, source=Source.API, request_id=request_id)


def change_of(body: DraftBody) -> Change:
    """Spell a change to a draft as its action takes it."""
    fields = msgspec.structs.asdict(body)
    fields.pop("version")
    sane(fields)
    return Change(**fields)


_YEARS = range(1900, 2101)


def sane(fields: dict[str, Any]) -> None:
    """Refuse dates nobody can mean: reckoning with them would leave the calendar."""
    wrong = [
        name
        for name, value in fields.items()
        if isinstance(value, date) and value.year not in _YEARS
    ]
    if wrong:
        detail = f"Give a day from {_YEARS.start} to {_YEARS.stop - 1}."
        raise faults.Invalid(errors=[{"field": name, "detail": detail} for name in wrong])
