"""The words for what is sent, and for how it can be stuck."""

from templates.consent_words import mark

EFFECTS: dict[str, dict[str, str]] = {
    "effect": {
        "invite": mark("Invitation to answer a referral"),
        "notice": mark("Notice of a step"),
        "receipt": mark("Confirmation of an answer"),
        "filled": mark("Notice that somebody else helps"),
        "cancel_request": mark("Question whether to cancel"),
        "closed": mark("Notice that it has ended"),
        "correction": mark("Correction of a notice"),
        "nudge": mark("Reminder"),
        "digest": mark("Daily digest of reminders"),
        "message": mark("Notice of a message"),
        "link_code": mark("Code for a link"),
        "link_fresh": mark("New link"),
        "link_frozen": mark("Notice that a link is locked"),
        "text": mark("Text to a patient"),
        "patient_code": mark("Code for a patient's page"),
        "person_invite": mark("Invitation of a person"),
        "password_link": mark("Link to a new password"),
        "security": mark("Notice about a sign-in"),
        "break_glass": mark("Notice of emergency access"),
        "taken_back": mark("Notice that something was taken back"),
        "webhook": mark("Event for a system"),
        "moved": mark("Notice that it moved to somebody"),
        "report": mark("Report to those above"),
    },
    "stuck": {
        "dead": mark("Could not be delivered"),
        "parked": mark("Waits until the way is open again"),
        "overdue": mark("Past its time"),
    },
    "mended": {
        "retry": mark("It goes out again now."),
        "give_up": mark("It is given up."),
        "effect-in-hand": mark("It is on its way just now: look again in a minute."),
        "effect-past-its-time": mark("What it says is not true any more: it can only be given up."),
    },
    "age": {
        "0": mark("any"),
        "1": mark("at least an hour"),
        "24": mark("at least a day"),
        "168": mark("at least a week"),
    },
}
"""Lists by name, as `templates.words` joins them with the others."""
