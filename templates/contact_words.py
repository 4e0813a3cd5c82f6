"""The words for the people around a patient, and for what their phones may be texted."""

from templates.consent_words import mark

CONTACTS: dict[str, dict[str, str]] = {
    "relation": {
        "self": mark("The patient"),
        "parent": mark("Parent"),
        "guardian": mark("Guardian"),
        "caregiver": mark("Caregiver"),
        "other": mark("Somebody else"),
    },
    "text_purpose": {
        "news": mark("News of the request"),
        "reminders": mark("Reminders of appointments"),
        "questions": mark("Questions afterwards"),
    },
    "text_how": {
        "form": mark("On paper"),
        "in_person": mark("Said here"),
        "phone": mark("Said on the phone"),
    },
    "text_evidence": {
        "form": mark("on paper"),
        "in_person": mark("said here"),
        "phone": mark("said on the phone"),
        "text": mark("by a text from the phone itself"),
        "page": mark("on the page behind a text"),
        "carrier": mark("told by the phone company"),
        "wrong_number": mark("the phone said: wrong number"),
        "reopened": mark("the number is theirs after all"),
    },
    "texts_now": {
        "texted": mark("May be texted"),
        "silent": mark("Not texted"),
    },
    "silent": {
        "deceased": mark("The patient has died."),
        "no_contact": mark("The patient wants no contact."),
        "profile": mark("The patient's profile does not allow texts."),
        "no_number": mark("No number that can be texted is on record."),
        "stopped": mark("The phone said STOP. Only the same phone takes that back, with START."),
        "wrong": mark("The phone said that this is a wrong number."),
        "dead": mark("No phone answers to this number."),
        "no_leave": mark("Nobody has allowed it yet, or it was taken back."),
    },
    "heard_text": {
        "unclear": mark("Nobody understood it"),
        "call": mark("Wants a call"),
        "deceased": mark("Says that somebody died"),
    },
    "contact_done": {
        "added": mark("The contact is on record. Ask what the number may be texted for."),
        "changed": mark("The contact is changed."),
        "removed": mark("The contact is removed."),
        "allowed": mark("It is on record what this number may be texted for."),
        "withdrawn": mark("Taken back: this number is texted no more."),
        "reopened": mark("The number is in use again, for what was allowed just now."),
        "still_stopped": mark(
            "The number is not wrong any more. But the phone said STOP: it is silent until START."
        ),
        "profile": mark("How the patient may be reached is changed."),
    },
}
"""Lists by name, as `templates.words` joins them with the others."""

TEXT_REASONS: dict[str, str] = {
    "strange_receipt": mark("It proved that it came from them: see the log, and ask them"),
    "text_given_up": mark("A text from a phone could not be opened: it may have been a STOP"),
    "unknown_booked": mark("Whether the text with the appointment arrived is not known"),
    "unknown_week_before": mark("Whether the reminder arrived is not known"),
    "unknown_day_before": mark("Whether the reminder arrived is not known"),
}
"""Why there is work about texts."""
