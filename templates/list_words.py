"""The words of worklists: whose, what was done to several at once, and why some were left."""

from templates.consent_words import mark

LISTS: dict[str, dict[str, str]] = {
    "lately": {"answers": mark("answers in {days} days, accepts {percent} %")},
    "next_reason": {
        "room": mark("has room"),
        "no_room": mark("says there is no room"),
        "speaks": mark("speaks the patient's language"),
        "speaks_not": mark("does not name the patient's language"),
        "serves": mark("serves where the patient lives"),
        "elsewhere": mark("names other places than where the patient lives"),
        "unknown": mark("not enough to say how it answers"),
    },
    "import_kind": {
        "members": mark("People who work here"),
        "patients": mark("Patients"),
        "referrals": mark("Open referrals, with the days they were sent"),
    },
    "whose": {"mine": mark("only what I answer for")},
    "list_done": {
        "assign": mark("Assigned: {count}."),
        "remind": mark("Reminded: {count}."),
        "snooze": mark("Put aside: {count}."),
        "wake": mark("Taken up again: {count}."),
    },
    "list_left": {
        "already-reminded": mark("was reminded already, or the next word is yours"),
        "missing": mark("is not yours for this"),
        "refused": mark("is not yours for this"),
        "stale": mark("was changed meanwhile"),
        "step-refused": mark("was changed meanwhile"),
    },
    "until": {
        "tomorrow": mark("until tomorrow"),
        "three_days": mark("for three days"),
        "week": mark("for a week"),
        "reply": mark("until something happens"),
        "now": mark("no longer"),
    },
}
"""By group and code, as `templates.words` joins them with the others."""
