"""Emergency access on pages: open it with a proof, see what is open, end it, review it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import break_glass, keep_session, review_glass
from service.actions.break_glass import Breaking, Emergency
from service.actions.prove import Proof
from service.actions.review_glass import Review, Seen, Verdict
from service.domain.people import Role
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff
from templates import words

_WRONG = {"password": "sign_in", "words": "missing", "reason": "choose_one"}


@routing.door(
    "GET", "/referrals/{referral_id:uuid}/break-glass", policy=Action.GLASS_BREAK, **staff.DOOR
)
async def ask(request: Asked) -> Response[Any]:
    """Show the form; nothing is told on it of whom it is about."""
    return await _form(request, {})


async def _form(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    say = staff.saying(request)
    context = {
        "referral_id": str(request.path_params["referral_id"]),
        "reasons": [(each.value, words.word(say, each, "emergency")) for each in Emergency],
    }
    return await staff.show(request, "staff/break_glass", context | said, status=status)


@routing.door(
    "POST", "/referrals/{referral_id:uuid}/break-glass", policy=Action.GLASS_BREAK, **staff.DOOR
)
async def break_it(request: Asked) -> Response[Any]:
    """Open the patient of a referral for an hour; what was typed but the password is kept."""
    form = await speaking.form(request)
    referral_id: UUID = request.path_params["referral_id"]
    kept = {name: form.get(name, "") for name in ("reason", "words", "medical_emergency")}
    errors = {name: _WRONG[name] for name in ("reason", "words") if not kept[name].strip()}
    if kept["reason"] not in set(Emergency):
        errors["reason"] = _WRONG["reason"]
    if errors:
        return await _form(request, {"values": kept, "errors": errors}, status=422)
    wish = Breaking(
        reason=Emergency(kept["reason"]),
        words=kept["words"],
        medical_emergency=bool(kept["medical_emergency"]),
        proof=Proof(password=form.get("password") or None, totp_code=form.get("totp_code") or None),
    )
    try:
        await break_glass.for_referral(
            desk.of(request).office,
            guards.actor(request),
            referral_id=referral_id,
            wish=wish,
            request_id=problems.request_id_of(request.scope),
        )
    except (faults.SignInFailed, faults.CodeNeeded, faults.Invalid) as fault:
        errors = {"password": fault.title()}
        return await _form(request, {"values": kept, "errors": errors}, status=422)
    return speaking.see_other(f"/referrals/{referral_id}")


@routing.door("GET", "/break-glass", policy=Action.GLASS_LIST, **staff.DOOR)
async def listing(request: Asked) -> Response[Any]:
    """List emergency accesses, with what may be done about each."""
    return await _list(request, {})


async def _list(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    request_id = problems.request_id_of(request.scope)
    found = await review_glass.listing(office, actor, request_id=request_id)
    member = (await keep_session.current(office, actor)).member
    say = staff.saying(request)
    reviews = Role.PRIVACY_OFFICER in actor.roles
    rows = [_row(each, say, member.time_zone) for each in found]
    for row, each in zip(rows, found, strict=True):
        mine, own = each.member_id == actor.member_id, each.org_id == actor.org_id
        row["ends"] = mine and each.ended_at is None and each.verdict is None
        row["reviews"] = reviews and own and not mine and each.verdict is None
    verdicts = [(each.value, words.word(say, each, "verdict")) for each in Verdict]
    context = {"rows": rows, "verdicts": verdicts}
    return await staff.show(request, "staff/accesses", context | said, status=status)


def _row(each: Seen, say: words.Say, zone: str) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "organization": each.organization,
        "member": each.member or "",
        "reason": words.word(say, each.reason, "emergency"),
        "words": each.words or "",
        "opened": staff.local(each.opened_at, zone),
        "until": staff.local(each.ended_at or each.until_at, zone),
        "reference": each.reference or "",
        "href": f"/referrals/{each.referral_id}" if each.reference else "",
        "verdict": words.word(say, each.verdict, "verdict") if each.verdict else "",
        "comment": each.comment or "",
    }


@routing.door("POST", "/break-glass/{glass_id:uuid}/end", policy=Action.GLASS_END, **staff.DOOR)
async def end(request: Asked) -> Response[Any]:
    """End one's own access early."""
    await speaking.form(request)
    await review_glass.end(desk.of(request).office, guards.actor(request), **request.path_params)
    return speaking.see_other("/break-glass")


@routing.door(
    "POST", "/break-glass/{glass_id:uuid}/review", policy=Action.GLASS_REVIEW, **staff.DOOR
)
async def review(request: Asked) -> Response[Any]:
    """Say whether an access was justified, and why."""
    form = await speaking.form(request)
    glass_id: UUID = request.path_params["glass_id"]
    errors = {}
    if form.get("verdict") not in set(Verdict):
        errors[f"verdict-{glass_id}"] = "choose_one"
    if not form.get("comment", "").strip():
        errors[f"comment-{glass_id}"] = "missing"
    if errors:
        return await _list(request, {"errors": errors, "typed": form}, status=422)
    wish = msgspec.convert({"verdict": form["verdict"], "comment": form["comment"]}, Review)
    await review_glass.review(
        desk.of(request).office,
        guards.actor(request),
        glass_id=glass_id,
        wish=wish,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other("/break-glass")


HANDLERS = (ask, break_it, listing, end, review)
