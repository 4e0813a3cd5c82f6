"""Tables of a network that goes live, on a page: looked at first, then brought in by one button."""

from typing import Any

from litestar import Response

from service import faults
from service.actions import import_tables, keep_session, permission
from service.actions.import_members import Members
from service.actions.import_patients import Patients
from service.actions.import_referrals import Referrals
from service.actions.import_tables import Plan, Table
from service.domain import policy, spreadsheet
from service.domain.people import Actor
from service.domain.policy import Action
from service.domain.spreadsheet import Columns, Fault
from service.web import desk, guards, routing, uploads
from service.web.desk import Asked
from service.web.pages import staff

_LARGEST = 4 * 1024 * 1024
_SHOWN = 200
_KINDS: dict[str, tuple[Columns, str, Action]] = {
    "members": (Members.columns, Members.example, Action.MEMBER_MANAGE),
    "patients": (Patients.columns, Patients.example, Action.PATIENT_CREATE),
    "referrals": (Referrals.columns, Referrals.example, Action.REFERRAL_SEND),
}
"""What can be brought in here, and who may; organizations come in by the command line."""


@routing.door("GET", "/imports", policy=Action.ORGANIZATION_EDIT, **staff.DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Say what each table needs, and take one."""
    permission.own(guards.actor(request), Action.ORGANIZATION_EDIT)
    return await _page(request, {})


@routing.door("POST", "/imports", policy=Action.ORGANIZATION_EDIT, upload="form", **staff.DOOR)
async def take(request: Asked) -> Response[Any]:
    """Look at a table and tell what would come of it; with `bring`, do it if nothing is wrong."""
    actor = guards.actor(request)
    form = uploads.Form(request)
    there = await form.begin()
    await guards.proven(request, form.fields.get("csrf", ""))
    permission.own(actor, Action.ORGANIZATION_EDIT)
    kind = form.fields.get("kind", "")
    errors = {} if kind in _kinds(actor) else {"kind": "choose_one"}
    errors |= {} if there else {"table": "missing"}
    if errors:
        return await _page(request, {"errors": errors, "values": form.fields}, status=422)
    await uploads.counted(request, str(actor.member_id))
    content = await _content(form)
    return await _done(request, kind, content, brings=form.fields.get("bring") == "yes")


async def _content(form: uploads.Form) -> bytes:
    held = bytearray()
    async for piece in form.file().pieces:
        held += piece
        if len(held) > _LARGEST:
            raise faults.TooLarge(limit=_LARGEST)
    return bytes(held)


async def _done(request: Asked, kind: str, content: bytes, *, brings: bool) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    if brings and kind == "members":
        await permission.fresh(office, actor)
    table = await _table(request, kind)
    lines, wrong = spreadsheet.read(content, table.columns)
    plans, found = await import_tables.look(office, table, lines)
    wrong = [*wrong, *found]
    takes = brings and not wrong
    if takes:
        for plan in plans:
            wrong += await import_tables.bring(office, table, plan)
    said = _told(plans, wrong) | {"took": takes, "looked": True, "values": {"kind": kind}}
    return await _page(request, said, status=422 if wrong else 200)


async def _table(request: Asked, kind: str) -> Table:
    actor = guards.actor(request)
    current = await keep_session.current(desk.of(request).office, actor)
    if kind == "members":
        return Members(actor, own=actor.org_id)
    if kind == "patients":
        return Patients(actor)
    return Referrals(actor, zone=current.member.time_zone)


def _told(plans: list[Plan], wrong: list[Fault]) -> dict[str, Any]:
    words = [plan.word for plan in plans]
    return {
        "new": words.count("new"),
        "same": words.count("same"),
        "faults": [
            {"line": each.line, "column": each.column, "detail": each.detail}
            for each in sorted(wrong, key=lambda each: each.line)[:_SHOWN]
        ],
        "faulty": len({each.line for each in wrong}),
    }


def _kinds(actor: Actor) -> list[str]:
    return [kind for kind, (_, _, action) in _KINDS.items() if policy.ever(actor, action)]


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    offered = _kinds(guards.actor(request))
    context = {
        "kinds": [
            {
                "code": kind,
                "needed": _KINDS[kind][0].needed,
                "others": _KINDS[kind][0].others,
                "example": ",".join(_KINDS[kind][0].all) + "\n" + _KINDS[kind][1],
            }
            for kind in offered
        ],
        "values": {},
    }
    return await staff.show(request, "staff/imports", context | said, status=status)


HANDLERS = (ask, take)
