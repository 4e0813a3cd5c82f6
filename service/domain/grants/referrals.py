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
    grant(A.REFERRAL_SEND, HANDLERS, R.SENDER, R.CCO),
    grant(A.REFERRAL_LIST, STAFF, OWN, obligations=SEEN),
    grant(A.REFERRAL_READ, STAFF, *PARTIES, obligations=SEEN),
    grant(A.REFERRAL_READ, STAFF, R.OBSERVER, obligations=(*SEEN, *STAGE)),
    grant(A.REFERRAL_READ, PRIVACY, *PARTIES, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(A.REFERRAL_STEP, HANDLERS, R.SENDER, R.CCO),
    grant(A.REFERRAL_REVIEW, STAFF, R.SENDER, R.CCO),
    grant(A.LEG_STEP, HANDLERS, *PARTIES),
    grant(A.LEG_BOOK, STAFF, *PARTIES),
    grant(A.DOCUMENT_FILE, STAFF, *PARTIES),
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
