"""How each route is called, so that a door that lets somebody in shows it and breaks nothing.

A body is one that the door and the policy read and the act then refuses, by an old version, an
empty name, a member nobody knows; where the act does its work, it does no harm, or what it used up
is made anew for every caller (`spends`). A GET needs no row here: what it is about follows from its
path.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from service.domain.policy import Action
from service.web import routes, routing
from tests.web.matrix import conversations, file_record, work
from tests.web.matrix.call import NOBODY, Call
from tests.web.matrix.law import About, Question

_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")

ABOUT: dict[str, About] = {
    "org_id": About.OWNED,
    "patient_id": About.KEPT,
    "task_id": About.KEPT,
    "line_id": About.LINE,
    "glass_id": About.KEPT,
    "key_id": About.KEPT,
    "webhook_id": About.KEPT,
    "session_id": About.ANOTHERS,
    "passkey_id": About.ANOTHERS,
    **dict.fromkeys(("parked_id", "view_id"), About.ANOTHERS),
    "reset_id": About.KEPT,
    "referral_id": About.REFERRAL,
    "reference": About.REFERRAL,
    "leg_id": About.PART,
    "document_id": About.PART,
    "thread_id": About.THREAD,
    "attachment_id": About.PART,
}
"""What a route is about, by the first parameter of its path; none of these: about oneself."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """One route as it is declared, with one way to call it."""

    method: str
    path: str
    operation: routing.Operation
    call: Call

    @property
    def parameters(self) -> tuple[str, ...]:
        """Name the records that the path names, in order."""
        return tuple(
            self.call.records.get(found[1], found[1]) for found in _PARAMETER.finditer(self.path)
        )

    @property
    def question(self) -> Question:
        """Say what the policy is asked by this call."""
        return Question(
            method=self.method,
            operation=self.operation,
            about=self.call.about or self._about(),
            actions=self.call.actions or self.operation.policy,
            ours=self.call.ours,
        )

    def _about(self) -> About:
        names = [found[1] for found in _PARAMETER.finditer(self.path)]
        return next((ABOUT[name] for name in names if name in ABOUT), About.ONESELF)

    def address(self, records: dict[str, Any]) -> str:
        """Put records in the places of the path's parameters."""
        names = iter(self.parameters)
        return _PARAMETER.sub(lambda _: str(records[next(names)]), self.path) + self.call.query


A = Action
_LATE = {"version": 99}
_CONTACT = {"relation": "parent", "reach": {"name": "Rosa García"}}
_DOCUMENT = {
    "type_code": "11488-4",
    "text": "Seen and treated.",
    "author": "Dr. Lee",
    "written_on": "2026-01-02",
}
_PAGE = {"seen": "99", "nonce": "{nonce}", "referral_id": "{referral_id}"}
_ACCEPT = {"owner_name": "Sam Lee", "expected_by": "2030-01-02"}
_BOOKING = {"starts_at": "2030-01-02T18:00:00Z", "modality": "in_person"}
_BREAKING = {"reason": "other", "words": "Collapsed.", "proof": {}}
_AGENCY = {"org_id": "agency_id"}

CALLS: dict[str, tuple[Call, ...]] = {
    **conversations.CALLS,
    **file_record.CALLS,
    **work.CALLS,
    "POST /api/v1/sessions": (Call(json={}, ours=True),),
    "DELETE /api/v1/sessions/current": (Call(spends=("session",)),),
    "PUT /api/v1/sessions/current/member": (
        Call(json={"member_id": "{member}"}, spends=("session",)),
    ),
    "POST /api/v1/sessions/current/proof": (Call(json={}),),
    "POST /api/v1/sessions/totp": (Call(json={}),),
    "POST /api/v1/invitations/accept": (Call(json={}, ours=True),),
    "POST /api/v1/sessions/recovery-codes": (Call(),),
    "POST /api/v1/sessions/passkey/options": (Call(ours=True),),
    "POST /api/v1/sessions/passkey": (Call(json={}, ours=True),),
    "POST /api/v1/sessions/current/proof/options": (Call(),),
    "POST /api/v1/passkeys/options": (Call(),),
    "POST /api/v1/passkeys": (Call(json={}),),
    "POST /api/v1/passwords/forgotten": (Call(json={}, ours=True),),
    "POST /forgotten": (Call(form={}, ours=True),),
    "POST /api/v1/api-keys": (Call(json={"name": "EHR", "member_id": NOBODY}),),
    "DELETE /api/v1/api-keys/{key_id:uuid}": (Call(spends=("key_id",)),),
    "POST /api/v1/organizations": (Call(json={"name": " ", "kind": "specialty", "zone": "UTC"}),),
    "PATCH /api/v1/organizations/{org_id:uuid}": (Call(json={}, seen="99"),),
    "PUT /api/v1/organizations/{org_id:uuid}/mailbox": (Call(json={"address": "nowhere"}),),
    "POST /api/v1/organizations/{org_id:uuid}/sites": (Call(json={"name": " "}),),
    "DELETE /api/v1/organizations/{org_id:uuid}/sites/{site_id:uuid}": (Call(spends=("site_id",)),),
    "POST /api/v1/organizations/{org_id:uuid}/members": (
        Call(json={"address": "new@example.org", "name": " ", "roles": ["reader"]}),
    ),
    "PATCH /api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}": (
        Call(json={}, seen="99"),
    ),
    "POST /api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/leave": (
        Call(json={"successor_id": NOBODY}),
    ),
    "POST /api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/invitation": (Call(),),
    "POST /api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/factor-reset": (Call(),),
    "POST /api/v1/factor-resets/{reset_id:uuid}/confirm": (Call(spends=("reset_id",)),),
    "DELETE /api/v1/factor-resets/{reset_id:uuid}": (Call(spends=("reset_id",)),),
    "GET /api/v1/organizations/{org_id:uuid}/workers": (Call(about=About.AGENCY, records=_AGENCY),),
    "POST /api/v1/organizations/{org_id:uuid}/workers/{worker_id:uuid}/confirm": (
        Call(json={"how": "called"}, about=About.AGENCY, records=_AGENCY),
    ),
    "POST /api/v1/directory/search": (Call(json={}),),
    "POST /api/v1/organizations/{org_id:uuid}/services": (
        Call(json={"name": " ", "category": "food_pantry"}),
    ),
    "PATCH /api/v1/organizations/{org_id:uuid}/services/{service_id:uuid}": (
        Call(json={}, seen="99"),
    ),
    "PUT /api/v1/organizations/{org_id:uuid}/services/{service_id:uuid}/capacity": (
        Call(json={"capacity": "open"}),
    ),
    "POST /api/v1/patients": (Call(json={}),),
    "POST /api/v1/patients/search": (Call(json={}),),
    "PATCH /api/v1/patients/{patient_id:uuid}": (Call(json={}, seen="99"),),
    "POST /api/v1/patients/{patient_id:uuid}/contacts": (Call(json=_CONTACT),),
    "PUT /api/v1/patients/{patient_id:uuid}/contacts/{contact_id:uuid}": (
        Call(json=_CONTACT, seen="99", spends=("contact_id",)),
    ),
    "DELETE /api/v1/patients/{patient_id:uuid}/contacts/{contact_id:uuid}": (
        Call(spends=("contact_id",)),
    ),
    "POST /api/v1/patients/{patient_id:uuid}/consents": (
        Call(json={"basis": "signed_form", "signed_on": "2026-01-02"}),
    ),
    "POST /api/v1/patients/{patient_id:uuid}/consents/{consent_id:uuid}/withdraw": (
        Call(spends=("consent_id",)),
    ),
    "PUT /api/v1/referrals/{referral_id:uuid}/consent": (
        Call(json={"consent_id": "{consent_id}", "version": 99}),
    ),
    "POST /referrals/{referral_id:uuid}/consent": (
        Call(form={"consent_id": "{consent_id}", "seen": "99"}),
    ),
    "POST /patients/{patient_id:uuid}/consents": (Call(form={"nonce": "{nonce}"}),),
    "POST /patients/{patient_id:uuid}/consents/{consent_id:uuid}/withdraw": (
        Call(form={"why": "withdrawn"}, spends=("consent_id",)),
    ),
    "POST /api/v1/patients/{patient_id:uuid}/break-glass": (Call(json=_BREAKING),),
    "POST /api/v1/referrals/{referral_id:uuid}/break-glass": (Call(json=_BREAKING),),
    "POST /api/v1/break-glass/{glass_id:uuid}/end": (Call(about=About.ANOTHERS),),
    "POST /api/v1/break-glass/{glass_id:uuid}/review": (
        Call(json={"verdict": "justified", "comment": "Seen."}, spends=("glass_id",)),
    ),
    "POST /referrals/{referral_id:uuid}/break-glass": (
        Call(form={"reason": "other", "words": "Collapsed."}),
    ),
    "GET /referrals/{referral_id:uuid}/break-glass": (Call(about=About.ONESELF),),
    "POST /break-glass/{glass_id:uuid}/end": (Call(form={}, about=About.ANOTHERS),),
    "POST /break-glass/{glass_id:uuid}/review": (
        Call(form={"verdict": "justified", "comment": "Seen."}, spends=("glass_id",)),
    ),
    "POST /api/v1/referrals": (Call(json={}),),
    "POST /api/v1/referrals/find": (
        Call(json={"system": "ehr", "value": "{order_id}"}, about=About.ORDER_ID),
    ),
    "PATCH /api/v1/referrals/{referral_id:uuid}": (
        Call(
            json={"priority": "urgent", **_LATE},
            about=About.OWNED,
            records={"referral_id": "draft_id"},
        ),
    ),
    "PUT /api/v1/referrals/{referral_id:uuid}/owner": (Call(json={"member_id": NOBODY, **_LATE}),),
    "POST /api/v1/legs/{leg_id:uuid}/steps": (
        Call(json={"step": "accept", **_LATE}, actions=(A.LEG_STEP,)),
        Call(json={"step": "schedule", **_BOOKING, **_LATE}, actions=(A.LEG_BOOK,)),
    ),
    "POST /api/v1/referrals/{referral_id:uuid}/steps": (
        Call(json={"step": "void", **_LATE}, actions=(A.REFERRAL_STEP,)),
        Call(json={"step": "send", **_LATE}, actions=(A.REFERRAL_SEND,)),
        Call(json={"step": "review", **_LATE}, actions=(A.REFERRAL_REVIEW,)),
    ),
    "POST /api/v1/legs/{leg_id:uuid}/documents": (
        Call(json={"document": _DOCUMENT, **_LATE}, actions=(A.LEG_STEP,)),
    ),
    "POST /api/v1/human-tasks/{task_id:uuid}/resolve": (Call(json={"resolution": "called"}),),
    "GET /api/v1/measures/rates": (Call(query="?since=2026-01-01&until=2026-02-01"),),
    "POST /api/v1/demo/skip": (Call(json={"days": 0}),),
    "POST /api/v1/legs/{leg_id:uuid}/links/revoke": (Call(),),
    "POST /r/{secret:path}": (Call(form={}),),
    "POST /hooks/sms/twilio/receipts": (Call(form={}),),
    "POST /hooks/sms/twilio/texts": (Call(form={}),),
    "POST /hooks/sms/kannel/texts": (Call(),),
    "POST /dev/outbox/{key:str}/answer": (Call(form={}, ours=True),),
    "POST /r/code": (Call(form={}),),
    "POST /r/verify": (Call(form={}),),
    "POST /r/act": (Call(form={"act": "decline", "nonce": "{visit_nonce}"}),),
    "POST /invitation/{secret:str}": (Call(form={}, ours=True),),
    "POST /dev/skip": (Call(form={}),),
    "POST /sign-in": (Call(form={}, ours=True),),
    "POST /sign-out": (Call(form={}, spends=("session",)),),
    "POST /lock": (Call(form={}, spends=("session",)),),
    "POST /prove": (Call(form={}),),
    "POST /members/{member_id:uuid}/leave": (
        Call(form={"successor_id": NOBODY}, about=About.KEPT),
    ),
    "POST /members/{member_id:uuid}/invitation": (Call(form={}, about=About.KEPT),),
    "POST /members/{member_id:uuid}/reset": (Call(form={}, about=About.KEPT),),
    "POST /resets/{reset_id:uuid}/confirm": (Call(form={}, spends=("reset_id",)),),
    "POST /resets/{reset_id:uuid}/end": (Call(form={}, spends=("reset_id",)),),
    "POST /account/sign-ins/end": (Call(form={}),),
    "POST /account/sign-ins/{session_id:uuid}/end": (Call(form={}),),
    "POST /account/passkeys/{passkey_id:uuid}/end": (Call(form={}),),
    "POST /account/authenticator": (Call(form={}),),
    "POST /account/recovery-codes": (Call(form={}),),
    "POST /parked/{parked_id:uuid}/drop": (Call(form={}),),
    "POST /referrals/new": (Call(form={"nonce": "{nonce}"}),),
    "GET /organizations/{org_id:uuid}/people": (Call(about=About.AGENCY, records=_AGENCY),),
    "POST /organizations/{org_id:uuid}/people/{worker_id:uuid}": (
        Call(form={"how": "called"}, about=About.AGENCY, records=_AGENCY),
    ),
    "POST /legs/{leg_id:uuid}/steps": (
        Call(form={"act": "accept", **_ACCEPT, **_PAGE}, actions=(A.LEG_STEP,)),
        Call(form={"act": "receive", **_PAGE}, actions=(A.LEG_BOOK,)),
    ),
    "POST /referrals/{referral_id:uuid}/steps": (
        Call(form={"act": "void", "reason": "duplicate", **_PAGE}, actions=(A.REFERRAL_STEP,)),
        Call(form={"act": "send", **_PAGE}, actions=(A.REFERRAL_SEND,)),
        Call(form={"act": "review", **_PAGE}, actions=(A.REFERRAL_REVIEW,)),
    ),
}
"""The calls of each route that needs more than its path."""

NO_BODY_NEEDED = frozenset({"GET", "HEAD", "DELETE"})


def routes_declared() -> Iterator[tuple[str, str, routing.Operation]]:
    """List every method and path of the service with what it declares."""
    for handler in routes.EVERY:
        operation = routing.operation_of(handler)
        assert operation is not None
        for path in handler.paths:
            for method in handler.http_methods:
                yield str(method), path, operation


def doors() -> tuple[Door, ...]:
    """List every route of the service with every way to call it that is known."""
    return tuple(
        Door(method=method, path=path, operation=operation, call=call)
        for method, path, operation in routes_declared()
        for call in _calls(method, path)
    )


def _calls(method: str, path: str) -> tuple[Call, ...]:
    untold = (Call(),) if method in NO_BODY_NEEDED else ()
    return CALLS.get(f"{method} {path}", untold)


def uncalled() -> list[str]:
    """Say of each route that nobody knows how to call what to do, and of rows that call nothing."""
    declared = [(method, path) for method, path, _ in routes_declared()]
    missing = [
        f"Nobody said how to call {method} {path}: add a row to CALLS in tests/web/matrix/doors.py,"
        " with a body that the act refuses after the policy was asked (an old version, an empty"
        " name), or one that does no harm."
        for method, path in declared
        if not _calls(method, path)
    ]
    gone = CALLS.keys() - {f"{method} {path}" for method, path in declared}
    return missing + [f"CALLS names {route}, which is no route any more." for route in sorted(gone)]
