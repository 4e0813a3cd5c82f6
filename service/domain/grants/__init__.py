"""The access table: which role may do what, to whose record, in which capacity, up to which class.

Every row grants; nothing here takes away, so roles add up. What no row grants is denied.
Source: the design's role table, `loopkeeper rules --access` prints it.
"""

from service.domain.access import Grant, Relation
from service.domain.grants import emergency, house, links, patients, referrals, threads
from service.domain.people import Capacity

GRANTS: tuple[Grant, ...] = (
    *referrals.REFERRALS,
    *referrals.CONTENT,
    *patients.PATIENTS,
    *threads.THREADS,
    *emergency.BROKEN_GLASS,
    *house.HOUSE,
    *links.LINKS,
)
"""The whole table, in the order it is printed."""

CAPACITY_OF = {
    Relation.SENDER: Capacity.SENDER,
    Relation.RECIPIENT: Capacity.RECIPIENT,
    Relation.CCO: Capacity.CCO,
    Relation.OBSERVER: Capacity.OBSERVER,
}
"""The relations that are a party's capacity."""
