"""Name the people of an agency, once per mailbox, through its first link."""

import itertools

import msgspec

from service import faults
from service.actions import agency_people, hashing, mailboxes, permission, read_card
from service.actions.agency_people import AgencyPerson
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import ids, people, policy
from service.store import agency_workers, links
from service.store.agency_workers import NewWorker
from service.store.links import Line
from service.store.pool import Scope

LONGEST = 120
PIN_DIGITS = range(6, 13)


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person with the PIN they chose."""

    person: AgencyPerson
    pin: str

    def __repr__(self) -> str:
        return "<new agency person>"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What the one page asks: people, whether several read the mailbox, a phrase of theirs."""

    people: tuple[NewPerson, ...]
    shared: bool = False
    phrase: str | None = None

    def __repr__(self) -> str:
        return "<enrolment>"


def check(wish: Enrolment) -> dict[str, str]:
    """Say by field what is wrong, in the codes of the page's words; people count from 1."""
    found: dict[str, str] = {}
    if not wish.people:
        found["name_1"] = "missing"
    for number, each in enumerate(wish.people, start=1):
        if not each.person.name:
            found[f"name_{number}"] = "missing"
        elif len(each.person.name) > LONGEST:
            found[f"name_{number}"] = "too_long"
        if not people.is_phone(each.person.phone):
            found[f"phone_{number}"] = "invalid" if each.person.phone else "missing"
        wrong = _wrong_pin(each.pin)
        if wrong:
            found[f"pin_{number}"] = wrong
    if len(wish.phrase or "") > LONGEST:
        found["phrase"] = "too_long"
    return found


def _wrong_pin(pin: str) -> str:
    """Say what is wrong with a PIN, if anything is."""
    if not pin:
        return "missing"
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
        return "invalid"
    # Digits that only repeat, rise or fall by one are the first that anybody tries.
    steps = {int(after) - int(before) for before, after in itertools.pairwise(pin)}
    return "easy" if steps in ({0}, {1}, {-1}) else ""


async def enrol_agency(office: Office, visit: Visit, wish: Enrolment) -> None:
    """Store the people of a mailbox; they see nobody's identity before they are confirmed.

    Raises Invalid, and StepRefused where the mailbox has named its people before: changing them
    then needs a call to the number on file.
    """
    permission.require(visit.actor, policy.Action.LINK_ACT, resource=read_card.resource(visit))
    if check(wish):
        raise faults.Invalid
    made = [await _worker(office, visit, each) for each in wish.people]
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        address_id = await agency_workers.mailbox(connection, visit.link_id)
        phrase = await mailboxes.sealed_phrase(
            office.keys, visit.org_id, address_id, phrase=wish.phrase
        )
        if not await agency_workers.enrol(
            connection, visit.link_id, shared=wish.shared, phrase_sealed=phrase
        ):
            raise faults.StepRefused(open_steps=[])
        for row in made:
            await agency_workers.insert(connection, row)
        await links.ask_for_confirmation(connection, visit.link_id)
        line = Line(action="link.enrolled", resource_kind="address", resource_id=address_id)
        await links.record(connection, visit.actor, line)


async def _worker(office: Office, visit: Visit, each: NewPerson) -> NewWorker:
    worker_id = ids.new_id()
    return NewWorker(
        org_id=visit.org_id,
        id=worker_id,
        sealed=await agency_people.sealed(
            office.keys, visit.org_id, worker_id=worker_id, person=each.person
        ),
        pin_hash=await hashing.make(each.pin),
        entered_through_link_id=visit.link_id,
    )
