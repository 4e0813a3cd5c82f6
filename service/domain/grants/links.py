"""What a link session may do, what a patient's page may, and what anybody may."""

from service.domain.access import (
    Action,
    Grant,
    Obligation,
    Purpose,
    Relation,
    Who,
    link,
    page,
)

A, R = Action, Relation

LINKS = (
    link(A.LINK_READ_CARD, stepped_up=False),
    link(A.LINK_ACT, stepped_up=False),
    link(A.LINK_READ_IDENTITY, Obligation.AUDIT_READ, stepped_up=True),
    # What is said in a thread is narrative: who reads or answers it has said who they are.
    link(A.LINK_TALK, Obligation.AUDIT_READ, stepped_up=True),
    link(A.DOCUMENT_FILE, stepped_up=True),
    page(A.PAGE_READ, Obligation.AUDIT_READ),
    page(A.PAGE_ANSWER),
    link(A.SESSION_OWN, stepped_up=False),
    Grant(
        action=A.PUBLIC,
        who=Who.ANYONE,
        roles=frozenset(),
        relations=frozenset({R.ANYTHING}),
        purposes=frozenset(Purpose),
    ),
)
