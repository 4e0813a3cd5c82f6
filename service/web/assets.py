"""Style sheets and the API viewer's files, and the pages that explain problems."""

import inspect

from litestar import Response

from service import faults
from service.domain.policy import Action
from service.faults import Fault
from service.web import problems, routing
from service.web.desk import Asked
from service.web.headers import Page
from templates import assets, render, surroundings


@routing.door("GET", "/static/{name:str}", policy=Action.PUBLIC, page=Page.ASSET, hidden=True)
async def static(request: Asked) -> Response[bytes]:
    """Serve a file of the manifest; its name holds a hash of its content."""
    found = assets.read(request.path_params["name"])
    if found is None:
        raise faults.Missing
    content, kind = found
    return Response(content, media_type=kind, headers={"cache-control": assets.CACHE_CONTROL})


@routing.door("GET", "/problems/{slug:str}", policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def problem(request: Asked) -> Response[str]:
    """Explain one kind of problem; its address is the `type` of every such answer."""
    found = kinds().get(request.path_params["slug"])
    if found is None:
        raise faults.Missing
    language = surroundings.language_of(request.headers.get("accept-language", "en")[:35])
    context = {"title": found.title(), "detail": found.advice}
    page = render.page("link/problem", language=language, context=context)
    return Response(page, media_type="text/html; charset=utf-8")


def kinds() -> dict[str, type[Fault]]:
    """List every fault a caller may meet, by slug."""
    found = [each for room in (faults, problems) for _, each in inspect.getmembers(room)]
    classes = [each for each in found if inspect.isclass(each) and issubclass(each, Fault)]
    return {each.slug: each for each in classes if each is not Fault}


HANDLERS = (static, problem)
