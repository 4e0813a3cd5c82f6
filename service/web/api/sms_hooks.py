"""Where providers of texts call us: proven first, kept as it came, answered at once.

An answer to a text has no body: Kannel would send it on to the phone.
"""

from typing import Any

from litestar import Response

from crypto import callback
from service import faults
from service.actions import take_callback
from service.domain.policy import Action
from service.settings import Sms
from service.web import desk, limits, outer, routing
from service.web.desk import Asked

_DOOR: dict[str, Any] = {"policy": Action.PUBLIC, "hidden": True, "status": 204}
_FIELDS = 60


class Unproven(faults.Fault):
    """A call to a hook did not prove that it comes from the provider."""

    kind, slug = faults.Kind.REFUSED, "callback-unproven"
    advice = "Give the provider the secret of LOOPKEEPER_SMS_URL, and us its token."


_LONGEST = 4_000


@routing.door("POST", "/hooks/sms/twilio/receipts", **_DOOR)
async def twilio_receipt(request: Asked) -> Response[Any]:
    """Take what Twilio says of a text."""
    fields = await _from_twilio(request)
    await take_callback.receipt(desk.of(request).office, "twilio", fields)
    return _kept()


@routing.door("POST", "/hooks/sms/twilio/texts", **_DOOR)
async def twilio_text(request: Asked) -> Response[Any]:
    """Take a text that came to a number of ours at Twilio."""
    fields = await _from_twilio(request)
    await take_callback.text(desk.of(request).office, "twilio", fields)
    return _kept()


@routing.door("GET", "/hooks/sms/kannel/receipts", **_DOOR)
async def kannel_receipt(request: Asked) -> Response[Any]:
    """Take what a Kannel says of a text; it can only ask."""
    await _from_kannel(request)
    await take_callback.receipt(desk.of(request).office, "kannel", _query(request))
    return _kept()


@routing.door("POST", "/hooks/sms/kannel/texts", **_DOOR)
async def kannel_text(request: Asked) -> Response[Any]:
    """Take a text that came to a Kannel, which puts the words into the body."""
    await _from_kannel(request)
    told = ("x-kannel-from", "x-kannel-to")
    named = {name: request.headers.get(name, "")[:_LONGEST] for name in told}
    text = (await request.body()).decode("utf-8", "replace")
    fields = {**_query(request), **named, "text": text}
    await take_callback.text(desk.of(request).office, "kannel", fields)
    return _kept()


async def _from_twilio(request: Asked) -> dict[str, str]:
    """Return the fields of a call that Twilio signed; raises Unproven for any other."""
    way, here = _way(request, "twilio"), desk.of(request)
    query = request.scope.get("query_string", b"").decode("latin-1")
    url = f"{here.office.public_url}{request.scope['path']}{f'?{query}' if query else ''}"
    given = [
        (name, value)
        for name, value in (await request.form()).multi_items()
        if isinstance(value, str)
    ]
    signed = request.headers.get("x-twilio-signature", "")
    if way is None or not callback.twilio_signed(way.password.reveal(), url, given, signed):
        raise await _refused(request)
    return {**dict(given[:_FIELDS]), **_query(request)}


async def _from_kannel(request: Asked) -> None:
    """Require the secret that our Kannel was given; raises Unproven."""
    way = _way(request, "kannel")
    given = request.headers.get("authorization", "")
    if way is None or not callback.basic("kannel", way.hook.reveal(), given):
        raise await _refused(request)


async def _refused(request: Asked) -> faults.Fault:
    """Refuse, and let nobody try secrets quickly."""
    here = desk.of(request)
    await here.limits.spend(limits.HOOK, limits.place_of(outer.address_of(request, here)))
    return Unproven()


def _way(request: Asked, name: str) -> Sms | None:
    return next((way for way in desk.of(request).sms if way.name == name), None)


def _query(request: Asked) -> dict[str, str]:
    listed = list(request.query_params.multi_items())[:_FIELDS]
    return {name: value[:_LONGEST] for name, value in listed}


def _kept() -> Response[Any]:
    return Response(None, status_code=204)


HANDLERS = (twilio_receipt, twilio_text, kannel_receipt, kannel_text)
