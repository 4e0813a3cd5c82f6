"""What the words of a provider mean: one table each, and eight statuses of our own.

Sources: Twilio, "Outbound message status in status callbacks" and "Error and warning dictionary";
Kannel 1.4.5 User's Guide, "Delivery reports".
"""

from enum import StrEnum

import msgspec

from service.domain.delivery import DeliveryState


class SmsStatus(StrEnum):
    """How far one text has come, whoever carries it."""

    CREATED = "created"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary_failure"
    PERMANENT_FAILURE = "permanent_failure"
    TECHNICAL_FAILURE = "technical_failure"
    REFUSED_OPTOUT = "refused_optout"


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says; `known` is False for a word or code that no table has."""

    status: SmsStatus
    known: bool = True


_S = SmsStatus

WORDS: dict[str, dict[str, SmsStatus]] = {
    "twilio": {
        "accepted": _S.SENDING,
        "scheduled": _S.SENDING,
        "queued": _S.SENDING,
        "sending": _S.SENDING,
        "sent": _S.SENT,
        "delivered": _S.DELIVERED,
        "read": _S.DELIVERED,
        "undelivered": _S.TECHNICAL_FAILURE,
        "failed": _S.TECHNICAL_FAILURE,
        "canceled": _S.TECHNICAL_FAILURE,
    },
    "kannel": {
        "1": _S.DELIVERED,
        "2": _S.PERMANENT_FAILURE,
        "4": _S.SENDING,
        "8": _S.SENT,
        "16": _S.TECHNICAL_FAILURE,
    },
}
"""What each provider calls it. A failure's code, where there is one, says more."""

CODES: dict[str, dict[str, SmsStatus]] = {
    "twilio": {
        "21211": _S.PERMANENT_FAILURE,
        "21408": _S.TECHNICAL_FAILURE,
        "21610": _S.REFUSED_OPTOUT,
        "21612": _S.TECHNICAL_FAILURE,
        "21614": _S.PERMANENT_FAILURE,
        "30001": _S.TECHNICAL_FAILURE,
        "30002": _S.TECHNICAL_FAILURE,
        "30003": _S.TEMPORARY_FAILURE,
        "30004": _S.PERMANENT_FAILURE,
        "30005": _S.PERMANENT_FAILURE,
        "30006": _S.PERMANENT_FAILURE,
        "30007": _S.TECHNICAL_FAILURE,
        "30008": _S.TEMPORARY_FAILURE,
        "30009": _S.TECHNICAL_FAILURE,
        "30010": _S.TECHNICAL_FAILURE,
        "30032": _S.TECHNICAL_FAILURE,
        "30034": _S.TECHNICAL_FAILURE,
    },
    "kannel": {},
}
"""Why a text failed, by the provider's own code."""

BECOMES: dict[SmsStatus, DeliveryState] = {
    _S.SENT: DeliveryState.SENT,
    _S.DELIVERED: DeliveryState.DELIVERED,
    _S.TEMPORARY_FAILURE: DeliveryState.UNKNOWN,
    _S.PERMANENT_FAILURE: DeliveryState.BOUNCED,
    _S.TECHNICAL_FAILURE: DeliveryState.REFUSED,
    _S.REFUSED_OPTOUT: DeliveryState.REFUSED,
}
"""Where a status puts its delivery; of the others it stays where it is. Delivered may yet follow a
phone that was switched off, so that a temporary failure is not known to be one."""

_FAILURES = frozenset({_S.TECHNICAL_FAILURE, _S.PERMANENT_FAILURE, _S.TEMPORARY_FAILURE})
PROVIDERS = frozenset(WORDS)


def read(provider: str, word: str, code: str = "") -> Meaning:
    """Say what a provider's word means; what no table has is a technical failure, and unknown."""
    status = WORDS.get(provider, {}).get(word)
    if status is None:
        return Meaning(status=_S.TECHNICAL_FAILURE, known=False)
    if status not in _FAILURES or not code:
        return Meaning(status=status)
    found = CODES.get(provider, {}).get(code)
    return Meaning(status=found or _S.TECHNICAL_FAILURE, known=found is not None)
