"""What somebody wants done with a referral: the steps, what each says, and what came of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.domain.details import Details
from service.domain.people import Source
from service.domain.plan import Plan
from service.domain.rules import Step
from service.store import rows


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a step says in words; sealed whole before it is stored."""

    comment: str | None = None
    items: tuple[str, ...] = ()
    owner_name: str | None = None
    owner_phone: str | None = None
    spoke_to: str | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A consult note, form or letter as it is filed: three dates, and where it came from."""

    type_code: str
    text: str
    author: str
    written_on: date
    received_at: datetime | None = None
    title: str = ""
    evidence: str = "typed"
    files: tuple[UUID, ...] = ()


class OnBehalf(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient's answer that reached us by other ways: how, from whom, and when."""

    source: Source
    spoke_to: str
    happened_at: datetime | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One step somebody wants taken."""

    step: Step
    details: Details = Details()
    words: Words = Words()
    document: Document | None = None
    service_ids: tuple[UUID, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Steps to take together on one leg, or on the referral where leg_id is None.

    `seen` is the version the caller decided on: of the leg, or of the referral.
    """

    wishes: tuple[Wish, ...]
    leg_id: UUID | None = None
    referral_id: UUID | None = None
    seen: int | None = None
    on_behalf: OnBehalf | None = None
    override_reason: str | None = None
    source: Source = Source.API
    once: rows.OnceRow | None = None
    request_id: str | None = None
    worker_id: UUID | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: how the referral stands now, and at which version."""

    referral_id: UUID
    version: int
    plan: Plan


def coded(wishes: tuple[Wish, ...]) -> dict[str, Any]:
    """Gather the codes and dates of steps as their events keep them in the clear."""
    kept: dict[str, Any] = {}
    for wish in wishes:
        fields = msgspec.to_builtins(wish.details)
        kept |= {
            name: value
            for name, value in fields.items()
            if value and not name.startswith("has_") and name not in _NOT_KEPT
        }
    return kept


_NOT_KEPT = frozenset({"recipients", "reviewer_is_clinician", "organization_left"})


def heard_by(order: Order) -> dict[str, Any]:
    """Spell how an order came in, as its rows keep it: on whose behalf, and when it happened."""
    said = order.on_behalf
    return {
        "source": said.source if said else order.source,
        "on_behalf": said is not None,
        "happened_at": said.happened_at if said else None,
        "request_id": order.request_id,
    }
