"""Reads what comes back of a mail: reports of servers (RFC 3464), complaints, robots' answers.

Which mail it is about the address said that it came to. Here only a few words of known meaning are
taken out of it; what somebody wrote, or what came back of our own text, is kept nowhere.
"""

import email
import email.policy
import hashlib
import logging
import re
from email.message import Message

import msgspec
from flufl import bounce

from service.domain import bounces
from service.domain.bounces import Told

_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_KNOWN = frozenset(
    {"multipart/report", "multipart/mixed", "multipart/alternative", "text/plain", "text/html"}
    | {"message/rfc822", "delivery-status", "feedback-report", "disposition-notification"}
    | {"auto-generated", "auto-replied", "auto-notified", "no"}
)
"""What may be kept of a mail's own words: those of a closed list, for a name fits any pattern."""

_LATER = frozenset({"delayed", "relayed", "expanded"})
_FAILED = ("fail", "error")

# It logs each step it takes, and stacks that may quote the mail.
logging.getLogger("flufl.bounce").disabled = True


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read; `event_id` is the same for the same mail, however often it comes."""

    event_id: str
    told: Told
    code: str | None = None
    facts: dict[str, str | int] = {}


def read(raw: bytes) -> Reading:
    """Read whatever bytes came; what cannot be read is told as such, and nothing is raised."""
    try:
        mail = email.message_from_bytes(raw, policy=email.policy.compat32)
        told, code = _told(mail)
        return Reading(
            event_id=_event_id(mail, raw), told=told, code=code, facts=_facts(mail, size=len(raw))
        )
    except Exception:  # noqa: BLE001 - parsers of mail fail in ways that nobody has listed
        return Reading(event_id=_digest(raw), told=Told.UNREAD, facts={"size": len(raw)})


def _told(mail: Message) -> tuple[Told, str | None]:
    fields = _fields(mail, "message/delivery-status")
    if fields:
        return _reported(fields)
    if _fields(mail, "message/feedback-report"):
        return Told.COMPLAINED, None
    if _robot(mail):
        return Told.AUTO_REPLY, None
    late, dead = bounce.all_failures(mail)
    if dead:
        code = _first(_STATUS, _text(mail))
        return (bounces.failed(code) if code else Told.BOUNCED), code
    return (Told.DELAYED if late else Told.UNREAD), None


def _reported(fields: dict[str, str]) -> tuple[Told, str | None]:
    """Judge the report of one recipient; a mail of ours has no other."""
    action = fields.get("action", "").strip().lower()
    code = _code(fields)
    if action.startswith(_FAILED):
        return bounces.failed(code or ""), code
    if action.startswith("delivered"):
        return Told.DELIVERED, code
    return (Told.DELAYED if action.split(" ")[0] in _LATER else Told.UNREAD), code


def _code(fields: dict[str, str]) -> str | None:
    """Take the status, or the server's own word for it where the status says nothing."""
    code = _first(_STATUS, fields.get("status", ""))
    if code is None or code.endswith(".0.0"):
        return _first(_STATUS, fields.get("diagnostic-code", "")) or code
    return code


def _fields(mail: Message, kind: str) -> dict[str, str]:
    """Join the fields of the first part of this kind, all its blocks."""
    found: dict[str, str] = {}
    part = next((each for each in mail.walk() if each.get_content_type() == kind), None)
    blocks = part.get_payload() if part is not None else None
    if isinstance(blocks, str):
        # Some reports are encoded, and then they are no blocks to the parser.
        blocks = [email.message_from_string(each) for each in blocks.split("\n\n")]
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Message):
            found |= {name.lower(): str(value) for name, value in block.items()}
    return found


def _robot(mail: Message) -> bool:
    """Say whether an out-of-office robot or the like wrote this (RFC 3834, and before it)."""
    said = _header(mail, "Auto-Submitted")
    if said.startswith("auto-replied") or mail.get("X-Autoreply") or mail.get("X-Autorespond"):
        return mail.get_content_type() != "multipart/report"
    return _header(mail, "Precedence") == "auto_reply"


def _facts(mail: Message, *, size: int) -> dict[str, str | int]:
    """Name the few things that help somebody who looks for it later."""
    kept = {
        "type": mail.get_content_type(),
        "report": str(mail.get_param("report-type") or "").lower(),
        "auto_submitted": _header(mail, "Auto-Submitted"),
    }
    return {name: word for name, word in kept.items() if word in _KNOWN} | {"size": size}


def _header(mail: Message, name: str) -> str:
    return str(mail.get(name, "")).partition(";")[0].strip().lower()


def _text(mail: Message) -> str:
    """Give the beginning of the first text, where servers say their codes."""
    part = next((each for each in mail.walk() if each.get_content_maintype() == "text"), None)
    raw = part.get_payload(decode=True) if part is not None else b""
    return raw[:4000].decode("ascii", "replace") if isinstance(raw, bytes) else ""


def _event_id(mail: Message, raw: bytes) -> str:
    own = _first(_MESSAGE_ID, str(mail.get("Message-ID", "")))
    return _digest(own.encode() if own else raw)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group() if found else None
