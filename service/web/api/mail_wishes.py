"""When routine mail comes to oneself, over the API."""

from typing import Any

import msgspec
from litestar import Response

from service.actions import mail_wishes
from service.domain.mail_pace import RoutineMail
from service.domain.policy import Action
from service.store.mail_wishes import MailWish
from service.web import desk, guards, routing
from service.web.desk import Asked

_PATH = "/api/v1/account/mail"


class MailWished(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When what is not urgent comes by mail; null as the organization says."""

    routine: RoutineMail | None


@routing.door("GET", _PATH, policy=Action.SESSION_OWN, gives=MailWish)
async def look(request: Asked) -> Response[Any]:
    """Say when routine mail comes to you, and what your organization says for all."""
    return routing.answer(await mail_wishes.own(desk.of(request).office, guards.actor(request)))


@routing.door("PUT", _PATH, policy=Action.SESSION_OWN, takes=MailWished, gives=MailWish)
async def wish(request: Asked) -> Response[Any]:
    """Let routine mail come at once, once a day or not at all; what is urgent comes in any case."""
    body = await routing.body(request, MailWished)
    office, actor = desk.of(request).office, guards.actor(request)
    return routing.answer(await mail_wishes.wish(office, actor, routine=body.routine))


HANDLERS = (look, wish)
