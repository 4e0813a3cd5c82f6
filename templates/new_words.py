"""The words of the page of a new referral: what is open already, and what a recipient will see."""

from templates.consent_words import mark

NEW: dict[str, dict[str, str]] = {
    "seen_when": {
        "by_mail": mark("In the e-mail"),
        "with_code": mark("On the page behind the link, with its code"),
        "with_pin": mark("Only people of their office who say who they are, with a PIN"),
        "signed_in": mark("Signed in, from the moment it is sent"),
        "clinicians": mark("Signed in, and only those who may see this class"),
        "by_phone": mark("By phone only: you call them and tell them"),
        "never": mark("Nothing more: this class is never shown through a link"),
    },
    "seen_field": {
        "sender": mark("From"),
        "help": mark("Kind of help"),
        "area": mark("Area"),
        "language": mark("Language"),
        "urgency": mark("How soon"),
        "patient": mark("Patient"),
        "born": mark("Date of birth"),
        "phone": mark("Phone"),
        "question": mark("What is asked"),
        "story": mark("The story"),
        "requested_by": mark("Needed by"),
    },
}
"""By group and code, as `templates.words` joins them with the others."""
