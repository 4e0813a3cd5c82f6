"""A patient's text on its way: whether it may go, to whom, when, and what it says.

Look before speaking, once more than for a mail: consent, quiet hours, one question at a time.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from channels.parcel import TextParcel
from crypto import faults as crypto_faults
from service.actions import mint_link, text_numbers
from service.actions.office import Office
from service.domain import consent, ids, patient_texts, pickup, segments, text_hours
from service.domain.patient import SafeContact
from service.domain.patient_texts import Reply, TextKind
from service.domain.people import SensitivityClass
from service.store import outbox, patient_links, texts
from service.store.outbox import Claim, DeliveryRow
from service.store.pool import Connection
from service.store.texts import AboutRow, NumberRow, TextContact
from templates import render

_UNREADABLE = (crypto_faults.CannotOpen, crypto_faults.KeyMissing, crypto_faults.KeyRefused)
_SPREAD_S = 1800


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a text as its first try chose them, but for number and link.

    `zone` is where an appointment is, `home` where the phone is taken to be.
    """

    name: str
    language: str
    zone: str
    home: str
    fields: dict[str, Any]


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed text inside the transaction that prepares it."""

    office: Office
    connection: Connection
    effect: Claim
    about: AboutRow
    safe: SafeContact

    @property
    def kind(self) -> TextKind:
        return TextKind(self.effect.code or "")


async def reply(
    office: Office, connection: Connection, effect: Claim
) -> tuple[DeliveryRow, TextParcel] | None:
    """Write the delivery of an answer to a phone that wrote to us; None where it may have none."""
    row = await texts.replying(connection, effect.id)
    if row is None or not patient_texts.may_reply(Reply(effect.code or ""), row.state):
        await outbox.let_go(connection, effect.id, state="cancelled", why="silent")
        return None
    fields = {"public_name": row.public_name, "phone": row.phone or ""}
    said = Said(
        name=effect.code or "", language=row.language, zone="UTC", home="UTC", fields=fields
    )
    delivery = await texts.attempt(connection, effect, contact_id=None, number_id=row.id, said=said)
    to_number = await office.keys.open_field(None, row.sealed, place=text_numbers.place(row.id))
    return delivery, _parcel(to_number.decode(), delivery)


async def code(
    office: Office, connection: Connection, effect: Claim
) -> tuple[DeliveryRow, TextParcel] | None:
    """Write the delivery of a code that a patient's page asked for; None where none may go."""
    to = await patient_links.code_to(connection, effect.id)
    window = await patient_links.code_window(connection, effect.id)
    if to is None or window is None or effect.patient_link_id is None or to.state != "open":
        await outbox.let_go(connection, effect.id, state="cancelled", why="silent")
        return None
    said = Said(name="patient_code", language=to.language, zone="UTC", home="UTC", fields={})
    delivery = await texts.attempt(
        connection, effect, contact_id=None, number_id=to.number_id, said=said
    )
    digits = await mint_link.code_for(office.keys, effect.patient_link_id, at=window)
    place = text_numbers.place(to.number_id)
    to_number = await office.keys.open_field(None, to.sealed, place=place)
    return delivery, _parcel(to_number.decode(), delivery, code=digits)


async def prepare(
    office: Office, connection: Connection, effect: Claim, *, has_way: bool
) -> tuple[DeliveryRow, TextParcel] | None:
    """Write the delivery of a claimed text and make its parcel; None where nothing travels now.

    `has_way` says that this network has a way to phones at all.
    """
    about = await texts.about(connection, effect.id)
    if about is None:
        await outbox.let_go(connection, effect.id, state="cancelled", why="out_of_sight")
        return None
    safe = msgspec.convert(about.safe_contact, SafeContact)
    case = _Case(office=office, connection=connection, effect=effect, about=about, safe=safe)
    why = patient_texts.why_moot(case.kind, _standing(about)) or (
        "silent" if about.silent else None
    )
    if why is not None:
        await outbox.let_go(connection, effect.id, state="cancelled", why=why)
        return None
    contact = await _contact(case) if has_way else None
    if contact is None:
        await _no_phone(case, "no_textable_number" if has_way else "no_way_to_phones")
        return None
    return await _to(case, contact)


def _standing(about: AboutRow) -> patient_texts.Standing:
    return patient_texts.Standing(
        referral_state=about.referral_state,
        leg_state=about.leg_state,
        outcome=about.outcome,
        appointment_at=about.appointment_at,
        same_booking=about.same_booking,
        taken=about.taken,
        now=about.now,
    )


async def _contact(case: _Case) -> TextContact | None:
    """Choose whom to text: the first who may be told, and the same one at every try."""
    if not case.safe.may_text:
        return None
    found = await texts.contacts(
        case.connection, case.effect.org_id, patient_id=case.about.patient_id
    )
    wanted = SensitivityClass(case.about.sensitivity)
    told = [each for each in found if consent.may_tell(each.classes, wanted)]
    if case.about.contact_id is not None:
        told = [each for each in told if each.id == case.about.contact_id]
    return told[0] if told else None


async def _to(case: _Case, contact: TextContact) -> tuple[DeliveryRow, TextParcel] | None:
    row = patient_texts.TABLE[case.kind]
    number = await texts.number(
        case.connection, case.effect, number_id=contact.number_id, purpose=row.purpose
    )
    if number.state != "open" or not number.allowed:
        await _no_phone(case, number.state if number.state != "open" else "no_consent")
        return None
    until = _waits_until(case, number)
    if until is not None:
        await texts.put_off(case.connection, case.effect.id, until=until)
        return None
    if await texts.listens(case.connection, case.effect.id, number_id=contact.number_id):
        return None
    try:
        to_number = await _opened(case, number)
    except _UNREADABLE:
        await _no_phone(case, "number_not_readable")
        return None
    return await _written(case, contact, number, to_number=to_number)


async def _no_phone(case: _Case, why: str) -> None:
    """Say nothing by text; what is worth telling becomes a call or a letter."""
    if patient_texts.TABLE[case.kind].told_by_call:
        await texts.by_call(case.connection, case.effect.id, kind=case.kind)
    await outbox.let_go(case.connection, case.effect.id, state="cancelled", why=why)


def _waits_until(case: _Case, number: NumberRow) -> datetime | None:
    """Say until when a text waits: for the day, for its turn, for the question before it."""
    now, safe = case.about.now, case.safe
    asks = patient_texts.TABLE[case.kind].asks is not None
    at = max(now, number.asked_until) if asks and number.asked_until is not None else now
    free = text_hours.next_free(
        at,
        zone=case.about.time_zone,
        from_hour=safe.from_hour,
        to_hour=safe.to_hour,
        before=number.before,
    )
    if free <= now:
        return None
    # Not everybody on the stroke of eight: each number has its own minute, always the same.
    spread = timedelta(
        seconds=int.from_bytes(hashlib.sha256(number.id.bytes).digest()[:4]) % _SPREAD_S
    )
    return free + spread if free > at else free


async def _opened(case: _Case, number: NumberRow) -> str:
    plain = await case.office.keys.open_field(
        None, number.sealed, place=text_numbers.place(number.id)
    )
    return plain.decode()


async def _written(
    case: _Case, contact: TextContact, number: NumberRow, *, to_number: str
) -> tuple[DeliveryRow, TextParcel]:
    effect, kind = case.effect, case.kind
    await texts.addressed(
        case.connection, effect.id, contact_id=contact.id, number_id=contact.number_id
    )
    said = Said(
        name=str(kind),
        language=contact.language,
        zone=case.about.appointment_zone or case.about.time_zone,
        home=case.about.time_zone,
        fields=_fields(case.about, case.safe),
    )
    delivery = await texts.attempt(
        case.connection, effect, contact_id=contact.id, number_id=number.id, said=said
    )
    asks = patient_texts.TABLE[kind].asks
    if asks is not None:
        await texts.ask(
            case.connection, effect.id, kind=asks, contact_id=contact.id, number_id=number.id
        )
    url = await _link(case, contact, delivery)
    words = await _pickup(case)
    return delivery, _parcel(to_number, delivery, link_url=url, pickup=words)


async def _pickup(case: _Case) -> str:
    """Return the words to say at an agency's counter, or none."""
    about = case.about
    offered = pickup.is_offered(
        channel=about.other_channel, evidence=about.evidence, sensitivity=about.sensitivity
    )
    if about.leg_id is None or not offered:
        return ""
    return await mint_link.pickup_words(case.office.keys, about.leg_id)


async def _link(case: _Case, contact: TextContact, delivery: DeliveryRow) -> str:
    """Write down the link of a text before it leaves: its digest, and no secret."""
    office, effect = case.office, case.effect
    if effect.referral_id is None:
        raise LookupError("a text with a link is about a referral")
    minted = await mint_link.text_link_of(office.keys, delivery_id=delivery.id)
    link = patient_links.NewPatientLink(
        id=ids.new_id(),
        org_id=effect.org_id,
        referral_id=effect.referral_id,
        contact_id=contact.id,
        number_id=contact.number_id,
        delivery_id=delivery.id,
        secret_hash=minted.digest,
    )
    await patient_links.insert(case.connection, link)
    return f"{office.public_url}/p/{minted.text}"


def _parcel(to_number: str, delivery: DeliveryRow, **secrets: str) -> TextParcel:
    """Say what the first try said, whatever has changed since; `secrets` stand in no row."""
    text = rendered(msgspec.convert(delivery.said, Said), **secrets)
    gsm = segments.alphabet_of(text) is segments.Alphabet.GSM7
    return TextParcel(to_number=to_number, text=text, reference=delivery.id.hex, gsm=gsm)


def _fields(about: AboutRow, safe: SafeContact) -> dict[str, Any]:
    """Choose what a text says: on a shared phone, and of care with a class, no name of anybody."""
    open_about = not safe.shared_phone and about.sensitivity == SensitivityClass.GENERAL
    return {
        "signed": about.public_name if not safe.shared_phone and safe.name_us else "",
        "other_name": (about.other_name or "") if open_about else "",
        "phone": (about.other_phone or "") if open_about and about.leg_state else "",
        "when": about.appointment_at,
    }


def rendered(said: Said, **secrets: str) -> str:
    """Put the words into the template of their language."""
    fields = dict(said.fields) | secrets
    if fields.get("when"):
        when = msgspec.convert(fields["when"], datetime)
        fields["when"] = when.astimezone(ZoneInfo(said.zone))
    return render.text(said.name, language=said.language, context=fields)
