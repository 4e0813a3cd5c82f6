"""What is sealed before it is stored, and what stays clear: one table.

The canary test writes a mark into every sealed field through the product's own doors, then looks
for each mark in the database, in Redis, in logs and in mails. A new field of words gets a row here.
Source: the design's list of what is sealed.
"""

import msgspec


class SealedField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of words: the Struct it comes in by, its name there, and a mark of its shape."""

    struct: str
    field: str
    mark: str


def _words(struct: str, *fields: str) -> tuple[SealedField, ...]:
    return tuple(
        SealedField(struct=struct, field=field, mark=f"canary {struct} {field} quail")
        for field in fields
    )


SEALED: tuple[SealedField, ...] = (
    SealedField(struct="Name", field="family", mark="Zanzicanary"),
    SealedField(struct="Name", field="given", mark="Quailina"),
    SealedField(struct="Identity", field="birth_date", mark="1931-07-29"),
    SealedField(struct="Identity", field="phones", mark="+15035550177"),
    SealedField(struct="Identity", field="email", mark="canary.patient@quail.example"),
    SealedField(struct="Mrn", field="value", mark="MRN-CANARY-7719"),
    *_words("Identity", "payer", "member_number"),
    *_words("Address", "street", "city"),
    *_words("Order", "question", "narrative", "authorization_number"),
    SealedField(struct="Order", field="reason_codes", mark="Z59.41"),
    SealedField(struct="ExternalId", field="value", mark="EXT-CANARY-4471"),
    *_words("Words", "comment", "items", "owner_name", "spoke_to"),
    SealedField(struct="Words", field="owner_phone", mark="+15035550178"),
    *_words("Document", "title", "text", "author"),
    *_words("NewThreadBody", "subject", "text"),
    *_words("MessageBody", "text"),
    *_words("ForwardBody", "text"),
    *_words("RetractBody", "comment"),
    *_words("NoteBody", "text"),
    *_words("DraftBody", "text"),
    SealedField(struct="File", field="name", mark="canary-file-name-quail.txt"),
    SealedField(struct="File", field="content", mark="canary File content quail"),
)
"""Every field of words of a patient, a referral, its steps and its conversations."""


def mark(struct: str, field: str) -> str:
    """Return the mark of one sealed field; an unknown one is a KeyError."""
    found = next((each for each in SEALED if (each.struct, each.field) == (struct, field)), None)
    if found is None:
        raise KeyError(f"{struct}.{field}")
    return found.mark
