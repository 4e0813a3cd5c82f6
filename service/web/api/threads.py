"""Conversations over the API: begin one, say something in it, open it."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import read_thread, send_message, start_thread
from service.actions.start_thread import Said
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.api import thread_asks
from service.web.api import thread_shapes as shapes
from service.web.desk import Asked


@routing.door(
    "POST",
    "/api/v1/threads",
    policy=Action.THREAD_START,
    takes=thread_asks.NewThreadBody,
    gives=shapes.Receipt,
    status=201,
    once=True,
)
async def start(request: Asked) -> Response[Any]:
    """Begin a conversation with its first message, on a referral or free-standing."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, thread_asks.NewThreadBody)
    await spend(request)
    wish = start_thread.NewThread(
        **msgspec.structs.asdict(body), once=once, request_id=problems.request_id_of(request.scope)
    )
    office, actor = desk.of(request).office, guards.actor(request)
    answer = await said(request, once, act=lambda: start_thread.start_thread(office, actor, wish))
    made = msgspec.json.decode(answer.content, type=shapes.Receipt)
    answer.headers["location"] = f"/api/v1/threads/{made.thread_id}"
    return answer


@routing.door(
    "POST",
    "/api/v1/threads/{thread_id:uuid}/messages",
    policy=Action.THREAD_WRITE,
    takes=thread_asks.MessageBody,
    gives=shapes.Receipt,
    status=201,
    once=True,
)
async def send(request: Asked) -> Response[Any]:
    """Say something to everybody who takes part."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, thread_asks.MessageBody)
    await spend(request)
    wish = send_message.NewMessage(
        thread_id=request.path_params["thread_id"],
        text=body.text,
        reply_to=body.reply_to,
        files=body.attachments,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )
    office, actor = desk.of(request).office, guards.actor(request)
    return await said(request, once, act=lambda: send_message.send_message(office, actor, wish))


@routing.door(
    "GET",
    "/api/v1/threads/{thread_id:uuid}",
    policy=Action.THREAD_READ,
    asks=thread_asks.PageAsk,
    gives=shapes.Thread,
)
async def read(request: Asked) -> Response[Any]:
    """Open a conversation; that it was opened, and which messages, is recorded first."""
    ask = routing.query(request, thread_asks.PageAsk)
    office, actor = desk.of(request).office, guards.actor(request)
    sheet = await read_thread.read_thread(
        office,
        actor,
        request.path_params["thread_id"],
        before=ask.before,
        limit=ask.limit,
        request_id=problems.request_id_of(request.scope),
    )
    found = shapes.thread_of(sheet, public_url=office.public_url)
    return routing.answer(found, version=sheet.version)


async def spend(request: Asked) -> None:
    """Count one message of somebody; raises RateLimited."""
    await desk.of(request).limits.spend(limits.MESSAGES, str(guards.actor(request).member_id))


async def said(
    request: Asked, once: OnceRow | None, *, act: Callable[[], Awaitable[Said]]
) -> Response[Any]:
    """Say something and answer where it stands, or where what this repeats stands."""
    office, actor = desk.of(request).office, guards.actor(request)

    async def first() -> Response[Any]:
        return _answer(await act(), public_url=office.public_url)

    async def again(spent: idempotency.Spent) -> Response[Any]:
        if spent.resource_id is None:
            raise faults.Missing
        found = await read_thread.where(office, actor, spent.resource_id)
        return _answer(found, public_url=office.public_url)

    return await idempotency.run(request, once, act=first, again=again)


def _answer(found: Said, *, public_url: str) -> Response[Any]:
    receipt = shapes.receipt_of(found, public_url=public_url)
    return routing.answer(receipt, status=201, version=receipt.version)


HANDLERS = (start, send, read)
