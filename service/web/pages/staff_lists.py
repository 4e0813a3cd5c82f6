"""Acts on several referrals of a list at once, and the lists one keeps at hand."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import keep_lists, many_at_once, skip_ahead, worklists
from service.actions.many_at_once import Outcome
from service.actions.worklists import View
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import list_rows, speaking, spreadsheet, staff, staff_home
from templates import words

Form = dict[str, str]

_ON = re.compile(r"on-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DAYS = {"tomorrow": 1, "three_days": 3, "week": 7, "reply": None}
"""How long something is put aside; None is until something happens to it."""


def _chosen(form: Form) -> list[UUID]:
    return [UUID(found[1]) for name in form if (found := _ON.fullmatch(name))]


@routing.door("POST", "/lists/assign", policy=Action.REFERRAL_LIST, **staff.LIVE_DOOR)
async def assign(request: Asked) -> Response[Any]:
    """Hand the chosen ones to a colleague."""
    form = await speaking.form(request)
    try:
        member_id = UUID(form.get("member_id", ""))
    except ValueError:
        return await _again(request, form, {"member_id": "choose_one"})
    try:
        outcome = await many_at_once.assign(
            desk.of(request).office, guards.actor(request), _chosen(form), member_id=member_id
        )
    except faults.Invalid as fault:
        return await _again(request, form, _errors(fault))
    return await _told(request, form, "assign", outcome)


@routing.door("POST", "/lists/remind", policy=Action.REFERRAL_LIST, **staff.LIVE_DOOR)
async def remind(request: Asked) -> Response[Any]:
    """Remind whoever has the next word of the chosen ones."""
    form = await speaking.form(request)
    try:
        outcome = await many_at_once.remind(
            desk.of(request).office, guards.actor(request), _chosen(form)
        )
    except faults.Invalid as fault:
        return await _again(request, form, _errors(fault))
    return await _told(request, form, "remind", outcome)


@routing.door("POST", "/lists/snooze", policy=Action.REFERRAL_LIST, **staff.LIVE_DOOR)
async def snooze(request: Asked) -> Response[Any]:
    """Put the chosen ones aside for oneself, or take them up again."""
    form = await speaking.form(request)
    office, actor, until = desk.of(request).office, guards.actor(request), form.get("until", "")
    try:
        if until == "now":
            outcome = await many_at_once.wake(office, actor, _chosen(form))
            return await _told(request, form, "wake", outcome)
        if until not in _DAYS:
            return await _again(request, form, {"until": "choose_one"})
        day = await _day(request, _DAYS[until])
        outcome = await many_at_once.snooze(office, actor, _chosen(form), until=day)
    except faults.Invalid as fault:
        return await _again(request, form, _errors(fault))
    return await _told(request, form, "snooze", outcome)


async def _day(request: Asked, days: int | None) -> date | None:
    if days is None:
        return None
    now = await skip_ahead.clock_says(desk.of(request).office)
    return now.date() + timedelta(days=days)


@routing.door("POST", "/lists/export", policy=Action.REFERRAL_LIST, **staff.LIVE_DOOR)
async def export(request: Asked) -> Response[Any]:
    """Give the chosen ones as a table to keep; that it was taken is on record first."""
    form = await speaking.form(request)
    chosen = _chosen(form)
    if not chosen:
        return await _again(request, form, {"chosen": "missing"})
    found = await worklists.chosen(
        desk.of(request).office,
        guards.actor(request),
        chosen,
        name="export",
        request_id=problems.request_id_of(request.scope),
    )
    rows = [
        list_rows.row_of(request, card, found.identities, view=View.ALL) for card in found.cards
    ]
    table = [list_rows.COLUMNS, *(list_rows.cells_of(row) for row in rows)]
    return spreadsheet.answer(table, name="referrals")


@routing.door("POST", "/lists/saved", policy=Action.REFERRAL_LIST, **staff.LIVE_DOOR)
async def save(request: Asked) -> Response[Any]:
    """Keep this list at hand."""
    form = await speaking.form(request)
    wish = staff_home.wish_of(_asked(form))
    try:
        await keep_lists.save(
            desk.of(request).office,
            guards.actor(request),
            view=str(wish.view),
            mine=wish.mine,
            narrow=wish.narrow,
        )
    except faults.Invalid as fault:
        return await _again(request, form, _errors(fault))
    return speaking.see_other(wish.query())


@routing.door("POST", "/lists/saved/{view_id:uuid}/drop", policy=Action.REFERRAL_LIST, **staff.DOOR)
async def forget(request: Asked) -> Response[Any]:
    """Keep a list no longer."""
    office, actor = desk.of(request).office, guards.actor(request)
    await keep_lists.forget(office, actor, view_id=request.path_params["view_id"])
    return speaking.see_other("/")


def _asked(form: Form) -> Form:
    """Return which list the form stood on."""
    return dict(parse_qsl(urlsplit(form.get("where", "")).query))


def _errors(fault: faults.Invalid) -> Form:
    return {each["field"]: each["detail"] for each in fault.extra.get("errors", [])}


async def _again(request: Asked, form: Form, errors: Form) -> Response[Any]:
    said = {"errors": errors, "ticked": [str(each) for each in _chosen(form)], "typed": form}
    return await staff_home.page(request, _asked(form), said, status=422)


async def _told(request: Asked, form: Form, act: str, outcome: Outcome) -> Response[Any]:
    """Lead back to the list; what was left is named there, with why."""
    say = staff.saying(request)
    done = words.word(say, act, "list_done").format(count=outcome.done)
    if not outcome.left:
        return await staff_home.page(request, _asked(form), {"notice": done})
    known = await worklists.chosen(
        desk.of(request).office,
        guards.actor(request),
        [each.referral_id for each in outcome.left],
        name="left",
    )
    named = {card.id: card.reference for card in known.cards}
    left = [
        {
            "reference": named.get(each.referral_id, ""),
            "why": words.word(say, each.why, "list_left"),
        }
        for each in outcome.left
    ]
    said = {"notice": done, "left": left}
    return await staff_home.page(request, _asked(form), said, status=409)


HANDLERS = (assign, remind, snooze, export, save, forget)
