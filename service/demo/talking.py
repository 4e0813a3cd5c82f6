"""One conversation of the demo, with a file in it: what to send along, asked and answered."""

from collections.abc import AsyncIterator
from datetime import timedelta

from service.actions import add_attachment, receive_file, send_message, start_thread
from service.actions.file_places import Place
from service.actions.office import Office
from service.actions.receive_file import Incoming
from service.actions.send_message import NewMessage
from service.actions.start_thread import NewThread
from service.actions.thread_guests import Invited
from service.demo.settling import Town
from service.domain.people import Role
from service.store import demo
from service.store.pool import Pool

ASKS, ANSWERS = "northside", "cascade"
AGO, LATER = timedelta(hours=26), timedelta(hours=23)
_ABLE = (Role.CLINICIAN, Role.COORDINATOR)

NAME = "Before a first visit.txt"
LIST = b"""Before a first visit at Cascade Cardiology

1. The last ECG, and an older one to compare it with
2. Blood pressure at three visits
3. Blood count, creatinine and potassium of the last three months
4. Every medication with its dose, herbs and drops too
5. Who else was asked, and what they found
"""


async def talk(office: Office, worker: Pool, town: Town) -> None:
    """Let a clinic ask what to send along, and its specialist answer with a list."""
    asks, answers = town.who(ASKS, *_ABLE).actor, town.who(ANSWERS, *_ABLE).actor
    await demo.move_clock(worker, -AGO)
    begun = await start_thread.start_thread(
        office,
        asks,
        NewThread(
            subject="What should we send along?",
            text="We would like to send fewer people twice. What do you need before a first visit?",
            participants=(Invited(org_id=town.orgs[ANSWERS]),),
        ),
    )
    await demo.move_clock(worker, -LATER)
    incoming = Incoming(name=NAME, declared="text/plain", pieces=_pieces())
    async with receive_file.received(office, answers, incoming) as file:
        place = Place(thread_id=begun.thread_id)
        added = await add_attachment.add_attachment(office, answers, place, file=file)
    wish = NewMessage(
        thread_id=begun.thread_id,
        text="Thank you for asking. Here is our list; with it most people need one visit.",
        files=(added.id,),
    )
    await send_message.send_message(office, answers, wish)


async def _pieces() -> AsyncIterator[bytes]:
    yield LIST
