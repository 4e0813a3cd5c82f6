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
    """Serve a file of the manifest; its name holds a hash of its content.

    These files are the same for everybody and hold nothing anybody typed, so they may be packed.
    Pages never are: their length would tell what is in them (BREACH, CVE-2013-3587).
    """
    name = request.path_params["name"]
    found = assets.read(name)
    if found is None:
        raise faults.Missing
    content, kind = found
    said = {
        "cache-control": assets.CACHE_CONTROL,
        "etag": assets.etag(name),
        "vary": "accept-encoding",
    }
    if assets.etag(name) in _listed(request, "if-none-match"):
        return Response(b"", status_code=304, headers=said)
    packed = assets.packed(name)
    if packed is not None and "gzip" in _listed(request, "accept-encoding"):
        content, said = packed, said | {"content-encoding": "gzip"}
    return Response(content, media_type=kind, headers=said)


def _listed(request: Asked, header: str) -> set[str]:
    """Read a header that is a list; a word with `q=0` is one that is not wanted."""
    words = [word.strip().removeprefix("W/") for word in request.headers.get(header, "").split(",")]
    return {word.partition(";")[0].strip() for word in words if not word.endswith(("q=0", "q=0.0"))}


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
