"""What providers of texts call us with: where each keeps which fact, as data.

Only what was proven to come from its provider is read here. Whatever does not fit is nothing, and
whoever asked keeps it as that.
"""

import re
from collections.abc import Mapping

import msgspec

MOST_TEXT = 2_000
"""Letters of a text that are kept: ten segments of the narrow alphabet have 1,530."""

_EVENT = re.compile(r"[A-Za-z0-9:._-]{1,120}")
_REFERENCE = re.compile(r"[0-9a-f]{32}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CODE = re.compile(r"[A-Za-z0-9]{0,20}")
_NUMBER = re.compile(r"\+?[0-9A-Za-z]{2,16}")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """Under which names a provider says what; `event` are the fields that make an event one."""

    event: tuple[str, ...]
    word: str
    code: str
    text_event: str
    sender: str
    receiver: str
    text: str


DIALECTS = {
    "twilio": Dialect(
        event=("MessageSid", "MessageStatus"),
        word="MessageStatus",
        code="ErrorCode",
        text_event="MessageSid",
        sender="From",
        receiver="To",
        text="Body",
    ),
    "kannel": Dialect(
        event=("id", "type"),
        word="type",
        code="",
        text_event="event",
        sender="x-kannel-from",
        receiver="x-kannel-to",
        text="text",
    ),
}

REFERENCE = "ref"
"""The field of the address we gave, by which a receipt names the delivery it is about."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as it came: the provider's own event, word and code, and our reference."""

    event_id: str
    reference: str
    word: str
    code: str = ""


class TextIn(msgspec.Struct, frozen=True, kw_only=True):
    """A text from a phone as it came."""

    event_id: str
    number: str
    our_number: str
    text: str

    def __repr__(self) -> str:
        """Name the text by the provider's id of it only."""
        return f"<TextIn {self.event_id}>"


def receipt(provider: str, fields: Mapping[str, str]) -> Told | None:
    """Read a receipt, or answer None where a field is missing or none of its kind."""
    dialect = DIALECTS[provider]
    told = Told(
        event_id=":".join(fields.get(name, "") for name in dialect.event),
        reference=fields.get(REFERENCE, ""),
        word=fields.get(dialect.word, ""),
        code=fields.get(dialect.code, "") if dialect.code else "",
    )
    whole = all(fields.get(name) for name in dialect.event)
    fits = (
        _EVENT.fullmatch(told.event_id)
        and _REFERENCE.fullmatch(told.reference)
        and _WORD.fullmatch(told.word)
        and _CODE.fullmatch(told.code)
    )
    return told if whole and fits else None


def text(provider: str, fields: Mapping[str, str]) -> TextIn | None:
    """Read a text from a phone, or answer None where a field is missing or none of its kind."""
    dialect = DIALECTS[provider]
    found = TextIn(
        event_id=fields.get(dialect.text_event, ""),
        number=fields.get(dialect.sender, "").strip(),
        our_number=fields.get(dialect.receiver, "").strip(),
        text=fields.get(dialect.text, "")[:MOST_TEXT],
    )
    fits = (
        _EVENT.fullmatch(found.event_id)
        and _NUMBER.fullmatch(found.number)
        and _NUMBER.fullmatch(found.our_number)
    )
    return found if fits else None
