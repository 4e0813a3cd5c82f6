"""Letters: which template an effect becomes, to which address, in whose language, saying what.

The list of what a mail may say is short (`templates.render.MAIL_FIELDS`), and no field of it tells
what a request is about or whom it concerns. Source: the design of the e-mail link, 3.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from crypto.ports import Keyring
from crypto.sealed import Place
from service.domain import facts
from service.domain import leg as legs
from service.domain.effects import PERSONAL, EffectKind
from service.domain.people import Channel, Priority
from service.domain.rules import Step
from service.store.outbox import Claim, LetterRow
from templates import render

_K = EffectKind
_BY_LINK = {
    _K.INVITE: "link_invite",
    _K.NOTICE: "notice_link",
    _K.NUDGE: "nudge_link",
    _K.CANCEL_REQUEST: "cancel_request",
    _K.LINK_FRESH: "link_fresh",
    _K.CORRECTION: "correction",
    _K.MESSAGE: "message_link",
}
"""Mails with a link of their own, to organizations that answer by link."""

_TO_ACCOUNTS = {
    _K.INVITE: "notice_member",
    _K.NOTICE: "notice_member",
    _K.NUDGE: "nudge_member",
    _K.CANCEL_REQUEST: "notice_member",
    _K.CORRECTION: "correction",
    _K.BREAK_GLASS: "break_glass",
    _K.TAKEN_BACK: "taken_back",
    _K.MESSAGE: "message_member",
    _K.MOVED: "owner_moved",
    _K.REPORT: "still_open",
}
"""The same to people who sign in: they are shown the way to the page."""

_PLAIN = {
    _K.RECEIPT: "link_receipt",
    _K.FILLED: "filled_by_another",
    _K.CLOSED: "link_closed",
    _K.LINK_CODE: "link_code",
    _K.LINK_FROZEN: "link_frozen",
}
"""Mails that need neither."""

_TO_THE_PERSON = {
    _K.PERSON_INVITE: "person_invite",
    _K.PASSWORD_LINK: "password_link",
    _K.SECURITY: "security_notice",
}
"""Mails about a person's own sign-in, which nobody else is told of."""

_ANSWER_SOON = frozenset({_K.INVITE, _K.NUDGE, _K.NOTICE, _K.CANCEL_REQUEST})
_UNDOABLE = frozenset({Step.ACCEPT, Step.DECLINE})


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a mail as its first try chose them, but for what is secret.

    Kept with the delivery, so that a mail sent again is the same mail, byte for byte.
    """

    name: str
    language: str
    fields: dict[str, Any]
    answer_by: datetime | None = None
    zone: str = "UTC"


class NoWay(Exception):
    """There is no address this could go to."""


def choose(effect: Claim, row: LetterRow, *, web_url: str) -> Said:
    """Choose template, language and words; raises NoWay where nobody has an address."""
    to_member = row.person_id is not None
    if not to_member and row.address_id is None:
        raise NoWay
    kind = _K(effect.kind)
    if kind in PERSONAL:
        return _personal(kind, effect, row, web_url=web_url)
    by_link = not to_member and row.channel == Channel.LINK
    return Said(
        name=_name(kind, effect, by_link=by_link),
        language=(row.person_language if to_member else row.language) or "en",
        fields=_fields(kind, effect, row, web_url="" if by_link else web_url),
        answer_by=_answer_by(kind, row),
        zone=row.time_zone,
    )


def _personal(kind: EffectKind, effect: Claim, row: LetterRow, *, web_url: str) -> Said:
    if row.person_id is None:
        raise NoWay
    return Said(
        name=_TO_THE_PERSON[kind],
        language=row.person_language or "en",
        fields={"what": effect.code, "web_url": web_url} if kind is _K.SECURITY else {},
    )


def needs_link(said: Said) -> bool:
    """Say whether a link of its own goes with this mail."""
    return said.name in _BY_LINK.values() and not said.fields.get("web_url")


def _name(kind: EffectKind, effect: Claim, *, by_link: bool) -> str:
    if effect.code == Step.DROP_ADDENDUM:
        return _PLAIN[_K.CLOSED]
    if kind in _PLAIN:
        return _PLAIN[kind]
    return (_BY_LINK if by_link else _TO_ACCOUNTS)[kind]


def _fields(kind: EffectKind, effect: Claim, row: LetterRow, *, web_url: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "public_name": row.public_name or "",
        "reference": row.reference or "",
        "urgent": row.priority not in (None, Priority.ROUTINE),
        "sender_phone": row.sender_phone or "",
        "open_items": row.open_items,
        "web_url": web_url,
    }
    if kind is _K.NUDGE:
        fields["clock"] = effect.code
    if kind in (_K.BREAK_GLASS, _K.MOVED):
        fields["step"] = effect.code
    if kind is _K.RECEIPT:
        fields["step"] = effect.code
        fields["minutes"] = facts.UNDO_SECONDS // 60 if effect.code in _UNDOABLE else 0
    return fields


def _answer_by(kind: EffectKind, row: LetterRow) -> datetime | None:
    if kind not in _ANSWER_SOON or (row.person_id is not None and kind is _K.NOTICE):
        return None
    answering = row.leg_state in (legs.LegState.SENT, legs.LegState.RECEIVED)
    return row.answer_due_at if answering else row.final_at


async def address(keys: Keyring, org_id: Any, row: LetterRow) -> str:
    """Open the address this goes to: the person's, or the organization's mailbox."""
    if row.person_id is not None and row.login_sealed is not None:
        place = Place(table="person", column="login_sealed", row_id=row.person_id, org_id=None)
        return (await keys.open_field(None, row.login_sealed, place=place)).decode()
    if row.address_id is None or row.mailbox_sealed is None:
        raise NoWay
    place = Place(table="address", column="sealed", row_id=row.address_id, org_id=org_id)
    return (await keys.open_field(org_id, row.mailbox_sealed, place=place)).decode()


async def phrase(keys: Keyring, org_id: Any, row: LetterRow) -> str:
    """Open the phrase an agency chose to know our mail by, if it chose one."""
    if row.address_id is None or row.phrase_sealed is None or row.person_id is not None:
        return ""
    place = Place(table="address", column="phrase_sealed", row_id=row.address_id, org_id=org_id)
    return (await keys.open_field(org_id, row.phrase_sealed, place=place)).decode()


def rendered(said: Said, secrets: dict[str, Any]) -> render.MailText:
    """Put the words into the three files of their template; `secrets` are stored nowhere."""
    context = {**said.fields, **secrets}
    if said.answer_by is not None:
        context["answer_by"] = said.answer_by.astimezone(ZoneInfo(said.zone))
    return render.mail(said.name, language=said.language, context=context)
