"""The words for what patients allow, and for emergencies in which nobody can ask them."""


def mark(text: str) -> str:
    """Give the text back unchanged; the catalogs find it by this name."""
    return text


CONSENT: dict[str, dict[str, str]] = {
    "consent": {
        "scope": mark("The patient allowed: {classes}. Signed {signed}, until {until}."),
    },
    "emergency": {
        "unconscious": mark("Unconscious or cannot answer"),
        "overdose": mark("Overdose or poisoning"),
        "suicide_risk": mark("Danger to themselves"),
        "acute_illness": mark("Acute illness or injury"),
        "other": mark("Something else"),
    },
    "verdict": {
        "justified": mark("Justified"),
        "not_justified": mark("Not justified"),
    },
    "consent_state": {
        "in_force": mark("In force"),
        "expired": mark("Has ended"),
        "withdrawn": mark("Taken back"),
        "ended_by_event": mark("Ended by what it names"),
    },
    "consent_ending": {
        "withdrawn": mark("The patient took it back"),
        "event": mark("What was to end it has happened"),
    },
    "consent_done": {
        "recorded": mark("The consent is recorded. It can be chosen in a referral now."),
        "renewed": mark("The referral stands on the new consent."),
        "ended": mark("The consent has ended. Nothing more is told on it."),
        "ended_open": mark(
            "The consent has ended. Open referrals stood on it: their owners were asked to decide."
        ),
    },
    "purpose": {
        "treatment": mark("Treatment"),
        "coordination": mark("Coordination of care"),
        "operations": mark("Payment and health care operations"),
        "oversight": mark("Oversight"),
        "emergency": mark("Emergency"),
    },
}
"""Lists by name, as `templates.words` joins them with the others."""

FIELDS: dict[str, str] = {
    "basis": mark("Basis for sharing"),
    "purpose": mark("What for"),
    "signed_on": mark("Signed or said on"),
    "expires_on": mark("Valid through"),
    "to_org_1": mark("Who may be told"),
    "to_org_2": mark("Also"),
    "to_org_3": mark("Also"),
    "document_sha256": mark("SHA-256 of the signed form"),
    "witness": mark("Who heard it, where it was spoken"),
    "description": mark("What may be told, in the words of the form"),
    "told": mark("Who may be told, in the words of the form"),
    "patient_name": mark("The patient's name, as on the form"),
    "discloser": mark("Who may tell it, as the form names them"),
    "how_to_revoke": mark("How the patient can take it back"),
    "expiry_event": mark("What ends it, where no day does"),
    "signed_by": mark("Who signed it"),
}
"""The fields of a consent, by the names its form has for them."""
