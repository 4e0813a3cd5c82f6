"""Conversations over the API: who takes part, what is taken back, and one's own side of them."""

from typing import Any

import msgspec
from litestar import Response

from service.actions import (
    create_referral,
    forward_thread,
    leave_thread,
    list_threads,
    retract_message,
    thread_desk,
)
from service.domain.policy import Action
from service.store.thread_work import Filter
from service.web import desk, guards, idempotency, limits, problems, routing
from service.web.api import asks, receipts, thread_asks, threads
from service.web.api import thread_shapes as shapes
from service.web.desk import Asked

_THREAD = "/api/v1/threads/{thread_id:uuid}"


@routing.door(
    "GET",
    "/api/v1/threads",
    policy=Action.THREAD_LIST,
    asks=thread_asks.ListAsk,
    gives=shapes.Listing,
)
async def listing(request: Asked) -> Response[Any]:
    """List conversations, the one last spoken in first, by participant, reference and date."""
    ask = routing.query(request, thread_asks.ListAsk)
    office, actor = desk.of(request).office, guards.actor(request)
    if ask.reference or ask.participant:
        await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    found = await list_threads.list_threads(
        office,
        actor,
        Filter(
            participant=ask.participant,
            since=ask.since,
            until=ask.until,
            unread=ask.unread,
            reference=list_threads.reference_of(ask.reference),
            referral_id=ask.referral_id,
        ),
        limit=ask.limit,
        after=ask.after,
        request_id=problems.request_id_of(request.scope),
    )
    items = tuple(shapes.item_of(each, public_url=office.public_url) for each in found.entries)
    return routing.answer(shapes.Listing(items=items, next=found.next))


@routing.door(
    "POST",
    f"{_THREAD}/participants",
    policy=Action.THREAD_WRITE,
    takes=thread_asks.ForwardBody,
    gives=shapes.Receipt,
    status=201,
    once=True,
)
async def forward(request: Asked) -> Response[Any]:
    """Let another organization in, with a message to everybody and a choice of the past."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, thread_asks.ForwardBody)
    await threads.spend(request)
    wish = forward_thread.Forward(
        thread_id=request.path_params["thread_id"],
        guest=body.participant,
        text=body.text,
        history=body.history,
        from_message_id=body.from_message_id,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )
    office, actor = desk.of(request).office, guards.actor(request)
    return await threads.said(
        request, once, act=lambda: forward_thread.forward_thread(office, actor, wish)
    )


@routing.door(
    "DELETE",
    f"{_THREAD}/participants/{{org_id:uuid}}",
    policy=Action.THREAD_LEAVE,
    gives=shapes.Changed,
)
async def leave(request: Asked) -> Response[Any]:
    """Leave a conversation, or let an organization go that one's own let in."""
    thread_id = request.path_params["thread_id"]
    version = await leave_thread.end_part(
        desk.of(request).office,
        guards.actor(request),
        thread_id,
        org_id=request.path_params["org_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(shapes.Changed(id=thread_id, version=version), version=version)


@routing.door(
    "POST",
    f"{_THREAD}/messages/{{message_id:uuid}}/retraction",
    policy=Action.MESSAGE_RETRACT,
    takes=thread_asks.RetractBody,
    gives=shapes.Tombstone,
)
async def retract(request: Asked) -> Response[Any]:
    """Take a message back: its key is withdrawn, a tombstone stays; who opened it is listed."""
    body = await routing.body(request, thread_asks.RetractBody)
    wish = retract_message.Retraction(
        thread_id=request.path_params["thread_id"],
        message_id=request.path_params["message_id"],
        reason=body.reason,
        comment=body.comment,
        request_id=problems.request_id_of(request.scope),
    )
    readers = await retract_message.retract_message(
        desk.of(request).office, guards.actor(request), wish
    )
    return routing.answer(
        shapes.Tombstone(
            message_id=wish.message_id,
            reason=body.reason,
            opened_by=tuple(shapes.Reader(**msgspec.structs.asdict(reader)) for reader in readers),
        )
    )


@routing.door(
    "POST",
    f"{_THREAD}/notes",
    policy=Action.THREAD_WRITE,
    takes=thread_asks.NoteBody,
    gives=shapes.KeptNote,
    status=201,
    once=True,
)
async def note(request: Asked) -> Response[Any]:
    """Keep a note that only one's own organization has a key and a row for."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, thread_asks.NoteBody)
    office, actor = desk.of(request).office, guards.actor(request)

    async def first() -> Response[Any]:
        made = await thread_desk.write_note(
            office,
            actor,
            request.path_params["thread_id"],
            text=body.text,
            once=once,
            request_id=problems.request_id_of(request.scope),
        )
        return routing.answer(shapes.KeptNote(id=made), status=201)

    async def again(spent: idempotency.Spent) -> Response[Any]:
        assert spent.resource_id is not None
        return routing.answer(shapes.KeptNote(id=spent.resource_id), status=201)

    return await idempotency.run(request, once, act=first, again=again)


@routing.door("GET", f"{_THREAD}/draft", policy=Action.THREAD_WRITE, gives=shapes.DraftShape)
async def draft(request: Asked) -> Response[Any]:
    """Read what one has begun to write; nothing begun is an empty text."""
    found = await thread_desk.read_draft(
        desk.of(request).office, guards.actor(request), request.path_params["thread_id"]
    )
    if found is None:
        return Response(b"", status_code=204)
    return routing.answer(shapes.DraftShape(**msgspec.structs.asdict(found)))


@routing.door(
    "PUT", f"{_THREAD}/draft", policy=Action.THREAD_WRITE, takes=thread_asks.DraftBody, status=204
)
async def keep_draft(request: Asked) -> Response[Any]:
    """Keep what one has begun to write; only oneself reads it, and sending takes it away."""
    body = await routing.body(request, thread_asks.DraftBody)
    await thread_desk.keep_draft(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["thread_id"],
        text=body.text,
        reply_to=body.reply_to,
    )
    return Response(b"", status_code=204)


@routing.door(
    "PUT",
    f"{_THREAD}/read",
    policy=Action.THREAD_READ,
    takes=thread_asks.ReadBody,
    gives=shapes.Mark,
)
async def mark(request: Asked) -> Response[Any]:
    """Say how far one has read; back marks messages unread, for oneself alone."""
    body = await routing.body(request, thread_asks.ReadBody)
    seq = await thread_desk.mark(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["thread_id"],
        read_seq=body.read_seq,
    )
    return routing.answer(shapes.Mark(read_seq=seq))


@routing.door(
    "POST",
    f"{_THREAD}/referral",
    policy=Action.REFERRAL_CREATE,
    takes=asks.NewReferralBody,
    gives=receipts.Receipt,
    status=201,
    once=True,
)
async def refer(request: Asked) -> Response[Any]:
    """Turn a free-standing conversation into a referral in place: who talks there stays."""
    once = await idempotency.once_of(request, status=201)
    body = await routing.body(request, asks.NewReferralBody)
    wish = asks.new_referral(body, request_id=problems.request_id_of(request.scope))
    wish = msgspec.structs.replace(wish, once=once, thread_id=request.path_params["thread_id"])
    office, actor = desk.of(request).office, guards.actor(request)
    answer = await receipts.acted(
        request, once, status=201, act=lambda: create_referral.create_referral(office, actor, wish)
    )
    made = msgspec.json.decode(answer.content, type=receipts.Receipt)
    answer.headers["location"] = f"/api/v1/referrals/{made.id}"
    return answer


HANDLERS = (listing, forward, leave, retract, note, draft, keep_draft, mark, refer)
