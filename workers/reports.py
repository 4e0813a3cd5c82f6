"""Reads delivery reports (RFC 3464) that come back as mail, and says which mail each is about."""

import email
import email.policy
import re
from email.message import EmailMessage, Message

import msgspec

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_HEADER = re.compile(r"^message-id:\s*(\S+)", re.I | re.M)
_MOST = 262_144


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of one mail of ours: bounced for good, late, or delivered."""

    event_id: str
    message_id: str
    kind: str
    code: str | None


def read(raw: bytes) -> Report | None:
    """Read a report, or answer None for any other mail; takes whatever bytes come."""
    if len(raw) > _MOST:
        return None
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    if mail.get_content_type() != "multipart/report" or not isinstance(mail, EmailMessage):
        return None
    status = _part(mail, "message/delivery-status")
    about = _original_id(mail)
    event_id = _first(_MESSAGE_ID, str(mail.get("Message-ID", "")))
    if status is None or about is None or event_id is None:
        return None
    fields = _fields(status)
    action = fields.get("action", "").strip().lower()
    kind = {"failed": "bounced", "delivered": "delivered", "delayed": "delayed"}.get(action)
    if kind is None:
        return None
    code = _first(_STATUS, fields.get("status", ""))
    # 4.x.x is no verdict about the address, and 5.7.x is one about us.
    if kind == "bounced" and not (code or "").startswith(("5.1.", "5.2.1")):
        kind = "refused"
    return Report(event_id=event_id, message_id=about, kind=kind, code=code)


def _part(mail: Message, kind: str) -> Message | None:
    return next((part for part in mail.walk() if part.get_content_type() == kind), None)


def _fields(status: Message) -> dict[str, str]:
    """Join the fields of all recipients; a mail of ours has one."""
    found: dict[str, str] = {}
    blocks = status.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Message):
            found |= {name.lower(): str(value) for name, value in block.items()}
    return found


def _original_id(mail: Message) -> str | None:
    """Find the Message-ID of the mail that came back, whole or as its headers only."""
    for kind in ("message/rfc822", "text/rfc822-headers"):
        part = _part(mail, kind)
        if part is None:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            first = payload[0] if payload else None
            text = str(first.get("Message-ID", "")) if isinstance(first, Message) else ""
        else:
            line = _HEADER.search(str(payload))
            text = line.group(1) if line else ""
        found = _first(_MESSAGE_ID, text)
        if found is not None:
            return found
    return None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group() if found else None
