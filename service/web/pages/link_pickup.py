"""A counter's page by a link: three words, one button, and nothing of whom they are."""

from typing import Any

from litestar import Response

from service import faults
from service.actions import serve_by_word
from service.domain.policy import Action
from service.web import desk, idempotency, limits, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import link_once, link_visit, link_words, speaking

Form = dict[str, str]


@routing.door("GET", "/r/pickup", policy=Action.LINK_READ_CARD, page=Page.FORM, hidden=True)
async def counter(request: Asked) -> Response[Any]:
    """Show the field for the words."""
    if not visits.of(request).enrolled:
        return speaking.see_other("/r/people")
    return await _page(request, {"done": request.query_params.get("done") == "1"})


async def take(request: Asked, form: Form) -> Response[Any]:
    """Record that whoever said these words was served; the same form twice is once."""
    visit, words = visits.of(request), form.get("words", "")
    if not words.strip():
        return await _wrong(request, "missing")
    await desk.of(request).limits.spend(limits.PICK_UP, str(visit.org_id))
    once = await link_once.of(request, form["nonce"], route="link pickup")

    async def act() -> Response[Any]:
        await serve_by_word.serve_by_word(
            desk.of(request).office,
            visit,
            words,
            once=once,
            request_id=problems.request_id_of(request.scope),
        )
        return speaking.see_other("/r/pickup?done=1")

    async def again(_spent: idempotency.Spent) -> Response[Any]:
        return speaking.see_other("/r/pickup?done=1")

    try:
        return await idempotency.run(request, once, act=act, again=again)
    except faults.Missing:
        return await _wrong(request, "not_those")


async def _wrong(request: Asked, code: str) -> Response[Any]:
    return await _page(request, {"errors": {"words": code}}, status=422)


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    context = {"nonce": await link_words.nonce(request), "agency": visits.of(request).public_name}
    return await link_visit.show(request, "link/pickup", context | said, status=status)


HANDLERS = (counter,)
