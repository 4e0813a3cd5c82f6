"""Hear what a phone says: stop before all else, then an answer, a wish, or a person's work.

An answer is a claim. It can open work, and it never moves a leg.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.faults import NotIndexable
from service.actions import bear_witness, read_words, text_numbers
from service.actions.bear_witness import Witness
from service.actions.office import Office
from service.domain import heard, ids
from service.domain.heard import Heard, Meaning
from service.domain.patient_texts import Question, Reply
from service.domain.people import Actor, ActorKind
from service.store import audit, hearing
from service.store.hearing import ContextRow, Line
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """A text that came in; `number` is whose phone, in E.164, and `our_number` is where it came."""

    number: str
    our_number: str
    text: str
    provider: str
    provider_event_id: str
    at: datetime

    def __repr__(self) -> str:
        return f"<inbound {self.provider_event_id}>"


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """One text to us inside the transaction that answers it."""

    connection: Connection
    line: Line
    was: ContextRow

    @property
    def referral_id(self) -> UUID | None:
        return self.line.referral_id


async def hear(office: Office, inbound: Inbound) -> Meaning | None:
    """Do what a text asks for, once; None where it was heard before or comes from no number.

    `office` is the worker's own.
    """
    try:
        number_id = await _number(office, inbound.number)
    except NotIndexable:
        return None
    said = heard.understand(inbound.text)
    async with office.db.transaction(Scope()) as connection:
        was = await hearing.context(connection, number_id)
    line = _line(inbound, said, was, number_id=number_id)
    scope = Scope(org_id=line.org_id, opening=line.referral_id)
    line = await _with_words(office, inbound, line, scope)
    async with office.db.transaction(scope) as connection:
        if not await hearing.first(connection, line):
            return None
        # Read again: the number is held now, and another text may have been first.
        was = await hearing.context(connection, number_id)
        await _do(_Case(connection=connection, line=line, was=was), said)
        await audit.insert(connection, _ACTOR, _audited(line, said))
    return said.meaning


_READ_BY_PEOPLE = frozenset({Meaning.UNCLEAR, Meaning.CALL, Meaning.DECEASED})
"""What opens work that nobody can do without the words."""

_ACTOR = Actor(kind=ActorKind.SYSTEM)


def _audited(line: Line, said: Heard) -> AuditRow:
    return AuditRow(
        org_id=line.org_id,
        action="text.heard",
        resource_kind="text_heard",
        resource_id=line.id,
        detail={"meaning": said.meaning},
    )


async def _number(office: Office, number: str) -> UUID:
    tokens = await office.keys.indexes(None, "phone", number)
    async with office.db.transaction(Scope()) as connection:
        found = await hearing.find(connection, [each.digest for each in tokens])
        if found is not None:
            return found
        number_id = ids.new_id()
        place = text_numbers.place(number_id)
        return await hearing.add(
            connection,
            number_id,
            token=tokens[0].digest,
            key_version=tokens[0].version,
            sealed=await office.keys.seal_field(None, number.encode(), place=place),
        )


def _line(inbound: Inbound, said: Heard, was: ContextRow, *, number_id: UUID) -> Line:
    """Spell what is kept of a text; an answer belongs to what was asked, not to the last news."""
    asked = said.meaning is Meaning.ANSWER and was.question_id is not None
    return Line(
        provider=inbound.provider,
        provider_event_id=inbound.provider_event_id,
        id=ids.new_id(),
        number_id=number_id,
        org_id=was.asked_by if asked else was.org_id,
        referral_id=was.asked_about if asked else was.referral_id,
        meaning=said.meaning,
        at=inbound.at,
    )


async def _with_words(office: Office, inbound: Inbound, line: Line, scope: Scope) -> Line:
    """Keep the words where a person has to read them, sealed for those who know the patient."""
    if line.meaning not in _READ_BY_PEOPLE or line.org_id is None or line.referral_id is None:
        return line
    async with office.db.transaction(scope) as connection:
        patient_id = await hearing.patient_of(connection, line.org_id, line.referral_id)
    if patient_id is None:
        return line
    sealed = await read_words.sealed(
        office.keys, inbound.text, heard_id=line.id, org_id=line.org_id, patient_id=patient_id
    )
    return msgspec.structs.replace(line, sealed=sealed)


async def _do(case: _Case, said: Heard) -> None:
    wish = _WISHES.get(said.meaning)
    if wish is not None:
        await wish(case)
    else:
        await _answer(case, said)


async def _died(case: _Case) -> None:
    await _silence(case, "stopped", task="patient_may_have_died")
    if case.referral_id is not None:
        await hearing.no_contact(case.connection, case.referral_id)


async def _wrong(case: _Case) -> None:
    if await _silence(case, "wrong", task="patient_number_is_wrong"):
        await _reply(case, Reply.WRONG_DONE)


async def _help(case: _Case) -> None:
    await _reply(case, Reply.HELP)


async def _call(case: _Case) -> None:
    await _work(case, "patient_wants_a_call")
    await _reply(case, Reply.CALL_DONE)


async def _stop(case: _Case) -> None:
    """Be silent from now on; one confirmation, and not even that the second time."""
    await hearing.evidence(case.connection, case.line, given=False)
    if await hearing.silence(case.connection, case.line.number_id, state="stopped"):
        await _reply(case, Reply.STOP_DONE)


async def _start(case: _Case) -> None:
    if await hearing.reopen(case.connection, case.line.number_id):
        await hearing.evidence(case.connection, case.line, given=True)
        await _reply(case, Reply.STARTED)


async def _silence(case: _Case, state: str, *, task: str) -> bool:
    how = "wrong_number" if state == "wrong" else "text"
    await hearing.evidence(case.connection, case.line, given=False, how=how)
    first = await hearing.silence(case.connection, case.line.number_id, state=state)
    await _work(case, task)
    return first


async def _answer(case: _Case, said: Heard) -> None:
    """Take an answer to the open question; what fits none is helped once a day, and kept."""
    was = case.was
    if case.was.state != "open":
        return
    answer = None
    if was.question is not None and said.digit is not None:
        answer = heard.answer(Question(was.question), said.digit)
    if answer is None or was.question_id is None or case.referral_id is None:
        if said.meaning is Meaning.UNCLEAR:
            await _work(case, "patient_wrote")
        await _reply(case, Reply.NOT_UNDERSTOOD)
        return
    if not await hearing.answered(case.connection, was.question_id, value=answer.value):
        return
    await _claimed(case, answer)
    if answer.then_asks is None:
        await _reply(case, Reply.THANKS)
        return
    effect_id = await _reply(case, Reply.BARRIER)
    if effect_id is not None:
        await hearing.ask_next(
            case.connection, was.question_id, kind=answer.then_asks, effect_id=effect_id
        )


async def _claimed(case: _Case, answer: heard.Answer) -> None:
    was, line = case.was, case.line
    if line.referral_id is None or line.org_id is None:
        return
    witness = Witness(
        org_id=line.org_id,
        referral_id=line.referral_id,
        leg_id=was.asked_leg,
        contact_id=was.asked_contact,
        source="sms",
    )
    await bear_witness.claimed(case.connection, witness, answer)


async def _work(case: _Case, kind: str) -> None:
    if case.referral_id is not None:
        leg_id = case.was.asked_leg if case.was.asked_about == case.referral_id else None
        await hearing.task(case.connection, kind, referral_id=case.referral_id, leg_id=leg_id)


async def _reply(case: _Case, code: Reply) -> UUID | None:
    return await hearing.reply(
        case.connection, case.line.number_id, code=code, org_id=case.line.org_id
    )


_WISHES: dict[Meaning, Callable[[_Case], Awaitable[None]]] = {
    Meaning.STOP: _stop,
    Meaning.START: _start,
    Meaning.DECEASED: _died,
    Meaning.WRONG_NUMBER: _wrong,
    Meaning.HELP: _help,
    Meaning.CALL: _call,
}
"""What each wish does; all else is an answer, or is not understood."""
