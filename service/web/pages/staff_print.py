"""A referral for paper, and what was told of a patient: on a page, in print, as a table."""

from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import account, keep_session, read_referral, search_record
from service.actions.account import Account
from service.domain.policy import Action
from service.store.disclosures import Disclosed
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import spreadsheet, staff, staff_words, taking_back
from service.web.pages.staff_words import Reader
from templates import words

_PAGE = 200
_FIELDS = ("disclosed_at", "told", "sensitivity", "basis", "purpose", "reference", "category")


@routing.door(
    "GET", "/referrals/{referral_id:uuid}/print", policy=Action.REFERRAL_READ, **staff.DOOR
)
async def referral(request: Asked) -> Response[Any]:
    """Show a referral as it goes on paper: the notice first, then what the patient allowed."""
    office, actor = desk.of(request).office, guards.actor(request)
    sheet = await read_referral.read_referral(
        office,
        actor,
        request.path_params["referral_id"],
        printed=True,
        request_id=problems.request_id_of(request.scope),
    )
    current = await keep_session.current(office, actor)
    reader = Reader(
        say=staff.saying(request),
        language=staff.language_of(request),
        actor=actor,
        name=current.member.name,
    )
    context = {
        "referral": staff_words.referral_of(sheet, reader),
        "documents": taking_back.documents_of(sheet, actor),
        "printed_at": staff.local(sheet.card.now, sheet.card.zone),
    }
    return await staff.show(request, "staff/print", context, where=sheet.card.zone)


@routing.door(
    "GET", "/patients/{patient_id:uuid}/disclosures", policy=Action.DISCLOSURE_LIST, **staff.DOOR
)
async def disclosures(request: Asked) -> Response[Any]:
    """Account for what was told of a patient, on a page that prints."""
    found = await _account(request)
    zone = (await keep_session.current(desk.of(request).office, guards.actor(request))).member
    say, patient_id = staff.saying(request), request.path_params["patient_id"]
    context = {
        "rows": [_row(each, say, zone.time_zone) for each in found.items],
        "since": staff.local(found.since, zone.time_zone),
        "csv_href": f"/patients/{patient_id}/disclosures.csv",
        "record_href": f"/record?patient={patient_id}"
        if search_record.sees_all(guards.actor(request))
        else "",
        "next_href": f"/patients/{patient_id}/disclosures?after={found.next}" if found.next else "",
    }
    return await staff.show(request, "staff/disclosures", context)


async def _account(request: Asked, *, after: str | None = None) -> Account:
    return await account.account(
        desk.of(request).office,
        guards.actor(request),
        patient_id=UUID(str(request.path_params["patient_id"])),
        after=after or request.query_params.get("after"),
        limit=_PAGE,
        request_id=problems.request_id_of(request.scope),
    )


def _row(each: Disclosed, say: words.Say, zone: str) -> dict[str, Any]:
    return {
        "at": staff.local(each.disclosed_at, zone),
        "told": each.told,
        "class": words.word(say, each.sensitivity, "sensitivity"),
        "basis": words.word(say, each.basis, "consent_basis"),
        "reference": each.reference or "",
        "href": f"/referrals/{each.referral_id}" if each.referral_id else "",
    }


@routing.door(
    "GET",
    "/patients/{patient_id:uuid}/disclosures.csv",
    policy=Action.DISCLOSURE_LIST,
    **staff.DOOR,
)
async def table(request: Asked) -> Response[Any]:
    """Give the whole account as comma-separated values."""
    rows, after = [list(_FIELDS)], None
    while True:
        found = await _account(request, after=after)
        rows += [[getattr(each, name) for name in _FIELDS] for each in found.items]
        after = found.next
        if after is None:
            break
    return spreadsheet.answer(rows, name="disclosures")


HANDLERS = (referral, disclosures, table)
