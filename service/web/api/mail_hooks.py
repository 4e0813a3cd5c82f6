"""Where a mail provider tells us what became of a mail: signed first, kept raw, applied later."""

import re
from typing import Any

from litestar import Response

from crypto import mail_hook
from service import clock, faults
from service.actions import hear_mail_hook
from service.actions.hear_mail_hook import MailEvent
from service.domain.policy import Action
from service.web import desk, limits, outer, routing
from service.web.desk import Asked

_NAME = re.compile(r"[a-z0-9-]{1,30}")


class Unsigned(faults.Fault):
    """A call to the hook for mail did not prove that it comes from the provider, or came late."""

    kind, slug = faults.Kind.REFUSED, "mail-hook-unsigned"
    advice = "Sign the body with the secret of LOOPKEEPER_MAIL_HOOK_SECRET, within five minutes."


@routing.door("POST", "/hooks/mail/{provider:str}", policy=Action.PUBLIC, hidden=True, status=204)
async def told(request: Asked) -> Response[Any]:
    """Take one event; the same event again is taken and changes nothing."""
    here = desk.of(request)
    provider: str = request.path_params["provider"]
    given = request.headers.get("loopkeeper-signature", "")
    if (
        not here.mail_hook
        or not _NAME.fullmatch(provider)
        or not mail_hook.signed(
            here.mail_hook,
            given,
            provider=provider,
            body=await request.body(),
            now=clock.unix_seconds(),
        )
    ):
        # Nobody tries secrets quickly.
        await here.limits.spend(limits.MAIL_HOOK, limits.place_of(outer.address_of(request, here)))
        raise Unsigned
    event = await routing.body(request, MailEvent)
    await hear_mail_hook.hear(here.office, event, provider=provider, domain=here.return_domain)
    return Response(None, status_code=204)


HANDLERS = (told,)
