"""A patient's identity as one organization knows it, and the strata that measures may keep."""

from datetime import date

import msgspec


class Name(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name as the person writes it; `family` keeps both surnames."""

    family: str
    given: tuple[str, ...]


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the patient lives."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""


class Mrn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A medical record number and who assigned it."""

    value: str
    authority: str = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a patient is; sealed whole under the patient's own key.

    `call_as` is the name to ask for and to write to, where the real one is not safe to say.
    """

    name: Name
    birth_date: date
    sex: str = "unknown"
    address: Address = Address()
    phones: tuple[str, ...] = ()
    email: str | None = None
    language: str = "en"
    interpreter: bool = False
    payer: str | None = None
    payer_kind: str | None = None
    member_number: str | None = None
    race: tuple[str, ...] = ()
    ethnicity: str | None = None
    mrns: tuple[Mrn, ...] = ()
    call_as: str | None = None


class SafeContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a patient may be reached without harm; codes only, the name to use is sealed.

    `from_hour` and `to_hour` narrow the hours of the day, in the patient's zone. On a shared phone
    nothing says who is meant or what for. Nobody is texted before `may_text` is said.
    """

    may_text: bool = False
    may_call: bool = True
    may_leave_message: bool = False
    shared_phone: bool = False
    from_hour: int = 8
    to_hour: int = 21


_BANDS = (18, 45, 65, 80)


def age_on(born: date, *, day: date) -> int:
    """Return the completed years of life on a day."""
    before_birthday = (day.month, day.day) < (born.month, born.day)
    return day.year - born.year - int(before_birthday)


def age_band(born: date, *, day: date) -> str:
    """Return the band an age falls in: coarse enough to tell nobody who it is."""
    age = age_on(born, day=day)
    low = max((edge for edge in _BANDS if age >= edge), default=0)
    high = next((edge for edge in _BANDS if age < edge), None)
    return f"{low}+" if high is None else f"{low}-{high - 1}"


def strata(identity: Identity, *, day: date) -> dict[str, object]:
    """Return what a referral's fact row keeps of a patient: codes and a band, no name, no date."""
    return {
        "age_band": age_band(identity.birth_date, day=day),
        "language": identity.language,
        "sex": identity.sex,
        "race": list(identity.race),
        "ethnicity": identity.ethnicity,
        "payer_kind": identity.payer_kind,
    }
