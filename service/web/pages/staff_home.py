"""The first page: whose turn it is, list by list, and why each referral is open."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response

from service import faults
from service.actions import keep_lists, worklists
from service.actions.worklists import View
from service.domain import policy
from service.domain.people import Priority
from service.domain.policy import Action
from service.store.lists import Narrow
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import list_rows, staff

_PAGE = 25
_FIRST = 10
"""How many of each list the first page has; the rest is a click away."""

_NEEDS_ME = "needs_me"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which list is asked for: a view, whose, and what it is narrowed to."""

    view: str = _NEEDS_ME
    mine: bool = False
    narrow: Narrow = Narrow()
    after: str | None = None
    all: bool = False

    def query(self, **changed: str) -> str:
        """Spell its address on this page."""
        said = {
            "view": str(self.view),
            "whose": "mine" if self.mine else "",
            "kind": self.narrow.category or "",
            "priority": self.narrow.priority or "",
            "after": self.after or "",
        } | changed
        return "/?" + urlencode({name: value for name, value in said.items() if value})


def wish_of(asked: Mapping[str, str]) -> Wish:
    """Read which list is asked for; raises Missing for one that is none."""
    view = asked.get("view") or _NEEDS_ME
    if view != _NEEDS_ME and view not in set(View):
        raise faults.Missing
    kind = asked.get("kind", "")
    if kind and not list_rows.is_code(kind):
        raise faults.Missing
    priority = asked.get("priority", "")
    return Wish(
        view=view,
        mine=asked.get("whose") == "mine",
        narrow=Narrow(
            category=kind or None, priority=priority if priority in set(Priority) else None
        ),
        after=asked.get("after") or None,
        all=asked.get("all") == "yes",
    )


@routing.door("GET", "/", policy=Action.SESSION_OWN, **staff.LIVE_DOOR)
async def home(request: Asked) -> Response[Any]:
    """Show the lists with their counts, and one of them."""
    return await page(request, request.query_params, {})


async def page(
    request: Asked, asked: Mapping[str, str], said: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    """Show the list that is asked for, with what somebody is told of an act on it."""
    office, actor = desk.of(request).office, guards.actor(request)
    if not policy.ever(actor, Action.REFERRAL_LIST):
        return await staff.show(request, "staff/home", {"views": [], "view": "", "referrals": []})
    wish = wish_of(asked)
    counts = await worklists.counts(office, actor)
    if wish.view == _NEEDS_ME:
        listed = await _needs_me(request, counts, wish)
    else:
        listed = await _list(request, wish)
    context = await _around(request, counts, wish) | listed | said
    return await staff.show(request, "staff/home", context, status=status, hears="of=referral")


async def _around(request: Asked, counts: dict[View, int], wish: Wish) -> dict[str, Any]:
    """Spell what stands around a list: the others, those kept at hand, and how it is narrowed."""
    found = await keep_lists.around(desk.of(request).office, guards.actor(request))
    return {
        "mine": wish.mine,
        "here_href": wish.query(),
        "whose_href": wish.query(whose="" if wish.mine else "mine", after=""),
        "all_href": wish.query(all="" if wish.all else "yes"),
        "all": wish.all,
        "views": [
            {"code": _NEEDS_ME, "count": ""},
            *({"code": each, "count": _count(counts.get(each))} for each in View),
        ],
        "saved": [list_rows.saved_of(each, staff.saying(request)) for each in found.saved],
        "colleagues": [(str(each.id), each.name) for each in found.colleagues],
        "kinds": [(each, each.replace("_", " ")) for each in found.categories],
        "values": {"kind": wish.narrow.category or "", "priority": wish.narrow.priority or ""},
    }


async def _needs_me(request: Asked, counts: dict[View, int], wish: Wish) -> dict[str, Any]:
    found = await worklists.needs_me(
        desk.of(request).office,
        guards.actor(request),
        limit=_FIRST,
        mine=wish.mine,
        request_id=problems.request_id_of(request.scope),
    )
    shown = [
        {
            "view": each.view,
            "count": "" if wish.mine else _count(counts.get(each.view)),
            "href": Wish(view=each.view, mine=wish.mine).query(),
            "referrals": [
                list_rows.row_of(request, card, found.identities, view=each.view)
                for card in each.cards
            ],
        }
        for each in found.sections
        if each.cards
    ]
    return {"view": _NEEDS_ME, "sections": shown, "referrals": [], "asleep": found.asleep}


async def _list(request: Asked, wish: Wish) -> dict[str, Any]:
    view = View(wish.view)
    found = await worklists.page(
        desk.of(request).office,
        guards.actor(request),
        view,
        limit=_PAGE,
        after=wish.after,
        mine=wish.mine,
        narrow=wish.narrow,
        request_id=problems.request_id_of(request.scope),
    )
    rows = [list_rows.row_of(request, card, found.identities, view=view) for card in found.cards]
    following = wish.query(after=found.next) if found.next else ""
    return {"view": view, "referrals": rows, "next_href": following}


def _count(found: int | None) -> str:
    # What is in every list is not counted: the number would only grow.
    if found is None:
        return ""
    return f"{found - 1}+" if found >= worklists.COUNTED else str(found)


HANDLERS = (home,)
