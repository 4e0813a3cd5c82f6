"""The words of the access table: what can be asked, of whom, in which relation, at what price.

The rows are in `service.domain.grants`, a file for each kind of record.
"""

from enum import StrEnum

import msgspec

from service.domain.people import Role, SensitivityClass


class Action(StrEnum):
    """Everything a route can be asked to do; every route names one."""

    PUBLIC = "public"
    SESSION_OWN = "session.own"
    REFERRAL_CREATE = "referral.create"
    REFERRAL_SEND = "referral.send"
    REFERRAL_LIST = "referral.list"
    EVENT_LIST = "event.list"
    REFERRAL_READ = "referral.read"
    REFERRAL_READ_IDENTITY = "referral.read_identity"
    REFERRAL_READ_NARRATIVE = "referral.read_narrative"
    WITNESS_READ = "witness.read"
    REFERRAL_STEP = "referral.step"
    REFERRAL_REVIEW = "referral.review"
    LEG_STEP = "leg.step"
    LEG_BOOK = "leg.book"
    DOCUMENT_FILE = "document.file"
    DOCUMENT_RETRACT = "document.retract"
    PATIENT_CREATE = "patient.create"
    PATIENT_READ = "patient.read"
    PATIENT_EDIT = "patient.edit"
    PATIENT_SEARCH = "patient.search"
    CONSENT_LIST = "consent.list"
    CONSENT_RECORD = "consent.record"
    CONSENT_RENEW = "consent.renew"
    CONSENT_WITHDRAW = "consent.withdraw"
    CONSENT_OVERRIDE = "consent.override"
    DISCLOSURE_LIST = "disclosure.list"
    GLASS_BREAK = "break_glass.break"
    GLASS_LIST = "break_glass.list"
    GLASS_END = "break_glass.end"
    GLASS_REVIEW = "break_glass.review"
    ORGANIZATION_CREATE = "organization.create"
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_EDIT = "organization.edit"
    MEMBER_LIST = "member.list"
    MEMBER_MANAGE = "member.manage"
    FACTOR_CONFIRM = "factor.confirm"
    API_KEY_MANAGE = "api_key.manage"
    API_KEY_END = "api_key.end"
    WEBHOOK_LIST = "webhook.list"
    WEBHOOK_MANAGE = "webhook.manage"
    WEBHOOK_END = "webhook.end"
    WEBHOOK_RESEND = "webhook.resend"
    SERVICE_EDIT = "service.edit"
    DIRECTORY_SEARCH = "directory.search"
    THREAD_LIST = "thread.list"
    THREAD_START = "thread.start"
    THREAD_READ = "thread.read"
    THREAD_WRITE = "thread.write"
    THREAD_LEAVE = "thread.leave"
    MESSAGE_RETRACT = "message.retract"
    TASK_LIST = "task.list"
    TASK_RESOLVE = "task.resolve"
    MEASURES_READ = "measures.read"
    AUDIT_READ = "audit.read"
    KEYS_STATUS = "keys.status"
    OUTBOX_MEND = "outbox.mend"
    CLOCKS_READ = "clocks.read"
    CLOCKS_SET = "clocks.set"
    ASSIGNMENT_KEEP = "assignment.keep"
    LINK_CONFIRM = "link.confirm"
    LINK_REVOKE = "link.revoke"
    LINK_READ_CARD = "link.read_card"
    LINK_READ_IDENTITY = "link.read_identity"
    LINK_ACT = "link.act"
    LINK_TALK = "link.talk"
    PAGE_READ = "page.read"
    PAGE_ANSWER = "page.answer"
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
    PARTICIPANT = "participant"
    OWN_LINK = "own_link"
    BROKEN_GLASS = "broken_glass"


class Who(StrEnum):
    """What kind of caller a row speaks of."""

    ANYONE = "anyone"
    MEMBER = "member"
    LINK = "link"
    PATIENT = "patient"


class Purpose(StrEnum):
    """What the caller needs it for; it is written into the audit row."""

    TREATMENT = "treatment"
    COORDINATION = "coordination"
    OPERATIONS = "operations"
    OVERSIGHT = "oversight"
    EMERGENCY = "emergency"


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

CARE = frozenset({Purpose.TREATMENT, Purpose.COORDINATION})
WORK = CARE | {Purpose.OPERATIONS}
OVERSIGHT = frozenset({Purpose.OVERSIGHT})
EMERGENCY = frozenset({Purpose.EMERGENCY})


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One row: these callers may do this to records in these relations, up to these classes."""

    action: Action
    roles: frozenset[Role]
    relations: frozenset[Relation]
    who: Who = Who.MEMBER
    classes: frozenset[SensitivityClass] = CLASSES
    purposes: frozenset[Purpose] = WORK
    obligations: frozenset[Obligation] = frozenset()
    stepped_up: bool = False


def grant(
    action: Action,
    roles: tuple[Role, ...],
    *relations: Relation,
    classes: frozenset[SensitivityClass] = CLASSES,
    purposes: frozenset[Purpose] = WORK,
    obligations: tuple[Obligation, ...] = (),
) -> Grant:
    """Make the row of members with one of these roles."""
    return Grant(
        action=action,
        roles=frozenset(roles),
        relations=frozenset(relations),
        classes=classes,
        purposes=purposes,
        obligations=frozenset(obligations),
    )


def link(action: Action, *obligations: Obligation, stepped_up: bool) -> Grant:
    """Make the row of a link session, which never reaches a protected class."""
    return Grant(
        action=action,
        who=Who.LINK,
        roles=frozenset(),
        relations=frozenset({Relation.OWN_LINK}),
        classes=ORDINARY,
        obligations=frozenset(obligations),
        stepped_up=stepped_up,
    )


def page(action: Action, *obligations: Obligation) -> Grant:
    """Make the row of a patient's own page; its words are as few for every class."""
    return Grant(
        action=action,
        who=Who.PATIENT,
        roles=frozenset(),
        relations=frozenset({Relation.OWN_LINK}),
        obligations=frozenset(obligations),
    )


SEEN = (Obligation.AUDIT_READ,)
REVIEWED = (Obligation.AUDIT_READ, Obligation.LOGGED_REVIEW)
FRESH = (Obligation.FRESH_SIGN_IN,)
STAGE = (Obligation.STAGE_ONLY,)

EVERYONE = tuple(Role)
CLINICAL = (Role.CLINICIAN, Role.BH_CLINICIAN)
HANDLERS = (*CLINICAL, Role.COORDINATOR, Role.INTEGRATION)
STAFF = (*HANDLERS, Role.FRONT_DESK)
PRIVACY = (Role.PRIVACY_OFFICER,)
ADMIN = (Role.ORG_ADMIN,)
COORDINATOR = (Role.COORDINATOR,)
OWN = Relation.OWN_ORGANIZATION
PARTIES = (Relation.SENDER, Relation.RECIPIENT, Relation.CCO)
