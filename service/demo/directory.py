"""What the demo's organizations offer: kinds of service, whom for, in which language, how full."""

import msgspec

from service.domain.people import CapacityStatus, Evidence, Reviewer, ServicePattern


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One service of the directory; `days` is how long ago its capacity was last told."""

    key: str
    cast: str
    name: str
    category: str
    pattern: ServicePattern = ServicePattern.VISIT
    reviewer: Reviewer = Reviewer.STAFF
    evidence: Evidence = Evidence.OUTCOME
    required: tuple[str, ...] = ()
    eligibility: str = ""
    languages: tuple[str, ...] = ("en",)
    area: tuple[str, ...] = ("Multnomah",)
    capacity: CapacityStatus = CapacityStatus.OPEN
    days: int = 3


_P, _C = ServicePattern, CapacityStatus
_CLINICAL = {"reviewer": Reviewer.CLINICIAN, "evidence": Evidence.CONSULT_NOTE}

OFFERS = (
    Offer(
        key="cardio",
        cast="cascade",
        name="Cardiology consult",
        category="cardiology",
        required=("reason_codes",),
        eligibility="Adults; send the last ECG if there is one.",
        languages=("en", "es"),
        area=("Multnomah", "Clackamas", "Washington"),
        days=1,
        **_CLINICAL,
    ),
    Offer(
        key="echo",
        cast="cascade",
        name="Echocardiogram",
        category="cardiac_imaging",
        required=("reason_codes",),
        eligibility="With a question that the picture can answer.",
        capacity=_C.LIMITED,
        days=6,
        **_CLINICAL,
    ),
    Offer(
        key="counseling",
        cast="bridgeway",
        name="Counseling",
        category="counseling",
        pattern=_P.COURSE,
        eligibility="Adults and teenagers from 14.",
        languages=("en", "es", "ru"),
        capacity=_C.WAITLIST,
        days=9,
        **_CLINICAL,
    ),
    Offer(
        key="talk",
        cast="riverbend",
        name="Short-term counseling",
        category="counseling",
        pattern=_P.COURSE,
        eligibility="Patients of any clinic, up to eight visits.",
        days=4,
        **_CLINICAL,
    ),
    Offer(
        key="diabetes",
        cast="riverbend",
        name="Diabetes education",
        category="education",
        pattern=_P.COURSE,
        eligibility="Type 1, type 2 or gestational diabetes.",
        languages=("en", "es", "vi"),
        days=12,
    ),
    Offer(
        key="primary",
        cast="northside",
        name="New patients",
        category="primary_care",
        reviewer=Reviewer.CLINICIAN,
        eligibility="Anybody without a clinic.",
        languages=("en", "es"),
        capacity=_C.LIMITED,
        days=2,
    ),
    Offer(
        key="food",
        cast="harbor",
        name="Groceries",
        category="food_pantry",
        eligibility="Anybody who says they need it; no papers.",
        languages=("en", "es", "zh"),
        area=("Multnomah", "Clackamas"),
        days=2,
    ),
    Offer(
        key="despensa",
        cast="amiga",
        name="Despensa familiar",
        category="food_pantry",
        eligibility="Families with children.",
        languages=("es", "en"),
        days=8,
    ),
    Offer(
        key="housing",
        cast="amiga",
        name="Help with rent and housing",
        category="housing",
        pattern=_P.COURSE,
        eligibility="Income under 80% of the area's median; a lease or an eviction notice.",
        languages=("es", "en"),
        capacity=_C.LIMITED,
        days=5,
    ),
    Offer(
        key="rides",
        cast="rides",
        name="Rides to appointments",
        category="transport",
        pattern=_P.ONGOING,
        eligibility="No car and no bus within half a mile; two days' notice.",
        languages=("en", "es", "ru", "vi"),
        area=("Multnomah", "Washington"),
        capacity=_C.OPEN,
        # Nobody has confirmed this for a month and a half: the directory shows it as stale.
        days=44,
    ),
)
"""The whole directory."""


def offer(key: str) -> Offer:
    """Return a service by its key."""
    return next(each for each in OFFERS if each.key == key)
