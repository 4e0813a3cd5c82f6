"""One call to a partner about all that waits for it, and each item's answer recorded on its behalf.

Every answer is a step like any other: it is decided, recorded and told alone, and one that cannot
be taken any more keeps none of the others back.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from service import faults
from service.actions import human_tasks, open_now, take_step
from service.actions.office import Office
from service.actions.take_step import OnBehalf, Order, Wish, Words
from service.domain.details import Details
from service.domain.people import Actor, Source
from service.domain.rules import Step
from service.store import referrals
from service.store.pool import Scope
from service.store.tasks import TaskCard, UnansweredRow

AT_ONCE = 15
"""How many items one call is about; the next page has the others."""

NOT_REACHED = "not_reached"

ANSWERS: Mapping[str, tuple[Step, Details]] = {
    "accept": (Step.ACCEPT, Details()),
    "no_capacity": (Step.DECLINE, Details(reason="no_capacity")),
    "out_of_area": (Step.DECLINE, Details(reason="out_of_area")),
    "wrong_service": (Step.DECLINE, Details(reason="wrong_service")),
    "no_show": (Step.NO_SHOW, Details()),
    "confirm_cancel": (Step.CONFIRM_CANCEL, Details()),
    NOT_REACHED: (Step.LOG_ATTEMPT, Details(attempt_result="no_answer")),
}
"""What can be heard in one word; more than that is entered on the referral's own page."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a partner is asked for: where the leg stands, and what may be answered.

    `kind` is the task it is, or nothing where the answer is waited for and nobody is late.
    """

    kind: str
    reference: str
    referral_id: UUID
    about: str
    phone: str
    leg_id: UUID
    state: str
    version: int
    answers: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard about one item, on which version of its leg."""

    code: str
    leg_id: UUID
    seen: int
    expected_by: date | None = None


async def items(
    office: Office, actor: Actor, partner_id: UUID, *, request_id: str | None = None
) -> list[Item]:
    """List what one's organization may call a partner about; that it was seen is recorded.

    First the work that is due, then what one's own organization sent and is not answered yet.
    """
    due = await human_tasks.page(
        office, actor, limit=AT_ONCE, partner=partner_id, request_id=request_id
    )
    sent = await human_tasks.unanswered(
        office, actor, partner_id, limit=AT_ONCE, request_id=request_id
    )
    # A leg has one line, however many tasks are about it.
    about: dict[UUID, TaskCard | UnansweredRow] = {}
    for row in (*due.items, *sent):
        if row.leg_id is not None:
            about.setdefault(row.leg_id, row)
    chosen = list(about.items())[:AT_ONCE]
    found = [await _item(office, actor, row, leg_id) for leg_id, row in chosen]
    return [item for item in found if item is not None]


async def _item(
    office: Office, actor: Actor, row: TaskCard | UnansweredRow, leg_id: UUID
) -> Item | None:
    try:
        async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
            picture = await referrals.picture(connection, leg_id=leg_id)
    except faults.Missing:
        return None
    leg = picture.facts.leg(leg_id)
    if leg is None:
        return None
    theirs = {step.step for step in open_now.for_recipient(actor, picture, leg)}
    ours = {step.step for step in open_now.on_leg(actor, picture, leg)}
    answers = tuple(
        code
        for code, (step, _) in ANSWERS.items()
        if step in (ours if code == NOT_REACHED else theirs)
    )
    return Item(
        kind=row.kind if isinstance(row, TaskCard) else "",
        reference=row.reference or "",
        referral_id=picture.facts.id,
        about=row.about or "",
        phone=row.about_phone or "",
        leg_id=leg_id,
        state=leg.state,
        version=leg.version,
        answers=answers,
    )


async def record(
    office: Office,
    actor: Actor,
    answers: Sequence[Answer],
    *,
    spoke_to: str,
    request_id: str | None = None,
) -> dict[UUID, faults.Fault]:
    """Record what was heard, each by a step of its own; return by leg why any was refused."""
    refused: dict[UUID, faults.Fault] = {}
    for answer in answers:
        try:
            order = _order(answer, spoke_to=spoke_to, request_id=request_id)
            await take_step.take_step(office, actor, order)
        except (faults.Stale, faults.StepRefused, faults.Invalid, faults.Missing) as fault:
            refused[answer.leg_id] = fault
    return refused


def _order(answer: Answer, *, spoke_to: str, request_id: str | None) -> Order:
    step, details = ANSWERS[answer.code]
    accepts = step is Step.ACCEPT
    if accepts:
        details = msgspec.structs.replace(details, expected_by=answer.expected_by)
    heard = OnBehalf(source=Source.PHONE, spoke_to=spoke_to)
    return Order(
        leg_id=answer.leg_id,
        wishes=(
            Wish(step=step, details=details, words=Words(owner_name=spoke_to if accepts else None)),
        ),
        seen=answer.seen,
        on_behalf=None if answer.code == NOT_REACHED else heard,
        source=Source.WEB,
        request_id=request_id,
    )
