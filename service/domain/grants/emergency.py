"""Emergency access: who breaks the glass, what it opens for that one caller, who looks at it after.

Only the purpose emergency reaches these rows, and only to read. Psychotherapy notes stay shut: the
exceptions of 45 CFR 164.508(a)(2) know no treatment by somebody else.
"""

from service.domain.access import (
    CLASSES,
    CLINICAL,
    EMERGENCY,
    OWN,
    PARTIES,
    REVIEWED,
    Action,
    Relation,
    grant,
)
from service.domain.people import Role, SensitivityClass

A, R = Action, Relation

OPENED = CLASSES - {SensitivityClass.PSYCHOTHERAPY}
"""The classes an emergency can open."""

BROKEN_GLASS = (
    grant(A.GLASS_BREAK, CLINICAL, OWN, *PARTIES),
    grant(A.GLASS_END, CLINICAL, OWN),
    grant(A.GLASS_LIST, (Role.PRIVACY_OFFICER, Role.ORG_ADMIN, *CLINICAL), OWN),
    grant(A.GLASS_REVIEW, (Role.PRIVACY_OFFICER,), OWN),
    grant(A.REFERRAL_READ, CLINICAL, R.BROKEN_GLASS, purposes=EMERGENCY, obligations=REVIEWED),
    grant(
        A.REFERRAL_READ_IDENTITY,
        CLINICAL,
        R.BROKEN_GLASS,
        classes=OPENED,
        purposes=EMERGENCY,
        obligations=REVIEWED,
    ),
    grant(
        A.REFERRAL_READ_NARRATIVE,
        CLINICAL,
        R.BROKEN_GLASS,
        classes=OPENED,
        purposes=EMERGENCY,
        obligations=REVIEWED,
    ),
    grant(
        A.THREAD_READ,
        CLINICAL,
        R.BROKEN_GLASS,
        classes=OPENED,
        purposes=EMERGENCY,
        obligations=REVIEWED,
    ),
)
