"""What a form of a visit through a link spends: it is one act however often it is sent."""

from crypto import token
from service.store.rows import OnceRow
from service.web import desk, visits
from service.web.desk import Asked


async def of(request: Asked, key: str, *, route: str, body: bytes | None = None) -> OnceRow:
    """Make the row of this visit and this showing of a form, `key`.

    `body` is what was sent, where that is not all that came.
    """
    visit = visits.of(request)
    said = await request.body() if body is None else body
    mac_key = await desk.of(request).office.keys.network_key("idempotency")
    return OnceRow(
        principal=visit.id,
        key=key,
        body_mac=token.idempotency_digest(mac_key, route=route, body=said),
        route=route,
        status=303,
        org_id=visit.org_id,
    )
