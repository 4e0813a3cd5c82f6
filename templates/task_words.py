"""What the button of each kind of work says."""

from templates.staff_words import mark

TASK_WAYS: dict[str, str] = {
    "overdue_supply": mark("Open it"),
    "overdue_schedule": mark("Open it"),
    "overdue_check": mark("Open it"),
    "overdue_attend": mark("Open it"),
    "overdue_rebook": mark("Open it"),
    "overdue_report": mark("Open it"),
    "overdue_confirm": mark("Open it"),
    "overdue_review": mark("Open it"),
    "overdue_route": mark("Open it"),
    "overdue_answer": mark("Enter what they say"),
    "second_answer": mark("Enter what they say"),
    "second_schedule": mark("Enter what they say"),
    "second_check": mark("Enter what they say"),
    "second_attend": mark("Enter what they say"),
    "second_rebook": mark("Enter what they say"),
    "second_report": mark("Enter what they say"),
    "second_confirm": mark("Enter what they say"),
    "call_recipient": mark("Enter what they say"),
    "confirm_people": mark("Confirm the people named"),
    "message_retracted": mark("Look at it"),
    "document_retracted": mark("Look at it"),
    "file_retracted": mark("Look at it"),
    "break_glass_review": mark("Look at it"),
    "break_glass_told": mark("Look at it"),
    "break_glass_unreviewed": mark("Look at it"),
    "attachment": mark("Look at it"),
    "consent_age": mark("Consents of this patient"),
    "consent_withdrawn": mark("Open it"),
    "consent_expiring": mark("Open it"),
    "consent_expired": mark("Open it"),
    "consent_override": mark("Open it"),
    "address_bounced": mark("Open it"),
    "undeliverable": mark("Open it"),
    "tell_patient": mark("Open it"),
    "patient_wrote": mark("Read it"),
    "patient_was_not_helped": mark("Open it"),
    "patient_wants_another_time": mark("Open it"),
    "patient_wants_a_call": mark("Read it"),
    "patient_number_is_wrong": mark("Look at the number"),
    "patient_no_longer_needs": mark("Open it"),
    "patient_needs_ride": mark("Open it"),
    "patient_may_have_died": mark("Read it"),
    "patient_has_cost": mark("Open it"),
    "patient_could_not_reach": mark("Open it"),
    "patient_link_frozen": mark("Open it"),
    "patient_contradicts": mark("Open it"),
    "reminders_off": mark("Send reminders again"),
    "webhook_disabled": mark("Look at it"),
}
"""By kind; the page it leads to is `service.domain.ways`."""

HEARD: dict[str, str] = {
    "accept": mark("They take it"),
    "no_capacity": mark("They have no room"),
    "out_of_area": mark("Outside the area they serve"),
    "wrong_service": mark("They do not offer this kind of help"),
    "no_show": mark("The person did not come"),
    "confirm_cancel": mark("They confirm the cancellation"),
    "not_reached": mark("Nobody could be reached"),
}
"""What was heard on the phone in one word."""

TASKS = {"task_way": TASK_WAYS, "heard": HEARD}
"""Both, under the names that pages ask for."""
