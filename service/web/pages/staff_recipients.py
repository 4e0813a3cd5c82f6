"""Whom a referral can be sent to, as a form offers them: found by a word, the chosen ones kept."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from service.actions import offer_service
from service.store.directory import Found, Wanted
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import staff
from templates import words

_SERVICES = 100
_CHOSEN = ("service_id", "second_service_id")


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """Services of others by name; `fitting`: how many fit the word, None where none was given."""

    services: list[Found]
    fitting: int | None


async def found_for(request: Asked, form: Mapping[str, str]) -> Offered:
    """List what the directory has for a form's word, and what the form has chosen by now."""
    wanted = form.get("find_service", "").strip()
    found = await _search(request, Wanted(text=wanted or None))
    listed = {each.id: each for each in found}
    missing = [each for each in _chosen(form) if each not in listed]
    if missing and wanted:
        # What was chosen before stays chosen, whatever is looked for next.
        everything = {each.id: each for each in await _search(request, Wanted())}
        listed |= {each: everything[each] for each in missing if each in everything}
    ordered = sorted(listed.values(), key=lambda each: (each.organization, each.name))
    return Offered(services=ordered, fitting=len(found) if wanted else None)


async def of_kind(request: Asked, category: str) -> list[tuple[str, str]]:
    """Spell every service of one kind, one's own too, as a form's choices."""
    found = await offer_service.search_directory(
        desk.of(request).office, guards.actor(request), Wanted(category=category), limit=_SERVICES
    )
    say = staff.saying(request)
    return [(str(each.id), offered(each, say)) for each in found]


_AGES = {None: "never", 0: "today", 1: "day"}


def offered(each: Found, say: words.Say) -> str:
    """Say in a line who offers what, whether there is room, and how old that word is."""
    told = ", ".join((room(each, say), *did(each, say)))
    return f"{each.organization}: {each.name} ({told})"


def room(each: Found, say: words.Say) -> str:
    """Say whether there is room, and how old that word is."""
    days = each.capacity_age_days
    age = words.word(say, _AGES.get(days, "days"), "stated")
    return f"{words.word(say, each.capacity, 'capacity')}, {age.format(days=days)}"


def did(each: Found, say: words.Say) -> tuple[str, ...]:
    """Say how a service has answered lately; nothing of one that was sent too little."""
    if not each.lately_sent or each.answer_hours is None:
        return ()
    line = words.word(say, "answers", "lately")
    accepts = round(100 * (each.lately_accepted or 0) / each.lately_sent)
    return (line.format(days=f"{each.answer_hours / 24:.1f}", percent=accepts),)


async def _search(request: Asked, wanted: Wanted) -> list[Found]:
    actor = guards.actor(request)
    found = await offer_service.search_directory(
        desk.of(request).office, actor, wanted, limit=_SERVICES
    )
    return [each for each in found if each.org_id != actor.org_id]


def _chosen(form: Mapping[str, str]) -> list[UUID]:
    found: list[UUID] = []
    for name in _CHOSEN:
        try:
            found.append(UUID(form.get(name, "")))
        except ValueError:
            continue
    return found
