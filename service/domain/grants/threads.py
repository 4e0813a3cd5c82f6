"""Who may take part in conversations: the same people who may read the narrative of a referral."""

from service.domain.access import (
    ADMIN,
    CARE,
    ORDINARY,
    OVERSIGHT,
    OWN,
    PRIVACY,
    REVIEWED,
    SEEN,
    Action,
    Relation,
    grant,
)
from service.domain.people import Role

A, R = Action, Relation

_ORDINARILY = (Role.CLINICIAN, Role.COORDINATOR)
_WHOLLY = (Role.BH_CLINICIAN, Role.INTEGRATION)
_WRITERS = (*_ORDINARILY, *_WHOLLY)

THREADS = (
    grant(A.THREAD_LIST, _WRITERS, OWN, obligations=SEEN),
    grant(A.THREAD_LIST, PRIVACY, OWN, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(A.THREAD_START, _ORDINARILY, OWN, classes=ORDINARY, purposes=CARE),
    grant(A.THREAD_START, _WHOLLY, OWN, purposes=CARE),
    grant(A.THREAD_READ, _ORDINARILY, R.PARTICIPANT, classes=ORDINARY, obligations=SEEN),
    grant(A.THREAD_READ, _WHOLLY, R.PARTICIPANT, obligations=SEEN),
    grant(A.THREAD_READ, PRIVACY, R.PARTICIPANT, purposes=OVERSIGHT, obligations=REVIEWED),
    grant(A.THREAD_WRITE, _ORDINARILY, R.PARTICIPANT, classes=ORDINARY, purposes=CARE),
    grant(A.THREAD_WRITE, _WHOLLY, R.PARTICIPANT, purposes=CARE),
    grant(A.THREAD_LEAVE, (*_WRITERS, *PRIVACY, *ADMIN), R.PARTICIPANT),
    grant(A.MESSAGE_RETRACT, (*_WRITERS, *PRIVACY), OWN, purposes=CARE | OVERSIGHT),
)
