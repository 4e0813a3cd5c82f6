"""A patient's identity as one organization knows it, and the strata that measures may keep."""

import re
from datetime import date
from typing import Annotated

import msgspec

from service.domain import texts


class Name(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name as the person writes it; `family` keeps both surnames."""

    family: texts.Name
    given: texts.Names


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the patient lives."""

    street: texts.Line = ""
    city: texts.Line = ""
    region: texts.Line = ""
    postal_code: texts.Line = ""


class Mrn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A medical record number and who assigned it."""

    value: texts.Name
    authority: texts.Line = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a patient is; sealed whole under the patient's own key.

    `call_as` is the name to ask for and to write to, where the real one is not safe to say.
    """

    name: Name
    birth_date: date
    sex: texts.Line = "unknown"
    address: Address = Address()
    phones: texts.Names = ()
    email: texts.Line | None = None
    language: texts.Language = "en"
    interpreter: bool = False
    payer: texts.Line | None = None
    payer_kind: texts.Line | None = None
    member_number: texts.Line | None = None
    race: texts.Names = ()
    ethnicity: texts.Line | None = None
    mrns: Annotated[tuple[Mrn, ...], msgspec.Meta(max_length=20)] = ()
    call_as: texts.Line | None = None


class SafeContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a patient may be reached without harm; codes only, the name to use is sealed.

    `from_hour` and `to_hour` narrow the hours of the day, in the patient's zone. On a shared phone
    nothing says who is meant or what for. Nobody is texted before `may_text` is said; where
    `name_us` is no, texts are not even signed.
    """

    may_text: bool = False
    may_call: bool = True
    may_leave_message: bool = False
    shared_phone: bool = False
    name_us: bool = True
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
        "sex": _code(identity.sex),
        "race": [code for each in identity.race if (code := _code(each)) is not None],
        "ethnicity": _code(identity.ethnicity),
        "payer_kind": _code(identity.payer_kind),
    }


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


def _code(text: str | None) -> str | None:
    """Keep a code and leave out words: the fact row is in the clear, the identity is not."""
    return text if text is not None and _CODE.fullmatch(text) else None
