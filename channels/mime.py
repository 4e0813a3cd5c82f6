"""Turns a mail Parcel into bytes: the same Parcel always gives the same bytes.

A retried mail must be recognizable as the same mail, so nothing here asks a clock or a
random source: the boundary comes from the Message-ID and the date from the parcel.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC
from email import policy, quoprimime
from email.headerregistry import Address
from email.utils import format_datetime, getaddresses
from typing import Any

from channels.parcel import Parcel

# policy.SMTP may emit 8-bit bodies; a relay without 8BITMIME would have to rewrite them.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_MESSAGE_ID = re.compile(r"<[!-;=?A-Z\[-~]+@[A-Za-z0-9.-]+>")
_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ONE_LINE = 70
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_OURS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"}
    | {
        "mime-version",
        "auto-submitted",
        "x-auto-response-suppress",
        "return-path",
        "received",
    }
)


class MalformedError(ValueError):
    """A parcel cannot be turned into a mail; the text names the part, never its value."""

    def __init__(self, part: str) -> None:
        super().__init__(f"the {part} is malformed")
        self.part = part


def compose(parcel: Parcel) -> bytes:
    """Give the whole mail, headers and body, with CRLF line ends; raise MalformedError.

    Put together by hand: the standard library's message object reads every header it writes, and
    took most of the courier's time. What is not plain still goes through its folding.
    """
    head = "".join(_folded(name, value) for name, value in _headers(parcel))
    if not parcel.html:
        return (head + _part("plain", parcel.text, first=True)).encode("ascii")
    boundary = "=_" + hashlib.sha256(parcel.message_id.encode()).hexdigest()[:40]
    parts = (_part("plain", parcel.text), _part("html", parcel.html))
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return (head + _MULTIPART.format(boundary=boundary) + body + f"--{boundary}--\r\n").encode()


_MULTIPART = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
)


def _part(subtype: str, text: str, *, first: bool = False) -> str:
    # Quoted-printable throughout: "=_" of the boundary cannot occur in it, so no text can
    # end its part early.
    plain = (b"\n".join(text.encode().splitlines()) + b"\n").decode("latin-1")
    encoded = quoprimime.body_encode(plain, _POLICY.max_line_length or 78)
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        + ("MIME-Version: 1.0\r\n" if first else "")
        + "\r\n"
        + encoded.replace("\n", "\r\n")
    )


def _folded(name: str, value: str | Address) -> str:
    """Spell one header; only what is short and plain can do without the library's folding."""
    text = str(value)
    if len(name) + len(text) <= _ONE_LINE and _PLAIN.fullmatch(text) and "=?" not in text:
        return f"{name}: {text}\r\n"
    header: Any = _POLICY.header_factory(name, value)
    return str(header.fold(policy=_POLICY))


def envelope_address(address: str, *, part: str = "address") -> str:
    """Give the bare ASCII address for the SMTP envelope from "Name <a@b>" or "a@b"."""
    return _address(address, part=part).addr_spec


def _headers(parcel: Parcel) -> Iterator[tuple[str, str | Address]]:
    if not _MESSAGE_ID.fullmatch(parcel.message_id):
        raise MalformedError("message id")
    if parcel.date.tzinfo is None:
        raise MalformedError("date")
    yield "From", _address(parcel.sender, part="sender")
    yield "To", _address(parcel.to_address, part="address")
    if parcel.reply_to:
        yield "Reply-To", _address(parcel.reply_to, part="reply-to")
    yield "Subject", _one_line(parcel.subject, part="subject")
    yield "Date", format_datetime(parcel.date.astimezone(UTC))
    yield "Message-ID", parcel.message_id
    # RFC 3834: out-of-office robots must not answer, and Exchange needs its own header.
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    for name, value in sorted(parcel.headers.items()):
        lowered = name.lower()
        if not _HEADER_NAME.fullmatch(name) or lowered in _OURS or lowered.startswith("content-"):
            raise MalformedError("header name")
        yield name, _one_line(value, part="header value")


def _address(raw: str, *, part: str) -> Address:
    found = getaddresses([_one_line(raw, part=part)])
    if len(raw) > 500 or len(found) != 1:
        raise MalformedError(part)
    name, spec = found[0]
    local, at, domain = spec.rpartition("@")
    try:
        # Internationalized domains travel in their ASCII form; local parts have none.
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise MalformedError(part) from None
    if not (at and _ATOMS.fullmatch(local) and _DOMAIN.fullmatch(domain)) or len(spec) > 254:
        raise MalformedError(part)
    return Address(display_name=name, username=local, domain=domain)


def _one_line(value: str, *, part: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise MalformedError(part)
    return value
