"""Who may make, read and move a referral, and what is in it."""

from service.domain.access import (
    CARE,
    COORDINATOR,
    HANDLERS,
    ORDINARY,
    OVERSIGHT,
    OWN,
    PARTIES,
    PRIVACY,
    REVIEWED,
    SEEN,
    STAFF,
    STAGE,
    Action,
    Relation,
    grant,
)
from service.domain.people import Role

A, R = Action, Relation

REFERRALS = (
    grant(A.REFERRAL_CREATE, STAFF, OWN),
    grant(A.REFERRAL_SEND, HANDLERS, R.SENDER),
    grant(A.REFERRAL_SEND, COORDINATOR, R.CCO),
    grant(A.REFERRAL_LIST, STAFF, OWN, obligations=SEEN),
    grant(A.EVENT_LIST, STAFF, OWN, obligations=SEEN),
    grant(A.REFERRAL_READ, STAFF, *PARTIES, obligations=SEEN),
    grant(A.REFERRAL_READ, STAFF, R.OBSERVER, obligations=(*SEEN, *STAGE)),
    grant(A.REFERRAL_READ, PRIVACY, *PARTIES, purposes=OVERSIGHT, obligations=REVIEWED),
    # Who is spoken of does not read what the patient says of them.
    grant(A.WITNESS_READ, STAFF, R.SENDER, obligations=SEEN),
    grant(A.WITNESS_READ, COORDINATOR, R.CCO, obligations=SEEN),
    grant(A.REFERRAL_STEP, HANDLERS, R.SENDER),
    grant(A.REFERRAL_STEP, COORDINATOR, R.CCO),
    grant(A.REFERRAL_REVIEW, STAFF, R.SENDER),
    grant(A.REFERRAL_REVIEW, COORDINATOR, R.CCO),
    # The network's people act as its coordinators or not at all; the rules know no other party.
    grant(A.LEG_STEP, HANDLERS, R.SENDER, R.RECIPIENT),
    grant(A.LEG_STEP, COORDINATOR, R.CCO),
    grant(A.LEG_BOOK, STAFF, R.SENDER, R.RECIPIENT),
    grant(A.LEG_BOOK, COORDINATOR, R.CCO),
    grant(A.DOCUMENT_FILE, STAFF, *PARTIES),
    # Whoever filed it: the receiving side would destroy another organization's record.
    grant(A.DOCUMENT_RETRACT, (*HANDLERS, *PRIVACY), OWN, purposes=CARE | OVERSIGHT),
)

CONTENT = (
    grant(A.REFERRAL_READ_IDENTITY, STAFF, *PARTIES, purposes=CARE, obligations=SEEN),
    grant(A.REFERRAL_READ_IDENTITY, PRIVACY, *PARTIES, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(
        A.REFERRAL_READ_NARRATIVE,
        (Role.CLINICIAN, Role.COORDINATOR),
        R.SENDER,
        R.RECIPIENT,
        classes=ORDINARY,
        purposes=CARE,
        obligations=SEEN,
    ),
    grant(
        A.REFERRAL_READ_NARRATIVE,
        (Role.BH_CLINICIAN, Role.INTEGRATION),
        R.SENDER,
        R.RECIPIENT,
        purposes=CARE,
        obligations=SEEN,
    ),
    # The class key decides here: the CCO holds general, and more only where a consent names it.
    grant(A.REFERRAL_READ_NARRATIVE, COORDINATOR, R.CCO, purposes=CARE, obligations=SEEN),
    grant(
        A.REFERRAL_READ_NARRATIVE,
        PRIVACY,
        *PARTIES,
        classes=ORDINARY,
        purposes=OVERSIGHT,
        obligations=REVIEWED,
    ),
)
