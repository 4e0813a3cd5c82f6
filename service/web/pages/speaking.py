"""What every page of a link does: speak a language, read a form, lead on."""

from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from service import faults
from service.web import cookies, desk
from service.web.desk import Asked
from templates import render, surroundings, words

_LANGUAGE = "lk_link_language"
_NAMES = {"en": "English", "es": "Español"}
_LONGEST = 20_000
_FIELDS = 60


def language_of(request: Asked, *, default: str | None = None) -> str:
    """Choose a language: what was asked for here, else the office's own, else the browser's."""
    asked = request.query_params.get("language") or request.cookies.get(
        cookies.name(desk.of(request), _LANGUAGE), ""
    )
    if asked in surroundings.LANGUAGES:
        return asked
    return surroundings.language_of(default or request.headers.get("accept-language", "en")[:35])


def saying(request: Asked, *, default: str) -> words.Say:
    """Return what translates a text of ours for the reader of this page."""
    return surroundings.translations(language_of(request, default=default)).gettext


def page(
    request: Asked,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    language: str | None = None,
) -> Response[str]:
    """Render a page with the way to its other language."""
    spoken = language_of(request, default=language)
    other = next(code for code in surroundings.LANGUAGES if code != spoken)
    way = {"name": _NAMES[other], "code": other, "href": f"?language={other}"}
    given = {"other_language": way} if request.scope["method"] == "GET" else {}
    answer = Response(
        render.page(name, language=spoken, context=given | context),
        status_code=status,
        media_type="text/html; charset=utf-8",
    )
    if request.query_params.get("language") in surroundings.LANGUAGES:
        _remember(request, answer, spoken)
    return answer


def _remember(request: Asked, answer: Response[Any], spoken: str) -> None:
    here = desk.of(request)
    answer.set_cookie(
        Cookie(
            key=cookies.name(here, _LANGUAGE),
            value=spoken,
            max_age=3600,
            path="/",
            secure=here.secure,
            httponly=True,
            samesite="strict",
        )
    )


def see_other(where: str) -> Response[bytes]:
    """Lead to another page by GET."""
    return Response(b"", status_code=303, headers={"location": where})


async def form(request: Asked) -> dict[str, str]:
    """Read a form's text fields, the first of each name; files and floods are Malformed."""
    given = await request.form()
    found: dict[str, str] = {}
    for name, value in given.multi_items():
        if not isinstance(value, str) or len(value) > _LONGEST or len(found) > _FIELDS:
            raise faults.Malformed("Send the form as the page has it.")
        found.setdefault(name, value)
    return found
