"""The words for codes: each closed list of the product, as people read it.

Codes are the keys, so a handler hands a code over and never a sentence. `mark` only marks a text
for extraction; translation happens when a page is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from templates.clock_words import CLOCKS
from templates.list_words import LISTS
from templates.measure_words import MEASURES
from templates.new_words import NEW
from templates.page_words import PAGE
from templates.staff_errors import STAFF_ERRORS
from templates.staff_words import STAFF, mark
from templates.task_words import TASKS

Say = Callable[[str], str]

WORDS: dict[str, dict[str, str]] = {
    "decline": {
        "no_capacity": mark("We have no room at the moment"),
        "not_eligible": mark("The person does not meet our conditions"),
        "out_of_area": mark("Outside the area we serve"),
        "wrong_service": mark("We do not offer this kind of help"),
        "information_missing": mark("Information is missing"),
        "insurance_not_accepted": mark("We do not take this insurance"),
        "authorization_missing": mark("An authorization is missing"),
        "could_not_contact": mark("We could not reach the person"),
        "advice_instead": mark("Our advice is enough, no visit is needed"),
        "duplicate": mark("We already have this request"),
        "client_refused": mark("The person does not want this help"),
        "other": mark("Something else"),
    },
    "unable": {
        "could_not_contact": mark("We could not reach the person"),
        "did_not_attend": mark("The person did not come"),
        "client_declined": mark("The person no longer wants this help"),
        "client_moved": mark("The person moved away"),
        "insurance_changed": mark("The insurance changed"),
        "no_longer_needed": mark("The help is no longer needed"),
        "client_died": mark("The person died"),
        "funding_ended": mark("Our funding ended"),
        "unresponsive": mark("No answer from the recipient"),
        "organization_left": mark("The recipient left the network"),
        "other": mark("Something else"),
    },
    "outcome": {
        "served": mark("Yes, fully"),
        "partly_served": mark("Yes, in part"),
        "seen_no_service": mark("We saw the person but gave no help"),
        "referred_onward": mark("We sent the person on to someone else"),
    },
    "closure": {
        "attended": mark("The person attended"),
        "not_attended": mark("The person did not attend"),
        "declined_to_share": mark("We share no more than that"),
    },
    "need_met": {
        "yes": mark("Yes"),
        "partly": mark("Partly"),
        "no": mark("No"),
        "unknown": mark("We do not know"),
    },
    "priority": {
        "routine": mark("Routine"),
        "urgent": mark("Urgent"),
        "emergent": mark("Very urgent: today"),
    },
    "modality": {
        "in_person": mark("In person"),
        "phone": mark("By phone"),
        "video": mark("By video"),
        "home": mark("Home visit"),
    },
    "consent_basis": {
        "treatment": mark("Treatment between health care providers"),
        "signed_form": mark("Signed form"),
        "verbal_witnessed": mark("Spoken, with a witness"),
        "part2_consent": mark("Written consent under 42 CFR Part 2"),
        "emergency": mark("Emergency, recorded"),
    },
    "state": {
        "draft": mark("Draft"),
        "with_recipient": mark("With the recipient"),
        "needs_routing": mark("Needs a recipient"),
        "awaiting_review": mark("Waiting for review"),
        "closed": mark("Closed"),
        "void": mark("Entered in error"),
        "sent": mark("Sent"),
        "received": mark("Received"),
        "needs_info": mark("Needs information"),
        "accepted": mark("Accepted"),
        "waitlisted": mark("On a waiting list"),
        "scheduled": mark("Scheduled"),
        "no_show": mark("Did not come"),
        "appt_cancelled": mark("Appointment cancelled"),
        "in_service": mark("Help has started"),
        "cancel_requested": mark("Asked to cancel"),
        "completed": mark("Outcome returned"),
        "addendum_requested": mark("Asked for more"),
        "declined": mark("Declined"),
        "unable": mark("Given up"),
        "redirected": mark("Sent to someone else"),
        "cancelled": mark("Cancelled"),
        "entered_in_error": mark("Entered in error"),
    },
    "step": {
        "create": mark("Create"),
        "send": mark("Send"),
        "discard": mark("Discard"),
        "recall": mark("Take back"),
        "leg_ended": mark("Nobody is working on it"),
        "outcome_back": mark("An outcome came back"),
        "add_leg": mark("Send to another recipient"),
        "close_without_service": mark("Close without help given"),
        "review": mark("Review and close"),
        "reopen": mark("Reopen"),
        "late_document": mark("A late document came"),
        "void": mark("Entered in error"),
        "receive": mark("Mark as received"),
        "ask": mark("Ask for information"),
        "supply": mark("Give the information"),
        "accept": mark("Accept"),
        "decline": mark("Decline"),
        "redirect": mark("Send to someone else"),
        "waitlist": mark("Put on the waiting list"),
        "schedule": mark("Set the appointment"),
        "no_show": mark("The person did not come"),
        "cancel_appointment": mark("Cancel the appointment"),
        "start": mark("Help has started"),
        "complete": mark("Tell the outcome"),
        "give_up": mark("We cannot go on"),
        "request_cancel": mark("Ask to cancel"),
        "confirm_cancel": mark("Confirm the cancellation"),
        "withdraw": mark("Withdraw"),
        "end_unresponsive": mark("End: no answer"),
        "filled": mark("Filled by another"),
        "request_addendum": mark("Ask for more in the report"),
        "addendum": mark("Add to the report"),
        "drop_addendum": mark("No longer ask for more"),
        "log_attempt": mark("Record a call"),
        "undo": mark("Undo"),
        "escalate": mark("Move to a coordinator"),
        "hand_back": mark("Hand back to the sender"),
    },
    "receipt": {
        "accept": mark("We can help"),
        "decline": mark("Not us"),
        "ask": mark("We need more information"),
        "waitlist": mark("On our waiting list"),
        "schedule": mark("The next step has a date"),
        "no_show": mark("The date was missed"),
        "cancel_appointment": mark("The date was cancelled"),
        "start": mark("Work has started"),
        "complete": mark("Work is finished"),
        "addendum": mark("More was added to the report"),
        "give_up": mark("We cannot go on"),
        "confirm_cancel": mark("The cancellation is confirmed"),
        "undo": mark("The last answer was undone"),
        "enrol": mark("Your people are on record"),
    },
    "next": {
        "accept": mark("Next: set an appointment, or tell what came of it. The details have both."),
        "decline": mark("There is nothing more to do. The sender looks for someone else."),
        "ask": mark("An e-mail tells you when the sender has answered."),
        "waitlist": mark("Come back through the e-mail's link when there is a place."),
        "schedule": mark(
            "After that day, come back through the e-mail's link and tell how it went."
        ),
        "no_show": mark("Next: set a new appointment, or say that you cannot go on."),
        "cancel_appointment": mark("Next: set a new appointment, or say that you cannot go on."),
        "start": mark(
            "When it ends, come back through the e-mail's link and tell what came of it."
        ),
        "complete": mark("There is nothing more to do, unless the sender asks for more."),
        "addendum": mark("There is nothing more to do, unless the sender asks for more."),
        "give_up": mark("There is nothing more to do. The sender looks for someone else."),
        "confirm_cancel": mark("There is nothing more to do."),
        "undo": mark("The request is as it was before. Answer it again when you are ready."),
    },
    "view": {
        "mine_to_answer": mark("Mine to answer"),
        "waiting_for_others": mark("Waiting for others"),
        "needs_routing": mark("Needs a recipient"),
        "to_review": mark("To review"),
        "overdue": mark("Overdue"),
        "due_today": mark("Due today"),
        "needs_me": mark("Needs me"),
        "closed": mark("Closed"),
        "drafts": mark("Drafts"),
        "all": mark("All"),
    },
    "problem": {
        "step-refused": mark("This was answered or changed meanwhile"),
        "stale": mark("This was answered or changed meanwhile"),
        "idempotency-key-mismatch": mark("This page was sent before"),
        "visit-over": mark("This page was open for too long"),
        "look_again": mark("This is how it stands now. Look again, then decide."),
        "sign-in-required": mark("Sign in, then go back and send it again."),
        "busy": mark("Nothing was stored. Wait a moment and try again."),
        "rate-limited": mark("Nothing was stored. Wait a few minutes and try again."),
        "malformed": mark("Go back, load the page again and send it once more."),
        "invalid": mark("Go back and check what was typed or followed."),
        "taken-back": mark("Whoever filed it took it back. Nobody can read it any more."),
        "no-longer-readable": mark("Its key was destroyed. Nobody can read it any more."),
        "unreadable": mark("Nothing was changed. Tell whoever runs this service."),
        "no-key": mark("An organization that would read this has left. End its part first."),
        "back": mark("Go back to the request: it shows what is open now."),
    },
    "file_state": {
        "pending": mark("It is being looked at."),
        "clean": mark("Ready."),
        "threat": mark("Held back: a scan found something dangerous in it."),
        "failed": mark("Held back: it could not be looked at. Send it again."),
    },
    "error": {
        "missing": mark("Fill this in"),
        "choose_one": mark("Choose one of these"),
        "invalid": mark("Check this and try again"),
        "too_long": mark("Make this shorter"),
        "past": mark("Choose a day that is still to come"),
        "file_empty": mark("There is nothing in this file"),
        "file_too_large": mark("Choose a file of at most 25 MB"),
        "file_name": mark("Give the file a shorter, plainer name"),
        "file_kind": mark("Choose a PDF, a picture, plain text, a C-CDA document or a .docx"),
        "file_lies": mark("This file is not what its name says. Save it anew as what it is"),
        "file_broken": mark("This file is damaged. Open it, save it anew and send that"),
        "file_active": mark("This file carries programs or macros. Save it without them"),
        "file_bomb": mark("This file unpacks to far more than it shows. Make it smaller"),
        "file.missing": mark("Choose a file first"),
        "wrong": mark("This is not right. Check it and try again"),
        "comment_needed": mark("Say a few words about this choice"),
        "code.missing": mark("Enter the 8 digits from the e-mail"),
        "code.invalid": mark("The code has 8 digits, such as 1234 5678"),
        "code.wrong": mark("This code is not right or too old. Check it, or ask for a new one"),
        "pin.missing": mark("Enter your PIN"),
        "pin.invalid": mark("A PIN has 6 to 12 digits"),
        "pin.wrong": mark("The name and the PIN do not fit together"),
        "owner_name.missing": mark("Name the person who takes this on"),
        "expected_by.missing": mark("Say by which day you expect to be in touch"),
        "expected_by.invalid": mark("Give a day, such as 11/24/2026"),
        "reason.missing": mark("Choose a reason"),
        "items.missing": mark("Say what you need to know"),
        "items.supplied": mark("Write what was asked for, or that it is not available"),
        "outcome.missing": mark("Say whether you could help"),
        "need_met.missing": mark("Say whether the need was met, even if you do not know"),
        "starts_on.missing": mark("Give the day"),
        "starts_at.missing": mark("Give the time"),
        "modality.missing": mark("Say how they meet"),
        "by_whom.missing": mark("Say who cancelled"),
        "attempt_result.missing": mark("Say how the call went"),
        "note.missing": mark("Write the note or report"),
        "pin.easy": mark("Choose a PIN that is harder to guess"),
        "attempts.missing": mark("Say how often you tried to reach the person"),
        "person_id.missing": mark("Choose your name"),
        **STAFF_ERRORS,
    },
    **STAFF,
    **TASKS,
    **LISTS,
    **NEW,
    **PAGE,
    **CLOCKS,
    **MEASURES,
}


def word(say: Say, code: str, group: str) -> str:
    """Give the words for a code; one nobody wrote words for is shown with its underscores gone."""
    found = WORDS[group].get(code)
    return say(found) if found else code.replace("_", " ")


def error(say: Say, code: str, field: str) -> str:
    """Give what to do about a field: its own sentence, else the general one, else the text."""
    table = WORDS["error"]
    # Repeated fields carry their number: pin_2 is a pin.
    kind = re.sub(r"_\d+$", "", field)
    found = table.get(f"{field}.{code}") or table.get(f"{kind}.{code}") or table.get(code)
    return say(found) if found else code


def choices(say: Say, group: str, leave_out: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Give (code, words) for a form, in the order of the list."""
    return [(code, say(text)) for code, text in WORDS[group].items() if code not in leave_out]
