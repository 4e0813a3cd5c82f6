"""The access table: which role may do what, to whose record, in which capacity, up to which class.

Every row grants; nothing here takes away, so roles add up. What no row grants is denied.
Source: the design's role table, `loopkeeper rules --access` prints it.
"""

from enum import StrEnum

import msgspec

from service.domain.people import Capacity, Role, SensitivityClass


class Action(StrEnum):
    """Everything a route can be asked to do; every route names one."""

    PUBLIC = "public"
    SESSION_OWN = "session.own"
    REFERRAL_CREATE = "referral.create"
    REFERRAL_SEND = "referral.send"
    REFERRAL_LIST = "referral.list"
    REFERRAL_READ = "referral.read"
    REFERRAL_READ_IDENTITY = "referral.read_identity"
    REFERRAL_READ_NARRATIVE = "referral.read_narrative"
    REFERRAL_STEP = "referral.step"
    REFERRAL_REVIEW = "referral.review"
    LEG_STEP = "leg.step"
    LEG_BOOK = "leg.book"
    DOCUMENT_FILE = "document.file"
    PATIENT_CREATE = "patient.create"
    PATIENT_READ = "patient.read"
    PATIENT_EDIT = "patient.edit"
    PATIENT_SEARCH = "patient.search"
    CONSENT_RECORD = "consent.record"
    CONSENT_WITHDRAW = "consent.withdraw"
    ORGANIZATION_CREATE = "organization.create"
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_EDIT = "organization.edit"
    MEMBER_LIST = "member.list"
    MEMBER_MANAGE = "member.manage"
    API_KEY_MANAGE = "api_key.manage"
    SERVICE_EDIT = "service.edit"
    DIRECTORY_SEARCH = "directory.search"
    TASK_LIST = "task.list"
    TASK_RESOLVE = "task.resolve"
    MEASURES_READ = "measures.read"
    AUDIT_READ = "audit.read"
    KEYS_STATUS = "keys.status"
    LINK_CONFIRM = "link.confirm"
    LINK_REVOKE = "link.revoke"
    LINK_READ_CARD = "link.read_card"
    LINK_READ_IDENTITY = "link.read_identity"
    LINK_ACT = "link.act"
    DEMO_SKIP = "demo.skip"


class Relation(StrEnum):
    """What the record is to the one who asks."""

    ANYTHING = "anything"
    OWN_ORGANIZATION = "own_organization"
    NETWORK = "network"
    OWN_ACTS = "own_acts"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CCO = "cco"
    OBSERVER = "observer"
    OWN_LINK = "own_link"


class Who(StrEnum):
    """What kind of caller a row speaks of."""

    ANYONE = "anyone"
    MEMBER = "member"
    LINK = "link"


class Purpose(StrEnum):
    """What the caller needs it for; it is written into the audit row."""

    TREATMENT = "treatment"
    COORDINATION = "coordination"
    OPERATIONS = "operations"
    OVERSIGHT = "oversight"


class Obligation(StrEnum):
    """What must go with an allowed act."""

    AUDIT_READ = "audit_read"
    LOGGED_REVIEW = "logged_review"
    STAGE_ONLY = "stage_only"
    REDISCLOSURE_NOTICE = "redisclosure_notice"
    FRESH_SIGN_IN = "fresh_sign_in"


CLASSES = frozenset(SensitivityClass)
PROTECTED = frozenset({SensitivityClass.PART2, SensitivityClass.PSYCHOTHERAPY})
"""Classes that need a consent of their own, and never reach a link."""
ORDINARY = CLASSES - PROTECTED

_CARE = frozenset({Purpose.TREATMENT, Purpose.COORDINATION})
_WORK = _CARE | {Purpose.OPERATIONS}
_OVERSIGHT = frozenset({Purpose.OVERSIGHT})


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One row: these callers may do this to records in these relations, up to these classes."""

    action: Action
    roles: frozenset[Role]
    relations: frozenset[Relation]
    who: Who = Who.MEMBER
    classes: frozenset[SensitivityClass] = CLASSES
    purposes: frozenset[Purpose] = _WORK
    obligations: frozenset[Obligation] = frozenset()
    stepped_up: bool = False


def _grant(
    action: Action,
    roles: tuple[Role, ...],
    *relations: Relation,
    classes: frozenset[SensitivityClass] = CLASSES,
    purposes: frozenset[Purpose] = _WORK,
    obligations: tuple[Obligation, ...] = (),
) -> Grant:
    return Grant(
        action=action,
        roles=frozenset(roles),
        relations=frozenset(relations),
        classes=classes,
        purposes=purposes,
        obligations=frozenset(obligations),
    )


def _link(action: Action, *obligations: Obligation, stepped_up: bool) -> Grant:
    return Grant(
        action=action,
        who=Who.LINK,
        roles=frozenset(),
        relations=frozenset({Relation.OWN_LINK}),
        classes=ORDINARY,
        obligations=frozenset(obligations),
        stepped_up=stepped_up,
    )


A, R = Action, Relation
_SEEN = (Obligation.AUDIT_READ,)
_REVIEWED = (Obligation.AUDIT_READ, Obligation.LOGGED_REVIEW)
_FRESH = (Obligation.FRESH_SIGN_IN,)
_STAGE = (Obligation.STAGE_ONLY,)

EVERYONE = tuple(Role)
_CLINICAL = (Role.CLINICIAN, Role.BH_CLINICIAN)
_HANDLERS = (*_CLINICAL, Role.COORDINATOR, Role.INTEGRATION)
_STAFF = (*_HANDLERS, Role.FRONT_DESK)
_PRIVACY = (Role.PRIVACY_OFFICER,)
_ADMIN = (Role.ORG_ADMIN,)
_COORDINATOR = (Role.COORDINATOR,)
_OWN = R.OWN_ORGANIZATION
_PARTIES = (R.SENDER, R.RECIPIENT, R.CCO)

_REFERRALS = (
    _grant(A.REFERRAL_CREATE, _STAFF, _OWN),
    _grant(A.REFERRAL_SEND, _HANDLERS, R.SENDER, R.CCO),
    _grant(A.REFERRAL_LIST, _STAFF, _OWN, obligations=_SEEN),
    _grant(A.REFERRAL_READ, _STAFF, *_PARTIES, obligations=_SEEN),
    _grant(A.REFERRAL_READ, _STAFF, R.OBSERVER, obligations=(*_SEEN, *_STAGE)),
    _grant(A.REFERRAL_READ, _PRIVACY, *_PARTIES, purposes=_OVERSIGHT, obligations=_REVIEWED),
    _grant(A.REFERRAL_STEP, _HANDLERS, R.SENDER, R.CCO),
    _grant(A.REFERRAL_REVIEW, _STAFF, R.SENDER, R.CCO),
    _grant(A.LEG_STEP, _HANDLERS, *_PARTIES),
    _grant(A.LEG_BOOK, _STAFF, *_PARTIES),
    _grant(A.DOCUMENT_FILE, _STAFF, *_PARTIES),
)

_CONTENT = (
    _grant(A.REFERRAL_READ_IDENTITY, _STAFF, *_PARTIES, purposes=_CARE, obligations=_SEEN),
    _grant(
        A.REFERRAL_READ_IDENTITY, _PRIVACY, *_PARTIES, purposes=_OVERSIGHT, obligations=_REVIEWED
    ),
    _grant(
        A.REFERRAL_READ_NARRATIVE,
        (Role.CLINICIAN, Role.COORDINATOR),
        R.SENDER,
        R.RECIPIENT,
        classes=ORDINARY,
        purposes=_CARE,
        obligations=_SEEN,
    ),
    _grant(
        A.REFERRAL_READ_NARRATIVE,
        (Role.BH_CLINICIAN, Role.INTEGRATION),
        R.SENDER,
        R.RECIPIENT,
        purposes=_CARE,
        obligations=_SEEN,
    ),
    # The class key decides here: the CCO holds general, and more only where a consent names it.
    _grant(A.REFERRAL_READ_NARRATIVE, _COORDINATOR, R.CCO, purposes=_CARE, obligations=_SEEN),
    _grant(
        A.REFERRAL_READ_NARRATIVE,
        _PRIVACY,
        *_PARTIES,
        classes=ORDINARY,
        purposes=_OVERSIGHT,
        obligations=_REVIEWED,
    ),
)

_PATIENTS = (
    _grant(A.PATIENT_CREATE, _STAFF, _OWN),
    _grant(A.PATIENT_EDIT, _STAFF, _OWN),
    _grant(A.PATIENT_READ, _STAFF, _OWN, obligations=_SEEN),
    _grant(A.PATIENT_READ, _PRIVACY, _OWN, purposes=_OVERSIGHT, obligations=_REVIEWED),
    _grant(A.PATIENT_SEARCH, _STAFF, _OWN, obligations=_SEEN),
    _grant(A.CONSENT_RECORD, _STAFF, _OWN, R.SENDER),
    _grant(
        A.CONSENT_WITHDRAW, (*_CLINICAL, Role.COORDINATOR, Role.PRIVACY_OFFICER), _OWN, R.SENDER
    ),
)

_HOUSE = (
    _grant(A.ORGANIZATION_CREATE, (Role.ORG_ADMIN, Role.COORDINATOR), R.NETWORK),
    _grant(A.ORGANIZATION_READ, EVERYONE, R.ANYTHING),
    _grant(A.ORGANIZATION_EDIT, _ADMIN, _OWN, R.NETWORK),
    _grant(A.ORGANIZATION_EDIT, _COORDINATOR, R.NETWORK),
    _grant(A.MEMBER_LIST, EVERYONE, _OWN),
    _grant(A.MEMBER_MANAGE, _ADMIN, _OWN, R.NETWORK, obligations=_FRESH),
    _grant(A.API_KEY_MANAGE, _ADMIN, _OWN, obligations=_FRESH),
    _grant(A.SERVICE_EDIT, (Role.ORG_ADMIN, Role.COORDINATOR), _OWN, R.NETWORK),
    _grant(A.DIRECTORY_SEARCH, EVERYONE, R.ANYTHING),
    _grant(A.TASK_LIST, (*_STAFF, Role.ORG_ADMIN, Role.PRIVACY_OFFICER), _OWN),
    _grant(A.TASK_RESOLVE, (*_STAFF, Role.ORG_ADMIN, Role.PRIVACY_OFFICER), _OWN),
    _grant(A.MEASURES_READ, EVERYONE, _OWN),
    _grant(A.MEASURES_READ, (*_COORDINATOR, Role.ORG_ADMIN, Role.READER), R.NETWORK),
    _grant(A.AUDIT_READ, _PRIVACY, _OWN, purposes=_OVERSIGHT, obligations=_SEEN),
    _grant(A.AUDIT_READ, EVERYONE, R.OWN_ACTS),
    _grant(A.KEYS_STATUS, (Role.ORG_ADMIN, Role.PRIVACY_OFFICER), _OWN),
    _grant(A.LINK_CONFIRM, _STAFF, R.SENDER, R.CCO),
    _grant(A.LINK_REVOKE, (*_STAFF, Role.ORG_ADMIN), R.SENDER, R.CCO),
    _grant(A.DEMO_SKIP, EVERYONE, R.ANYTHING),
    _grant(A.SESSION_OWN, EVERYONE, R.ANYTHING),
)

_LINKS = (
    _link(A.LINK_READ_CARD, stepped_up=False),
    _link(A.LINK_ACT, stepped_up=False),
    _link(A.LINK_READ_IDENTITY, Obligation.AUDIT_READ, stepped_up=True),
    _link(A.DOCUMENT_FILE, stepped_up=True),
    _link(A.SESSION_OWN, stepped_up=False),
    Grant(
        action=A.PUBLIC,
        who=Who.ANYONE,
        roles=frozenset(),
        relations=frozenset({R.ANYTHING}),
        purposes=frozenset(Purpose),
    ),
)

GRANTS: tuple[Grant, ...] = (*_REFERRALS, *_CONTENT, *_PATIENTS, *_HOUSE, *_LINKS)
"""The whole table, in the order it is printed."""

CAPACITY_OF = {
    R.SENDER: Capacity.SENDER,
    R.RECIPIENT: Capacity.RECIPIENT,
    R.CCO: Capacity.CCO,
    R.OBSERVER: Capacity.OBSERVER,
}
"""The relations that are a party's capacity."""
