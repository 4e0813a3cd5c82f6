"""Who may run an organization: people, services, tasks, numbers, the record."""

from service.domain.access import (
    ADMIN,
    COORDINATOR,
    EVERYONE,
    FRESH,
    OVERSIGHT,
    OWN,
    PRIVACY,
    SEEN,
    STAFF,
    Action,
    Relation,
    grant,
)
from service.domain.people import Role

A, R = Action, Relation

HOUSE = (
    grant(A.ORGANIZATION_CREATE, (Role.ORG_ADMIN, Role.COORDINATOR), R.NETWORK),
    grant(A.ORGANIZATION_READ, EVERYONE, R.ANYTHING),
    grant(A.ORGANIZATION_EDIT, ADMIN, OWN, R.NETWORK),
    grant(A.ORGANIZATION_EDIT, COORDINATOR, R.NETWORK),
    grant(A.MEMBER_LIST, EVERYONE, OWN),
    grant(A.MEMBER_LIST, ADMIN, R.NETWORK),
    grant(A.MEMBER_MANAGE, ADMIN, OWN, R.NETWORK, obligations=FRESH),
    grant(A.FACTOR_CONFIRM, (Role.ORG_ADMIN, Role.COORDINATOR), OWN, obligations=FRESH),
    grant(A.API_KEY_MANAGE, ADMIN, OWN, obligations=FRESH),
    # To end a key hands out nothing, and must not wait for a password.
    grant(A.API_KEY_END, ADMIN, OWN),
    grant(A.WEBHOOK_LIST, (*ADMIN, Role.INTEGRATION), OWN),
    grant(A.WEBHOOK_MANAGE, ADMIN, OWN, obligations=FRESH),
    grant(A.WEBHOOK_END, ADMIN, OWN),
    grant(A.WEBHOOK_RESEND, (*ADMIN, Role.INTEGRATION), OWN),
    grant(A.SERVICE_EDIT, (Role.ORG_ADMIN, Role.COORDINATOR), OWN, R.NETWORK),
    grant(A.DIRECTORY_SEARCH, EVERYONE, R.ANYTHING),
    grant(A.TASK_LIST, (*STAFF, Role.ORG_ADMIN, Role.PRIVACY_OFFICER), OWN),
    grant(A.TASK_RESOLVE, (*STAFF, Role.ORG_ADMIN, Role.PRIVACY_OFFICER), OWN),
    grant(A.MEASURES_READ, EVERYONE, OWN),
    grant(A.MEASURES_READ, (*COORDINATOR, Role.ORG_ADMIN, Role.READER), R.NETWORK),
    grant(A.AUDIT_READ, PRIVACY, OWN, purposes=OVERSIGHT, obligations=SEEN),
    grant(A.AUDIT_READ, EVERYONE, R.OWN_ACTS),
    grant(A.KEYS_STATUS, (Role.ORG_ADMIN, Role.PRIVACY_OFFICER), OWN),
    # What is stuck on its way: kinds and organizations, never a patient or a word.
    grant(A.OUTBOX_MEND, ADMIN, R.NETWORK),
    # Terms of the whole network; what another would have meant is told in counts.
    grant(A.CLOCKS_READ, (Role.ORG_ADMIN, Role.COORDINATOR), R.NETWORK),
    grant(A.CLOCKS_SET, ADMIN, R.NETWORK),
    grant(A.ASSIGNMENT_KEEP, ADMIN, R.NETWORK),
    grant(A.LINK_CONFIRM, STAFF, R.SENDER, R.CCO),
    grant(A.LINK_REVOKE, (*STAFF, Role.ORG_ADMIN), R.SENDER, R.CCO),
    grant(A.DEMO_SKIP, EVERYONE, R.ANYTHING),
    grant(A.SESSION_OWN, EVERYONE, R.ANYTHING),
)
