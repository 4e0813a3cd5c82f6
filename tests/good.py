"""Steps done right: what each must carry, and a patient, where a test does not care which."""

from datetime import date, datetime

import msgspec

from service.actions.orders import Words
from service.domain.details import Details
from service.domain.patient import Identity, Name
from service.domain.rules import Step

MARIA = Identity(
    name=Name(family="García López", given=("María",)),
    birth_date=date(1980, 1, 2),
    phones=("+15035550123",),
    language="es",
)

DETAILS: dict[Step, Details] = {
    Step.ASK: Details(due_on=date(2030, 1, 2)),
    Step.ACCEPT: Details(expected_by=date(2030, 1, 2)),
    Step.DECLINE: Details(reason="out_of_area"),
    Step.WAITLIST: Details(expected_on=date(2030, 1, 2)),
    Step.SCHEDULE: Details(
        starts_at=msgspec.convert("2030-01-02T18:00:00Z", type=datetime),
        modality="in_person",
    ),
    Step.CANCEL_APPOINTMENT: Details(by_whom="patient"),
    Step.START: Details(service_on=date(2030, 1, 2)),
    Step.COMPLETE: Details(outcome="served", need_met="yes"),
    Step.GIVE_UP: Details(reason="client_moved"),
    Step.REQUEST_CANCEL: Details(reason="no_longer_needed"),
    Step.WITHDRAW: Details(reason="wrong_recipient"),
    Step.VOID: Details(reason="entered_twice"),
    Step.REOPEN: Details(reason="patient_says_no"),
    Step.CLOSE_WITHOUT_SERVICE: Details(reason="no_service_available", patient_informed=True),
    Step.LOG_ATTEMPT: Details(attempt_result="no_answer"),
}

WORDS: dict[Step, Words] = {
    Step.ASK: Words(items=("insurance card",)),
    Step.SUPPLY: Words(items=("insurance card: attached",)),
    Step.ACCEPT: Words(owner_name="Sam Lee"),
    Step.REQUEST_ADDENDUM: Words(comment="The dose is missing."),
}
