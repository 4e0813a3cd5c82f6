"""Bounces: what a mail that comes back says of the mailbox it could not reach.

Source of the numbers: RFC 3463 and its registry. Three soft ones within seven days count as a hard
one; a mail that is known to have arrived begins the count anew.
"""

from datetime import timedelta
from enum import StrEnum

from service.domain.delivery import DeliveryState

SOFT_MOST = 3
SOFT_WITHIN = timedelta(days=7)


class Told(StrEnum):
    """What came back; all of it is kept, and only the first five change anything."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SOFT = "soft"
    REFUSED = "refused"
    COMPLAINED = "complained"
    DELAYED = "delayed"
    AUTO_REPLY = "auto_reply"
    UNREAD = "unread"


BECOMES = {
    Told.DELIVERED: DeliveryState.DELIVERED,
    Told.BOUNCED: DeliveryState.BOUNCED,
    Told.SOFT: DeliveryState.REFUSED,
    Told.REFUSED: DeliveryState.REFUSED,
    Told.COMPLAINED: DeliveryState.COMPLAINED,
}
"""What a delivery becomes by it; a mail that is only late, or answered by a robot, is no bounce."""

_HARD = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
# The sender's address, the message itself, the protocol, or somebody's policy.
_ABOUT_US = ("5.1.7", "5.1.8", "5.1.9", "5.3.4", "5.5.", "5.6.", "5.7.")


def failed(status: str) -> Told:
    """Say what a failure for good with this status code (RFC 3463) says of the mailbox.

    A server that tried for days and gave up says 4.x.x: that mail is lost, and the mailbox may be
    well tomorrow. So is a full mailbox.
    """
    if status in _HARD:
        return Told.BOUNCED
    return Told.REFUSED if status.startswith(_ABOUT_US) else Told.SOFT
