"""Mails and texts that a demonstration caught: a Maildir that its servers and the pages share."""

import mailbox
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import msgspec

from service.domain import ids

_LINK = re.compile(r"https?://[^\s<>\"]+")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,200}")
_ANSWERS = "answers"


WAY = "X-Loopkeeper-Way"
"""The header by which a text that was caught differs from a mail."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed as the answer to a text: from which phone, to which number."""

    number: str
    to: str
    text: str

    def __repr__(self) -> str:
        return "<Typed>"


class Caught(msgspec.Struct, frozen=True, kw_only=True):
    """One mail or text as it was sent; `key` names it in its folder, `way` is mail or sms."""

    key: str
    way: str
    at: datetime
    to: str
    sender: str
    subject: str
    text: str
    raw: bytes

    @property
    def links(self) -> list[str]:
        """List the addresses in its text, in order, each once."""
        return list(dict.fromkeys(_LINK.findall(self.text)))

    def __repr__(self) -> str:
        return f"<Caught {self.key}>"


def folder_of(root_key_file: Path) -> Path:
    """Return where a demonstration keeps its mails: beside its root key."""
    return root_key_file.absolute().parent / "outbox"


def keep(folder: Path, raw: bytes) -> str:
    """Store a mail and return its key."""
    return _open(folder).add(raw)


def keep_text(folder: Path, *, to: str, sender: str, text: str) -> str:
    """Store a text, written as a mail, and return its key."""
    mail = EmailMessage(policy=policy.default)
    mail[WAY] = "sms"
    mail["To"], mail["From"] = _word(to), _word(sender)
    mail.set_content(text)
    return keep(folder, mail.as_bytes())


def answer(folder: Path, typed: Typed) -> None:
    """Put an answer to a text where the gateway looks for it."""
    place = folder.parent / _ANSWERS
    place.mkdir(mode=0o700, exist_ok=True)
    name = f"{ids.new_id().hex}.json"
    # Renamed when it is whole, so that nobody reads half of it.
    (place / f".{name}").write_bytes(msgspec.json.encode(typed))
    (place / f".{name}").rename(place / name)


def typed_answers(folder: Path) -> list[Typed]:
    """Take out the answers that wait, the oldest first; each is given once."""
    found: list[Typed] = []
    for path in sorted((folder.parent / _ANSWERS).glob("[0-9a-f]*.json")):
        found.append(msgspec.json.decode(path.read_bytes(), type=Typed))
        path.unlink()
    return found


def newest(folder: Path, *, limit: int = 200) -> list[Caught]:
    """List the last mails, the newest first."""
    if not folder.exists():
        return []
    box = _open(folder)
    keys = sorted(box.keys(), key=_order, reverse=True)[:limit]
    found = (find(folder, key) for key in keys)
    return [mail for mail in found if mail is not None]


def find(folder: Path, key: str) -> Caught | None:
    """Return one mail, or None; a key that names no file of ours is no mail."""
    if not _KEY.fullmatch(key) or not folder.exists():
        return None
    try:
        raw = _open(folder).get_bytes(key)
    except KeyError:
        return None
    mail = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    body = mail.get_body(("plain", "html"))
    return Caught(
        key=key,
        way="sms" if str(mail.get(WAY, "")) == "sms" else "mail",
        at=datetime.fromtimestamp(_order(key)[0], tz=UTC),
        to=str(mail.get("To", "")),
        sender=str(mail.get("From", "")),
        subject=str(mail.get("Subject", "")),
        text=str(body.get_content()) if body is not None else "",
        raw=raw,
    )


def _open(folder: Path) -> mailbox.Maildir:
    return mailbox.Maildir(folder, create=True)


def _word(text: str) -> str:
    """Write a number or name so that it stays one header."""
    return "".join(letter for letter in text if letter.isprintable())


def _order(key: str) -> tuple[float, str]:
    """Say when a key was made: Maildir names begin with seconds, and microseconds after an M."""
    seconds, _, rest = key.partition(".")
    micro = re.match(r"M(\d+)", rest)
    whole = int(seconds) if seconds.isdigit() else 0
    return whole + (int(micro.group(1)) / 1_000_000 if micro else 0.0), key
