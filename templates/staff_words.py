"""The words for codes and fields that only people with an account meet."""


def mark(text: str) -> str:
    """Give the text back unchanged; the catalogs find it by this name."""
    return text


STAFF: dict[str, dict[str, str]] = {
    "close": {
        "could_not_be_reached": mark("The patient could not be reached"),
        "patient_declined": mark("The patient does not want this help"),
        "no_service_available": mark("No service is available"),
        "not_eligible": mark("The patient does not meet the conditions"),
        "no_longer_needed": mark("The help is no longer needed"),
        "patient_moved": mark("The patient moved away"),
        "patient_died": mark("The patient died"),
        "duplicate": mark("There is another referral for this"),
        "other": mark("Something else"),
    },
    "reason": {
        "no_longer_needed": mark("The help is no longer needed"),
        "patient_declined": mark("The patient does not want this help"),
        "found_elsewhere": mark("Help was found elsewhere"),
        "wrong_patient": mark("This is the wrong patient"),
        "wrong_recipient": mark("This is the wrong recipient"),
        "duplicate": mark("There is another referral for this"),
        "need_not_met": mark("The need is not met yet"),
        "new_information": mark("There is new information"),
        "other": mark("Something else"),
    },
    "disposition": {
        "served": mark("Served"),
        "partly_served": mark("Served in part"),
        "seen_no_service": mark("Seen, no help given"),
        "not_served": mark("Not served"),
    },
    "by_whom": {
        "patient": mark("The patient"),
        "recipient": mark("The recipient"),
    },
    "attempt_result": {
        "reached": mark("Reached somebody"),
        "no_answer": mark("No answer"),
        "left_message": mark("Left a message"),
        "wrong_number": mark("The number is wrong"),
    },
    "source": {
        "phone": mark("By phone"),
        "fax": mark("By fax"),
        "letter": mark("By letter"),
        "sms": mark("By text message"),
    },
    "capacity": {
        "open": mark("has room"),
        "limited": mark("little room"),
        "waitlist": mark("waiting list"),
        "closed": mark("no room"),
        "unknown": mark("room unknown"),
    },
    "stated": {
        "never": mark("never stated"),
        "today": mark("stated today"),
        "day": mark("stated yesterday"),
        "days": mark("stated {days} days ago"),
    },
    "sensitivity": {
        "general": mark("General"),
        "behavioral": mark("Behavioral health"),
        "social_sensitive": mark("Sensitive social need"),
    },
    "resolution": {
        "done": mark("Done"),
        "reached": mark("Reached them by phone"),
        "not_reached": mark("Could not reach them"),
        "not_needed": mark("Not needed any more"),
    },
    "notice": {
        "done": mark("Done:"),
    },
    "field": {
        "comment": mark("Comment"),
        "reason": mark("Reason"),
        "service_id": mark("Send to"),
        "called": mark("I have told the recipient by phone"),
        "note": mark("Note or report"),
        "author": mark("Written by"),
        "written_on": mark("Written on"),
        "patient_informed": mark("The patient has been told"),
        "attempts": mark("How often was it tried?"),
        "items": mark("One thing a line"),
        "due_on": mark("Needed by"),
        "owner_name": mark("Who takes this on?"),
        "owner_phone": mark("Phone"),
        "expected_by": mark("In touch by"),
        "no_capacity_until": mark("No room until"),
        "expected_on": mark("Expected on"),
        "waitlist_position": mark("Place on the waiting list"),
        "starts_on": mark("Day"),
        "starts_at": mark("Time"),
        "modality": mark("Where"),
        "by_whom": mark("Who cancelled?"),
        "service_on": mark("Day of the service"),
        "outcome": mark("Could you help?"),
        "need_met": mark("Was the need met?"),
        "attempt_result": mark("How did the call go?"),
        "source": mark("How did their answer come?"),
        "spoke_to": mark("Who gave it?"),
    },
}
"""Lists by name, as `templates.words` joins them with the others."""
