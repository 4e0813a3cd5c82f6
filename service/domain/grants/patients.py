"""Who may keep patients, their contacts and their consents."""

from service.domain.access import (
    CLINICAL,
    HANDLERS,
    OVERSIGHT,
    OWN,
    PRIVACY,
    REVIEWED,
    SEEN,
    STAFF,
    Action,
    Relation,
    grant,
)
from service.domain.people import Role

A, R = Action, Relation

PATIENTS = (
    grant(A.PATIENT_CREATE, STAFF, OWN),
    grant(A.PATIENT_EDIT, STAFF, OWN),
    grant(A.PATIENT_READ, STAFF, OWN, obligations=SEEN),
    grant(A.PATIENT_READ, PRIVACY, OWN, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(A.PATIENT_SEARCH, STAFF, OWN, obligations=SEEN),
    grant(A.CONSENT_LIST, STAFF, OWN, obligations=SEEN),
    grant(A.CONSENT_LIST, PRIVACY, OWN, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(A.CONSENT_RECORD, STAFF, OWN, R.SENDER),
    grant(A.CONSENT_WITHDRAW, (*CLINICAL, Role.COORDINATOR, Role.PRIVACY_OFFICER), OWN, R.SENDER),
    grant(A.CONSENT_RENEW, HANDLERS, R.SENDER),
    grant(A.CONSENT_OVERRIDE, CLINICAL, R.SENDER),
    grant(
        A.DISCLOSURE_LIST,
        (*CLINICAL, Role.COORDINATOR, Role.PRIVACY_OFFICER),
        OWN,
        obligations=SEEN,
    ),
)
