"""How a keyring is spoken to from another process: every call of the protocol, as msgspec has it.

Nothing here knows a single call. Names, arguments and answers are read off `ports.Keyring`, so that
whatever joins the protocol crosses too, or a test says that it does not.
"""

import asyncio
import inspect
from typing import Any, get_type_hints

import msgspec

from crypto import faults, ports

CALLS = {
    name: call
    for name, call in vars(ports.Keyring).items()
    if not name.startswith("_") and inspect.isfunction(call)
}
"""Every call of the protocol."""

_REFUSALS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        faults.CannotOpen,
        faults.KeyDestroyed,
        faults.KeyMissing,
        faults.KeyRefused,
        faults.NotIndexable,
        ValueError,
    )
}
_SIZE = 4


class Call(msgspec.Struct, frozen=True):
    """A call by its name, each argument written down by itself."""

    name: str
    given: dict[str, msgspec.Raw]


class Answer(msgspec.Struct, frozen=True):
    """What came back, or which refusal with which sentence."""

    value: msgspec.Raw = msgspec.Raw(b"\xc0")
    refusal: str | None = None
    words: tuple[str, ...] = ()


def asked(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Call:
    """Write a call down as the protocol's signature binds it."""
    bound = inspect.signature(CALLS[name]).bind(None, *args, **named).arguments
    del bound["self"]
    given = {key: msgspec.Raw(msgspec.msgpack.encode(value)) for key, value in bound.items()}
    return Call(name, given)


async def done(keyring: ports.Keyring, call: Call) -> Answer:
    """Do what a call asks; a refusal is an answer, and anything else is a fault of ours."""
    hints = get_type_hints(CALLS[call.name])
    given = {
        key: msgspec.msgpack.decode(value, type=hints[key]) for key, value in call.given.items()
    }
    positional = [
        given.pop(each.name)
        for each in inspect.signature(CALLS[call.name]).parameters.values()
        if each.kind is each.POSITIONAL_OR_KEYWORD and each.name in given
    ]
    try:
        found = await getattr(keyring, call.name)(*positional, **given)
    except tuple(_REFUSALS.values()) as refusal:
        words = () if isinstance(refusal, faults.CannotOpen) else tuple(map(str, refusal.args))
        return Answer(refusal=type(refusal).__name__, words=words)
    return Answer(value=msgspec.Raw(msgspec.msgpack.encode(found)))


def read(name: str, answer: Answer) -> Any:
    """Return what a call answered, or raise its refusal."""
    if answer.refusal is not None:
        raise _REFUSALS[answer.refusal](*answer.words)
    return msgspec.msgpack.decode(answer.value, type=get_type_hints(CALLS[name])["return"])


async def send(writer: asyncio.StreamWriter, value: Any) -> None:
    """Write one value behind its length."""
    raw = msgspec.msgpack.encode(value)
    writer.write(len(raw).to_bytes(_SIZE, "big") + raw)
    await writer.drain()


async def receive(reader: asyncio.StreamReader) -> bytes:
    """Read one value; the end of the other side is an IncompleteReadError."""
    return await reader.readexactly(int.from_bytes(await reader.readexactly(_SIZE), "big"))
