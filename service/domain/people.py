"""Who is who: the labels of organizations, members, parties, and checks of their numbers."""

import re
from enum import StrEnum
from uuid import UUID

import msgspec


class OrganizationKind(StrEnum):
    """What an organization calls itself; a label, no rule hangs on it but who coordinates."""

    PRIMARY_CARE = "primary_care"
    SPECIALTY = "specialty"
    BEHAVIORAL_HEALTH = "behavioral_health"
    SOCIAL_SERVICE = "social_service"
    COORDINATION = "coordination"


class Channel(StrEnum):
    """How an organization takes part: by accounts, by e-mail link, by a system, or not on line."""

    ACCOUNT = "account"
    LINK = "link"
    PARTNER = "partner"
    OFFLINE = "offline"


class Role(StrEnum):
    """What a member may do; roles add up, because in a small clinic one person is three."""

    ORG_ADMIN = "org_admin"
    CLINICIAN = "clinician"
    BH_CLINICIAN = "bh_clinician"
    COORDINATOR = "coordinator"
    FRONT_DESK = "front_desk"
    PRIVACY_OFFICER = "privacy_officer"
    INTEGRATION = "integration"
    READER = "reader"


class Priority(StrEnum):
    """How soon: emergent runs on the wall clock, the others in business time."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENT = "emergent"


class Mode(StrEnum):
    """What several recipients of one referral mean to each other."""

    FIRST_ACCEPTS = "first_accepts"
    ALL_NEEDED = "all_needed"


class ServicePattern(StrEnum):
    """How long a service lasts; a course and an ongoing service report in between."""

    VISIT = "visit"
    COURSE = "course"
    ONGOING = "ongoing"


class Request(StrEnum):
    """What the sender asks for."""

    CONSULT = "consult"
    CONSULT_AND_TREAT = "consult_and_treat"
    SERVICE = "service"


class SensitivityClass(StrEnum):
    """What kind of content it is; each class has a key of its own."""

    GENERAL = "general"
    BEHAVIORAL = "behavioral"
    PART2 = "part2"
    PSYCHOTHERAPY = "psychotherapy"
    SOCIAL_SENSITIVE = "social_sensitive"


class CapacityStatus(StrEnum):
    """Whether a service takes anybody on just now."""

    OPEN = "open"
    LIMITED = "limited"
    WAITLIST = "waitlist"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Reviewer(StrEnum):
    """Who may close a loop of this kind of service."""

    STAFF = "staff"
    CLINICIAN = "clinician"


class Evidence(StrEnum):
    """What must come back before a leg of this kind of service is completed."""

    NONE = "none"
    OUTCOME = "outcome"
    CONSULT_NOTE = "consult_note"


class Capacity(StrEnum):
    """An organization's part in a referral."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    CCO = "cco"
    OBSERVER = "observer"


class Source(StrEnum):
    """The way a step came in, kept apart from who entered it."""

    WEB = "web"
    API = "api"
    LINK = "link"
    PARTNER = "partner"
    SMS = "sms"
    PHONE = "phone"
    FAX = "fax"
    LETTER = "letter"


class ContactRelation(StrEnum):
    """Who a contact is to the patient."""

    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"
    CAREGIVER = "caregiver"
    OTHER = "other"


class ActorKind(StrEnum):
    """What stands behind a call: a member, a link session, a patient's page, a clock, ourselves."""

    MEMBER = "member"
    LINK = "link"
    PATIENT = "patient"
    CLOCK = "clock"
    SYSTEM = "system"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, as the guards established it; nothing here comes from a request's body.

    `worker_id`: who of an agency said who they are. `request_id`: in which request, for the record.
    """

    kind: ActorKind
    org_id: UUID | None = None
    member_id: UUID | None = None
    person_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    cco: bool = False
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    link_id: UUID | None = None
    stepped_up: bool = False
    worker_id: UUID | None = None
    request_id: str | None = None


_NPI = re.compile(r"[12][0-9]{9}")
_NPI_PREFIX = "80840"
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_ICD10CM = re.compile(r"([A-Z][0-9][0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?")

SOCIAL_HEADERS = (
    "Z56.8",
    "Z57.3",
    "Z58.8",
    "Z59.0",
    "Z59.1",
    "Z59.4",
    "Z59.7",
    "Z59.8",
    "Z59.81",
    "Z59.86",
    "Z62.2",
    "Z62.8",
    "Z62.81",
    "Z62.82",
    "Z62.83",
    "Z62.89",
    "Z63.3",
    "Z63.7",
)
"""Headings among Z55-Z65 that no payer takes, besides every bare three-character category.

Source: ICD-10-CM, fiscal year 2026.
"""


def is_npi(text: str) -> bool:
    """Say whether this is a National Provider Identifier with a right check digit.

    Source: CMS, NPI check digit: Luhn over 80840 followed by the ten digits.
    """
    return _NPI.fullmatch(text) is not None and _luhn(_NPI_PREFIX + text)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_phone(text: str) -> bool:
    """Say whether this has the shape of an E.164 number: a plus, 8 to 15 digits, no leading 0."""
    return _E164.fullmatch(text) is not None


def icd10cm(text: str) -> str | None:
    """Spell an ICD-10-CM code with its dot and capitals, or answer None if it cannot be one."""
    found = _ICD10CM.fullmatch(text.strip().upper())
    if found is None:
        return None
    category, rest = found.groups()
    return f"{category}.{rest}" if rest else str(category)


def is_social_code(code: str) -> bool:
    """Say whether a spelled code lies in Z55-Z65, the social determinants."""
    return code[0] == "Z" and "Z55" <= code[:3] <= "Z65"


def is_billable(code: str) -> bool:
    """Say whether a spelled code may be a reason: of Z55-Z65 only the leaves, of others any."""
    if not is_social_code(code):
        return True
    return len(code) > 3 and code not in SOCIAL_HEADERS


def needs_handoff(priority: Priority, *, channel: Channel, status: CapacityStatus) -> bool:
    """Say whether sending so needs a recorded telephone hand-off first.

    An emergent referral must not wait for somebody to look: not at a closed service, and not at
    an organization that is only reached by mail or not on line at all.
    """
    if priority is not Priority.EMERGENT:
        return False
    return status is CapacityStatus.CLOSED or channel in {Channel.LINK, Channel.OFFLINE}
