"""Reasons and outcomes: the closed lists of why not, and of what came of it."""

from collections.abc import Iterable
from enum import StrEnum


class DeclineReason(StrEnum):
    """Why a recipient does not take a referral on."""

    NO_CAPACITY = "no_capacity"
    NOT_ELIGIBLE = "not_eligible"
    OUT_OF_AREA = "out_of_area"
    WRONG_SERVICE = "wrong_service"
    INFORMATION_MISSING = "information_missing"
    INSURANCE_NOT_ACCEPTED = "insurance_not_accepted"
    AUTHORIZATION_MISSING = "authorization_missing"
    COULD_NOT_CONTACT = "could_not_contact"
    ADVICE_INSTEAD = "advice_instead"
    DUPLICATE = "duplicate"
    CLIENT_REFUSED = "client_refused"
    OTHER = "other"


class UnableReason(StrEnum):
    """Why an accepted referral ended without an outcome."""

    COULD_NOT_CONTACT = "could_not_contact"
    DID_NOT_ATTEND = "did_not_attend"
    CLIENT_DECLINED = "client_declined"
    CLIENT_MOVED = "client_moved"
    INSURANCE_CHANGED = "insurance_changed"
    NO_LONGER_NEEDED = "no_longer_needed"
    CLIENT_DIED = "client_died"
    FUNDING_ENDED = "funding_ended"
    UNRESPONSIVE = "unresponsive"
    ORGANIZATION_LEFT = "organization_left"
    OTHER = "other"


class Outcome(StrEnum):
    """What the recipient says came of it; apart from whether the need was met."""

    SERVED = "served"
    PARTLY_SERVED = "partly_served"
    SEEN_NO_SERVICE = "seen_no_service"
    REFERRED_ONWARD = "referred_onward"


class Closure(StrEnum):
    """The least a recipient of protected care may answer: no content, and the loop closes."""

    ATTENDED = "attended"
    NOT_ATTENDED = "not_attended"
    DECLINED_TO_SHARE = "declined_to_share"


class NeedMet(StrEnum):
    """Whether the need was met; unknown is an answer of its own and is shown as one."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class CloseReason(StrEnum):
    """Why a referral is closed although nobody served the patient."""

    COULD_NOT_BE_REACHED = "could_not_be_reached"
    PATIENT_DECLINED = "patient_declined"
    NO_SERVICE_AVAILABLE = "no_service_available"
    NOT_ELIGIBLE = "not_eligible"
    NO_LONGER_NEEDED = "no_longer_needed"
    PATIENT_MOVED = "patient_moved"
    PATIENT_DIED = "patient_died"
    DUPLICATE = "duplicate"
    OTHER = "other"


class ConsentBasis(StrEnum):
    """What allows a sender to tell a recipient about a patient."""

    TREATMENT = "treatment"
    SIGNED_FORM = "signed_form"
    VERBAL_WITNESSED = "verbal_witnessed"
    PART2_CONSENT = "part2_consent"
    EMERGENCY = "emergency"


class Disposition(StrEnum):
    """How a closed referral ended; closed is not helped, so these are never one number."""

    SERVED = "served"
    PARTLY_SERVED = "partly_served"
    SEEN_NO_SERVICE = "seen_no_service"
    NOT_SERVED = "not_served"


Coded = DeclineReason | UnableReason | Outcome | CloseReason
"""Any code that may ask for a comment."""

NEEDS_COMMENT: tuple[Coded, ...] = (
    DeclineReason.NOT_ELIGIBLE,
    DeclineReason.ADVICE_INSTEAD,
    DeclineReason.OTHER,
    UnableReason.OTHER,
    Outcome.PARTLY_SERVED,
    Outcome.SEEN_NO_SERVICE,
    CloseReason.OTHER,
)
"""Codes that say nothing without a sentence beside them; a tuple, because the lists share words
("other") and a set would take two equal words for one."""

END_REASONS = frozenset({UnableReason.UNRESPONSIVE, UnableReason.ORGANIZATION_LEFT})
"""Why a coordinator ends a leg for a silent recipient (L19); no recipient says these itself."""

GIVE_UP_REASONS = frozenset(UnableReason) - END_REASONS
"""Why a recipient gives an accepted leg up (L14)."""

PATIENT_NOT_TOLD = frozenset({CloseReason.COULD_NOT_BE_REACHED, CloseReason.PATIENT_DIED})
"""Close reasons that stand in for having informed the patient."""

_ATTEMPTS: dict[Coded, int] = {
    UnableReason.COULD_NOT_CONTACT: 1,
    UnableReason.DID_NOT_ATTEND: 1,
    UnableReason.UNRESPONSIVE: 3,
    CloseReason.COULD_NOT_BE_REACHED: 1,
}

_DISPOSITION = {
    Outcome.SERVED: Disposition.SERVED,
    Outcome.PARTLY_SERVED: Disposition.PARTLY_SERVED,
    Outcome.SEEN_NO_SERVICE: Disposition.SEEN_NO_SERVICE,
    # Being sent on says nothing about having been seen: count the least it can mean.
    Outcome.REFERRED_ONWARD: Disposition.NOT_SERVED,
}

_CLOSURE = {
    Closure.ATTENDED: Disposition.SERVED,
    Closure.NOT_ATTENDED: Disposition.NOT_SERVED,
    # Nothing was said of it: count the least it can mean.
    Closure.DECLINED_TO_SHARE: Disposition.NOT_SERVED,
}

_HELPED = frozenset({Disposition.SERVED, Disposition.PARTLY_SERVED})


def needs_comment(code: Coded) -> bool:
    """Say whether this code must be given with a comment."""
    return any(code is marked for marked in NEEDS_COMMENT)


def attempts_needed(code: Coded) -> int:
    """Say how many contact attempts must be on record before this code may be given."""
    return next((count for marked, count in _ATTEMPTS.items() if marked is code), 0)


def disposition_of(outcome: Outcome) -> Disposition:
    """Say how a referral ends whose one leg came back with this outcome."""
    return _DISPOSITION[outcome]


def disposition_of_code(code: str) -> Disposition:
    """Say the same of a stored code, be it an outcome or the least that protected care answers."""
    if code in set(Closure):
        return _CLOSURE[Closure(code)]
    return disposition_of(Outcome(code))


def combined(dispositions: Iterable[Disposition]) -> Disposition:
    """Say how a referral ends whose legs ended like these; without any, nobody was served.

    All alike is that; somebody helped among others is partly; else the better of the rest.
    """
    found = frozenset(dispositions)
    if len(found) == 1:
        return next(iter(found))
    if found & _HELPED:
        return Disposition.PARTLY_SERVED
    return Disposition.SEEN_NO_SERVICE if found else Disposition.NOT_SERVED
