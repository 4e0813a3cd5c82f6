"""The words for clocks and their terms."""

from templates.consent_words import mark

CLOCKS: dict[str, dict[str, str]] = {
    "clock": {
        "answer": mark("An answer of the recipient"),
        "supply": mark("Information the recipient asked for"),
        "schedule": mark("An appointment"),
        "check": mark("A look at the waiting list"),
        "attend": mark("Whether the patient was seen"),
        "rebook": mark("Another appointment"),
        "report": mark("The report"),
        "confirm": mark("Confirmation of an end"),
        "review": mark("A look at what came back"),
        "route": mark("Another recipient"),
    },
    "unit": {
        "hours": mark("hours, day and night"),
        "business_days": mark("business days"),
        "days": mark("days"),
        "same_day": mark("same day"),
    },
    "weekday": {
        "0": mark("Monday"),
        "1": mark("Tuesday"),
        "2": mark("Wednesday"),
        "3": mark("Thursday"),
        "4": mark("Friday"),
        "5": mark("Saturday"),
        "6": mark("Sunday"),
    },
    "calendar_act": {
        "hours": mark("These hours hold from now on."),
        "closed": mark("Closed for these days. What waits is put off within a minute."),
        "open": mark("Open after all. What waits is brought forward within a minute."),
    },
    "assignment_act": {
        "named": mark("They are named for what begins to wait from now on."),
        "ended": mark("That is ended. What was promised before stays promised."),
    },
    "clock_act": {
        "set": mark("The new term is in force for what begins from now on."),
        "term-changed": mark("Somebody set this term meanwhile. Look at what is set now."),
    },
}
