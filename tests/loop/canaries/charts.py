"""Patients and referrals over the API, every sealed field of them with marks."""

from typing import Any
from uuid import UUID

import httpx2

from service.domain import ids
from tests.fixtures.town import Caller
from tests.loop.canaries.marks import Book
from tests.loop.people import Cast

PATIENTS = 10
_CONSENT = (
    "witness reason patient_name discloser description told how_to_revoke expiry_event signed_by"
)


async def put(caller: Caller, path: str, body: Any, *, method: str = "POST", **headers: str) -> Any:
    """Send something that is to be taken, and return the answer."""
    sent = caller.headers | {"idempotency-key": ids.new_id().hex} | headers
    async with caller.town.client() as client:
        answer: httpx2.Response = await client.request(
            method, f"/api/v1{path}", json=body, headers=sent
        )
    assert answer.is_success, f"{method} {path}: {answer.text}"
    return answer.json() if answer.content else None


async def look(caller: Caller, book: Book, path: str) -> Any:
    """Read something as who may, and keep what was shown; return the answer."""
    answer = await caller.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    book.shown.append(answer.content)
    return answer


async def registered(story: Cast, book: Book) -> list[str]:
    """Register patients, find each by what they can be found by, and keep who belongs to them."""
    found = [await _patient(story.clinic, book) for _ in range(PATIENTS)]
    await _corrected(story.clinic, book, found[0])
    for patient in found[:2]:
        await _contact(story.clinic, book, patient)
        await _consent(story.clinic, book, patient)
    return found


async def _patient(clinic: Caller, book: Book) -> str:
    identity = {
        "name": {"family": book.words("Name", "family", 2), "given": book.each("Name", "given", 4)},
        "birth_date": book.day("Identity", "birth_date"),
        "address": {
            name: book.words("Address", name)
            for name in ("street", "city", "region", "postal_code")
        },
        "mrns": [
            {"value": book.word("Mrn", "value"), "authority": book.word("Mrn", "authority")}
            for _ in range(3)
        ],
        **_of_person("Identity", book),
    }
    outside = [{"system": "ehr", "value": book.word("ExternalId", "value")}]
    body = {"identity": identity, "external_ids": outside, "confirm_distinct": True}
    made = await put(clinic, "/patients", body)
    terms = (
        {"phone": identity["phones"][0]},
        {"mrn": identity["mrns"][0]["value"]},
        {"email": identity["email"]},
        {"family": identity["name"]["family"].split()[0], "initial": identity["name"]["given"][0]},
        {"birth_date": identity["birth_date"], "initial": identity["name"]["given"][0]},
    )
    for each in terms:
        answer = await put(clinic, "/patients/search", each)
        assert [found["id"] for found in answer["items"]] == [made["id"]]
    await look(clinic, book, f"/patients/{made['id']}")
    return str(made["id"])


def _of_person(struct: str, book: Book) -> dict[str, Any]:
    return {
        "phones": [book.phone(struct, "phones") for _ in range(3)],
        "email": book.email(struct, "email"),
        "payer": book.words(struct, "payer"),
        "member_number": book.word(struct, "member_number"),
        "call_as": book.words(struct, "call_as"),
    }


async def _corrected(clinic: Caller, book: Book, patient: str) -> None:
    changed = _of_person("IdentityChange", book) | {
        "birth_date": book.day("IdentityChange", "birth_date")
    }
    body = {"identity": changed}
    await put(clinic, f"/patients/{patient}", body, method="PATCH", **{"if-match": '"1"'})


async def _contact(clinic: Caller, book: Book, patient: str) -> None:
    reach = {
        "name": book.words("Reach", "name"),
        "phone": book.phone("Reach", "phone"),
        "email": book.email("Reach", "email"),
    }
    await put(clinic, f"/patients/{patient}/contacts", {"relation": "parent", "reach": reach})


async def _consent(clinic: Caller, book: Book, patient: str) -> None:
    words = {name: book.words("ConsentWords", name, 5) for name in _CONSENT.split()}
    body = {"basis": "signed_form", "signed_on": "2026-01-02", "words": words}
    await put(clinic, f"/patients/{patient}/consents", body)


def order(book: Book, patient: str, *services: UUID, **fields: Any) -> dict[str, Any]:
    """Write an order with marks in each of its sealed fields."""
    outside = [{"system": f"ehr{n}", "value": book.word("OtherId", "value")} for n in range(4)]
    return {
        "patient_id": patient,
        "recipients": [str(each) for each in services],
        "external_ids": outside,
        "consent_basis": "treatment",
        "send": True,
        **_words_of(book, "NewReferralBody"),
        **fields,
    }


def _words_of(book: Book, struct: str) -> dict[str, Any]:
    return {
        "question": book.words(struct, "question", 20),
        "narrative": book.words(struct, "narrative", 20),
        "reason_codes": book.reasons(struct, "reason_codes", 5),
        "authorization_number": book.word(struct, "authorization_number"),
    }


async def drafted(story: Cast, book: Book, office: Caller, patient: str) -> None:
    """Write a draft and rewrite it: neither the first wording nor the second lies about."""
    body = order(book, patient, office.org.service_id, send=False)
    made = await put(story.clinic, "/referrals", body)
    await look(story.clinic, book, f"/referrals/{made['id']}")
    changed = _words_of(book, "DraftBody") | {"version": made["version"]}
    await put(story.clinic, f"/referrals/{made['id']}", changed, method="PATCH")
    await look(story.clinic, book, f"/referrals/{made['id']}")


async def declared(story: Cast, book: Book, office: Caller, patient: str) -> None:
    """Send protected care in an emergency, at once and from a draft, with the reason in words."""
    protected = {"sensitivity": "part2", "consent_basis": None}
    why = book.words("NewReferralBody", "override_reason", 5)
    service = office.org.service_id
    at_once = order(book, patient, service, override_reason=why, **protected)
    one = await put(story.clinic, "/referrals", at_once)
    other = await put(
        story.clinic, "/referrals", order(book, patient, service, send=False, **protected)
    )
    why = book.words("StepBody", "override_reason", 5)
    await story.clinic.order(other["id"], "send", override_reason=why)
    for each in (one, other):
        await look(story.clinic, book, f"/referrals/{each['id']}")


def document(book: Book, **fields: Any) -> dict[str, Any]:
    """Write a document with marks in each of its sealed fields."""
    return {
        "type_code": "11488-4",
        "title": book.words("DocumentBody", "title"),
        "text": book.words("DocumentBody", "text", 40),
        "author": book.words("DocumentBody", "author"),
        "written_on": "2026-11-20",
        **fields,
    }


async def answered(
    story: Cast, book: Book, office: Caller, referral: str, *, files: list[str]
) -> None:
    """Ask, hear the answer by telephone, file the outcome and an addition to it."""
    await office.step(
        referral,
        "ask",
        items=book.each("StepBody", "items", 5),
        due_on="2030-01-02",
        comment=book.words("StepBody", "comment", 5),
    )
    complete = {
        "step": "complete",
        "outcome": "served",
        "need_met": "yes",
        "comment": book.words("Wanted", "comment", 5),
        "items": book.each("Wanted", "items", 2),
        "document": document(book, attachments=files),
    }
    owner = {"name": book.words("OwnerBody", "name"), "phone": book.phone("OwnerBody", "phone")}
    spoke_to = book.words("OnBehalfBody", "spoke_to")
    await story.clinic.step(
        referral,
        "accept",
        owner=owner,
        expected_by="2030-01-02",
        on_behalf={"source": "phone", "spoke_to": spoke_to},
        also=[complete],
    )
    (leg,) = (await office.referral(referral))["referral"]["legs"]
    filed = {
        "document": document(book),
        "comment": book.words("FileBody", "comment", 5),
        "version": leg["version"],
    }
    await put(office, f"/legs/{leg['id']}/documents", filed)
