"""The words of the dashboard: rates, stages, ages."""

from templates.consent_words import mark

MEASURES: dict[str, dict[str, str]] = {
    "rate": {
        "answered": mark("Answered"),
        "served": mark("Served"),
        "need_met": mark("Need met"),
    },
    "rate_part": {
        "answered_yes": mark("Somebody answered"),
        "answered_unknown": mark("Nobody has said anything"),
        "served_yes": mark("Served"),
        "served_partly": mark("Served in part"),
        "served_no": mark("Not served"),
        "served_unknown": mark("Not known yet"),
        "need_met_yes": mark("The need is met"),
        "need_met_partly": mark("Met in part"),
        "need_met_no": mark("Not met"),
        "need_met_unknown": mark("Nobody knows"),
    },
    "stage": {
        "sent": mark("Sent"),
        "answered": mark("Answered"),
        "accepted": mark("Accepted"),
        "scheduled": mark("Scheduled"),
        "reported": mark("Outcome given"),
        "served": mark("Served"),
        "closed": mark("Closed"),
    },
    "age": {
        "week": mark("in the last 7 days"),
        "fortnight": mark("8 to 14 days ago"),
        "month": mark("15 to 30 days ago"),
        "quarter": mark("31 to 90 days ago"),
        "older": mark("longer ago"),
    },
}
"""By group and code."""
