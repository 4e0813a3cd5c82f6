"""What is sealed before it is stored, and what stays clear: one table of every field of text.

A field is named by the Struct it comes in by. Tests hold the table to the product: every field of
text that a door takes has its row, and marks written into each sealed field through the product's
own doors are looked for in everything that lies about without the root key.
Source: the design's list of what is sealed.
"""

from enum import StrEnum

import msgspec


class Kept(StrEnum):
    """How a text is kept.

    `sealed`: under a key. `secret`: as a hash, or not at all. `asked`: what somebody looks for; not
    kept. `clear`: as it is, because the network has to work with it.
    """

    SEALED = "sealed"
    SECRET = "secret"  # noqa: S105 - a kind, not one
    ASKED = "asked"
    CLEAR = "clear"


class Shape(StrEnum):
    """What a sealed text looks like: a mark has to pass the checks at the door."""

    WORDS = "words"
    PHONE = "phone"
    DAY = "day"
    REASON = "reason"


class Field(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One field of text; `mailed` ones are told to the address they belong to."""

    struct: str
    name: str
    kept: Kept = Kept.SEALED
    shape: Shape = Shape.WORDS
    mailed: bool = False


def _rows(struct: str, names: str, **said: object) -> tuple[Field, ...]:
    return tuple(
        msgspec.convert({"struct": struct, "name": name} | said, Field) for name in names.split()
    )


def _clear(struct: str, names: str) -> tuple[Field, ...]:
    return _rows(struct, names, kept="clear")


def _secret(struct: str, names: str) -> tuple[Field, ...]:
    return _rows(struct, names, kept="secret")


def _phones(struct: str, names: str) -> tuple[Field, ...]:
    return _rows(struct, names, shape="phone")


_IDENTITY = "email payer member_number call_as"
_STRATA = "sex payer_kind race ethnicity"
"""Codes that a referral's fact row keeps for measures; what is no code is left out of it."""
_STEP = "comment items override_reason"

_PATIENTS = (
    *_rows("Name", "family given"),
    *_rows("Address", "street city region postal_code"),
    *_rows("Mrn", "value authority"),
    *_rows("Identity", _IDENTITY),
    *_phones("Identity", "phones"),
    *_rows("Identity", "birth_date", shape="day"),
    *_rows("IdentityChange", _IDENTITY),
    *_phones("IdentityChange", "phones"),
    *_rows("IdentityChange", "birth_date", shape="day"),
    *_rows("ExternalId", "value"),
    *_rows("Reach", "name email"),
    *_phones("Reach", "phone"),
    *_rows(
        "ConsentWords",
        "witness reason patient_name discloser description told how_to_revoke expiry_event"
        " signed_by",
    ),
    *_rows("Breaking", "words"),
    *_rows("Review", "comment"),
    *_clear("Identity", _STRATA),
    *_clear("IdentityChange", _STRATA),
    *_clear("ExternalId", "system"),
    *_clear("NewConsent", "document_sha256"),
    *_clear("NewPatient", "time_zone"),
    *_clear("PatientChange", "time_zone"),
    *_rows("Terms", "reference phone mrn email birth_date family initial", kept="asked"),
)
_REFERRALS = (
    *_rows("NewReferralBody", "question narrative authorization_number override_reason"),
    *_rows("DraftBody", "question narrative authorization_number"),
    *_rows("NewReferralBody", "reason_codes", shape="reason"),
    *_rows("DraftBody", "reason_codes", shape="reason"),
    *_rows("OtherId", "value"),
    *_rows("StepBody", _STEP),
    *_rows("Wanted", "comment items"),
    *_rows("FileBody", "comment"),
    *_rows("OwnerBody", "name"),
    *_phones("OwnerBody", "phone"),
    *_rows("OnBehalfBody", "spoke_to"),
    *_rows("DocumentBody", "text title author"),
    *_rows("File", "name content"),
    *_clear("OtherId", "system"),
    *_clear("NewReferralBody", "code_system code ordering_npi ordering_name"),
    *_clear("StepBody", "time_zone"),
    *_clear("Wanted", "time_zone"),
)
_THREADS = (
    *_rows("NewThreadBody", "subject text"),
    *_rows("MessageBody", "text"),
    *_rows("ForwardBody", "text"),
    *_rows("RetractBody", "comment"),
    *_rows("NoteBody", "text"),
    *_rows("DraftBody", "text"),
)
_LINKS = (
    *_rows("AgencyPerson", "name"),
    *_phones("AgencyPerson", "phone"),
    *_rows("Enrolment", "phrase", mailed=True),
    *_secret("NewPerson", "pin"),
    *_secret("NewHook", "url"),
)
_DIRECTORY = (
    *_rows("Mailbox", "address phrase", mailed=True),
    *_rows("NewMember", "address", mailed=True),
    *_rows("Parked", "fields"),
    *_clear("NewMember", "name npi"),
    *_clear("MemberChange", "name npi"),
    *_clear("NewOrganization", "name public_name zone phone"),
    *_clear("OrganizationChange", "name public_name zone phone"),
    *_clear("NewSite", "name street city region postal_code phone"),
    *_clear("NewService", "name category code_system code required eligibility languages area"),
    *_clear("NewRule", "areas"),
    *_clear("TermWish", "category"),
    *_clear("ServiceChange", "name category code_system code required eligibility languages area"),
    *_clear("NewKey", "name"),
    *_clear("NewPasskey", "name"),
    *_rows("DirectoryAsk", "category language area text", kept="asked"),
)
_SIGN_IN = (
    *_secret("Acceptance", "token password"),
    *_secret("Attempt", "password totp_code"),
    *_secret("Proof", "password totp_code"),
    *_secret("TotpWish", "password code"),
    *_rows("Attempt", "address", kept="asked"),
    *_rows("Forgotten", "address", kept="asked"),
)

FIELDS: tuple[Field, ...] = (
    *_PATIENTS,
    *_REFERRALS,
    *_THREADS,
    *_LINKS,
    *_DIRECTORY,
    *_SIGN_IN,
)
"""Every field of text that comes in by a door, but codes, languages, ids and what passkeys say."""

SEALED = tuple(each for each in FIELDS if each.kept is Kept.SEALED)


def field(struct: str, name: str) -> Field:
    """Return the row of one field; an unknown one is a KeyError."""
    return _BY_NAME[struct, name]


_BY_NAME = {(each.struct, each.name): each for each in FIELDS}
