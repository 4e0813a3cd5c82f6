"""What is kept with a patient, over the API: people to talk to, and what was allowed."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import keep_consents, keep_contacts
from service.actions.keep_consents import Ending, KeptConsent, NewConsent
from service.actions.keep_contacts import Contact, NewContact
from service.domain.people import SensitivityClass
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """The people to talk to about a patient."""

    items: tuple[Contact, ...]


class Consents(msgspec.Struct, frozen=True, kw_only=True):
    """A patient's consents, the newest first."""

    items: tuple[KeptConsent, ...]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the consent, to be named in a referral."""

    id: UUID


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """The open referrals that stood on the consent; their owners were asked to decide."""

    referral_ids: tuple[UUID, ...]


class EndBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a consent ends: taken back by the patient, or by the event it names."""

    why: Ending = Ending.WITHDRAWN


class ContactsAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody, or who may be told of one class only."""

    told_of: SensitivityClass | None = None


@routing.door(
    "POST",
    "/api/v1/patients/{patient_id:uuid}/contacts",
    policy=Action.PATIENT_EDIT,
    takes=NewContact,
    gives=Contact,
    status=201,
)
async def add_contact(request: Asked) -> Response[Any]:
    """Keep somebody to talk to."""
    body = await routing.body(request, NewContact)
    kept = await keep_contacts.add_contact(
        desk.of(request).office, guards.actor(request), wish=body, **request.path_params
    )
    return routing.answer(kept, status=201, version=kept.version)


@routing.door(
    "GET",
    "/api/v1/patients/{patient_id:uuid}/contacts",
    policy=Action.PATIENT_READ,
    asks=ContactsAsk,
    gives=Contacts,
)
async def contacts(request: Asked) -> Response[Any]:
    """List the people to talk to, or those who may be told of a class."""
    ask = routing.query(request, ContactsAsk)
    found = await keep_contacts.list_contacts(
        desk.of(request).office, guards.actor(request), told_of=ask.told_of, **request.path_params
    )
    return routing.answer(Contacts(items=tuple(found)))


@routing.door(
    "PUT",
    "/api/v1/patients/{patient_id:uuid}/contacts/{contact_id:uuid}",
    policy=Action.PATIENT_EDIT,
    takes=NewContact,
    gives=Contact,
)
async def edit_contact(request: Asked) -> Response[Any]:
    """Write a contact anew; If-Match names the version seen."""
    body = await routing.body(request, NewContact)
    kept = await keep_contacts.edit_contact(
        desk.of(request).office,
        guards.actor(request),
        wish=body,
        seen=routing.decided_on(request, given=None),
        **request.path_params,
    )
    return routing.answer(kept, version=kept.version)


@routing.door(
    "DELETE",
    "/api/v1/patients/{patient_id:uuid}/contacts/{contact_id:uuid}",
    policy=Action.PATIENT_EDIT,
    status=204,
)
async def remove_contact(request: Asked) -> Response[Any]:
    """Take a contact off."""
    await keep_contacts.remove_contact(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return Response(None, status_code=204)


@routing.door(
    "POST",
    "/api/v1/patients/{patient_id:uuid}/consents",
    policy=Action.CONSENT_RECORD,
    takes=NewConsent,
    gives=Recorded,
    status=201,
)
async def record(request: Asked) -> Response[Any]:
    """Record what a patient allows, on which basis, to whom and until when."""
    body = await routing.body(request, NewConsent)
    consent_id = await keep_consents.record_consent(
        desk.of(request).office, guards.actor(request), wish=body, **request.path_params
    )
    return routing.answer(Recorded(id=consent_id), status=201)


@routing.door(
    "GET",
    "/api/v1/patients/{patient_id:uuid}/consents",
    policy=Action.CONSENT_LIST,
    gives=Consents,
)
async def consents(request: Asked) -> Response[Any]:
    """List a patient's consents, withdrawn ones too."""
    found = await keep_consents.list_consents(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return routing.answer(Consents(items=tuple(found)))


@routing.door(
    "POST",
    "/api/v1/patients/{patient_id:uuid}/consents/{consent_id:uuid}/withdraw",
    policy=Action.CONSENT_WITHDRAW,
    takes=EndBody,
    gives=Withdrawn,
)
async def withdraw(request: Asked) -> Response[Any]:
    """End a consent; owners of open referrals that stood on it get a task."""
    body = await routing.body(request, EndBody)
    touched = await keep_consents.withdraw_consent(
        desk.of(request).office, guards.actor(request), why=body.why, **request.path_params
    )
    return routing.answer(Withdrawn(referral_ids=touched))


HANDLERS = (
    add_contact,
    contacts,
    edit_contact,
    remove_contact,
    record,
    consents,
    withdraw,
)
