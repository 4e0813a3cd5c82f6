"""The record of looks and acts on a page: who did what, about whom, when; and as a file."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import find_subject, keep_session, read_organizations, search_record
from service.domain import fhir_audit
from service.domain.fhir_audit import Line
from service.domain.policy import Action
from service.store.audit import Filter
from service.web import desk, guards, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import days, staff
from templates import words

_PAGE = 50
_ORGANIZATIONS = 500
_FIELDS = ("patient", "referral", "member", "from", "to")
_FHIR = "application/fhir+ndjson"


@routing.door("GET", "/record", policy=Action.AUDIT_READ, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show the lines that fit, the newest first; others' acts to those who watch over them."""
    office, actor = desk.of(request).office, guards.actor(request)
    asked, wanted, errors = await _asked(request)
    found = await search_record.search_record(
        office,
        actor,
        wanted,
        limit=_PAGE,
        after=request.query_params.get("after"),
        request_id=problems.request_id_of(request.scope),
    )
    kept = {name: value for name, value in asked.items() if value}
    context = {
        "rows": await _rows(request, found.items),
        "values": asked,
        "errors": errors,
        "whole": search_record.sees_all(actor),
        "members": await _members(request),
        "export_href": f"/record/export?{urlencode(kept)}",
        "next_href": f"/record?{urlencode(kept | {'after': found.next})}" if found.next else "",
    }
    return await staff.show(request, "staff/record", context, status=422 if errors else 200)


@routing.door("GET", "/record/export", policy=Action.AUDIT_READ, **staff.DOOR)
async def export(request: Asked) -> Response[Any]:
    """Give the same lines as FHIR R4 AuditEvents, one a line of a file."""
    office, actor = desk.of(request).office, guards.actor(request)
    _, wanted, _ = await _asked(request)
    request_id = problems.request_id_of(request.scope)
    found = await search_record.hand_out(office, actor, wanted, request_id=request_id)
    told = [fhir_audit.resource_of(line, observer=office.public_url) for line in found]
    return Response(
        b"".join(msgspec.json.encode(each) + b"\n" for each in told),
        media_type=_FHIR,
        headers={"content-disposition": 'attachment; filename="record.ndjson"'},
    )


async def _asked(request: Asked) -> tuple[dict[str, str], Filter, dict[str, str]]:
    """Read what was asked for; a day that is none is told beside its field, and not used."""
    office, actor = desk.of(request).office, guards.actor(request)
    asked = {name: request.query_params.get(name, "").strip()[:200] for name in _FIELDS}
    if asked["patient"] or asked["referral"]:
        await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    zone = (await keep_session.current(office, actor)).member.time_zone
    since, until, errors = days.span(asked, zone)
    about = await find_subject.find_subject(
        office, actor, patient=asked["patient"], referral=asked["referral"]
    )
    known = {code for code, _ in await _members(request)}
    member_id = UUID(asked["member"]) if asked["member"] in known else None
    return asked, Filter(member_id=member_id, about=about, since=since, until=until), errors


async def _members(request: Asked) -> list[tuple[str, str]]:
    """Name everybody whose acts may be asked for: those who left did things, too."""
    office, actor = desk.of(request).office, guards.actor(request)
    org_id, own = search_record.reach(actor)
    if own is not None:
        return []
    found = await read_organizations.list_members(office, actor, org_id=org_id)
    return [(str(each.id), each.name) for each in found]


async def _rows(request: Asked, lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    office, actor = desk.of(request).office, guards.actor(request)
    current = (await keep_session.current(office, actor)).member
    named = dict(await _members(request)) | {str(actor.member_id): current.name}
    others = await read_organizations.list_organizations(
        office, actor, after=None, limit=_ORGANIZATIONS
    )
    named |= {str(each.id): each.public_name for each in others}
    say = staff.saying(request)
    return [_row(line, say, named, current.time_zone) for line in lines]


def _row(line: Line, say: words.Say, named: dict[str, str], zone: str) -> dict[str, Any]:
    who = named.get(str(line.actor_member_id)) or named.get(str(line.actor_org_id)) or ""
    kind = "link" if line.link_id else "program" if line.api_key_id else line.actor_kind
    return {
        "id": str(line.id),
        "at": staff.local(line.at, zone),
        "who": who,
        "by": words.word(say, kind, "by_what"),
        "act": _act(say, line.action),
        "outcome": words.word(say, line.outcome, "record_outcome"),
        "denied": line.outcome != "done",
        "about": words.word(say, line.resource_kind, "record_about") if line.resource_kind else "",
        "referral": str(line.referral_id or ""),
        "proof_href": f"/api/v1/audit/{line.id}/proof",
    }


def _act(say: words.Say, action: str) -> str:
    """Say what was done; a step in the words of a referral's history."""
    family, _, step = action.partition(".")
    if family == "step":
        return words.word(say, step, "event")
    return words.word(say, action, "act").replace(".", ": ")


HANDLERS = (look, export)
