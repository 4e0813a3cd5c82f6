"""What the fields of the forms of steps are called."""

from templates.consent_words import FIELDS, mark

STEP_FIELDS: dict[str, str] = {
    "comment": mark("Comment"),
    "reason": mark("Reason"),
    "service_id": mark("Send to"),
    "called": mark("I have told the recipient by phone"),
    "override_reason": mark("In an emergency only: why they must be told without a consent"),
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
    "site_id": mark("At which place"),
    "by_whom": mark("Who cancelled?"),
    "service_on": mark("Day of the service"),
    "next_report_on": mark("Next report by"),
    "outcome": mark("Could you help?"),
    "need_met": mark("Was the need met?"),
    "attempt_result": mark("How did the call go?"),
    "source": mark("How did their answer come?"),
    "spoke_to": mark("Who gave it?"),
    **FIELDS,
}
"""By field, as `templates.words` joins them with the others."""
