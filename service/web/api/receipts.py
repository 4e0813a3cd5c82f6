"""The answer to every act on a referral: how it stands now, and what may be done next.

The same from the act itself and from its repetition; a repetition says what is true when it comes.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import open_now, read_referral
from service.actions.open_now import OpenStep
from service.actions.orders import Taken
from service.domain.access import PROTECTED
from service.domain.facts import LegFacts, ReferralFacts
from service.domain.people import Actor, Capacity
from service.store.referrals import Picture
from service.store.rows import OnceRow
from service.web import desk, guards, idempotency, routing
from service.web.api import shapes
from service.web.desk import Asked


class LegReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """How one leg stands."""

    id: UUID
    number: int
    org_id: UUID
    state: str
    version: int
    open_steps: tuple[OpenStep, ...]
    on_behalf_steps: tuple[OpenStep, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """How a referral stands after an act."""

    id: UUID
    reference: str
    state: str
    version: int
    open_steps: tuple[OpenStep, ...]
    legs: tuple[LegReceipt, ...]
    web_url: str


def receipt_of(actor: Actor, picture: Picture, *, public_url: str) -> Receipt:
    """Say how a referral stands to this actor."""
    facts = picture.facts
    return Receipt(
        id=facts.id,
        reference=facts.reference,
        state=facts.state,
        version=facts.version,
        open_steps=open_now.on_referral(actor, picture),
        legs=tuple(
            LegReceipt(
                id=leg.id,
                number=leg.number,
                org_id=leg.org_id,
                state=leg.state,
                version=leg.version,
                open_steps=open_now.on_leg(actor, picture, leg),
                on_behalf_steps=open_now.for_recipient(actor, picture, leg),
            )
            for leg in facts.legs
            if _shows(actor, picture, leg)
        ),
        web_url=shapes.web_url(public_url, facts.id),
    )


def _shows(actor: Actor, picture: Picture, leg: LegFacts) -> bool:
    """Say whether a leg is told of: to a recipient its own, and none where only the stage is."""
    if leg.org_id == actor.org_id:
        return True
    stage_only = picture.capacity == Capacity.CCO and picture.facts.sensitivity in PROTECTED
    return picture.capacity != Capacity.RECIPIENT and not stage_only


def picture_after(actor: Actor, taken: Taken) -> Picture:
    """Draw the picture an act left behind, without reading it again."""
    facts = taken.plan.referral
    return Picture(
        facts=facts,
        now=_moment(facts),
        patient_id=facts.id,
        capacity=_capacity(actor, facts),
    )


def _moment(facts: ReferralFacts) -> datetime:
    return max(event.entered_at for event in facts.last_events)


def _capacity(actor: Actor, facts: ReferralFacts) -> Capacity:
    if actor.org_id == facts.sender_org_id:
        return Capacity.SENDER
    return Capacity.CCO if actor.cco else Capacity.RECIPIENT


async def acted(
    request: Asked, once: OnceRow | None, *, status: int, act: Callable[[], Awaitable[Taken]]
) -> Response[Any]:
    """Act and answer with the receipt, or with that of the act this one repeats."""
    actor, office = guards.actor(request), desk.of(request).office

    def said(picture: Picture) -> Response[Any]:
        receipt = receipt_of(actor, picture, public_url=office.public_url)
        return routing.answer(receipt, status=status, version=receipt.version)

    async def first() -> Response[Any]:
        return said(picture_after(actor, await act()))

    async def again(spent: idempotency.Spent) -> Response[Any]:
        assert spent.resource_id is not None
        return said(await read_referral.facts_of(office, actor, spent.resource_id))

    return await idempotency.run(request, once, act=first, again=again)
