"""One suite for every channel: whatever carries parcels must behave like this."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from channels.mail import MailChannel, MailRoute
from channels.memory import MemoryChannel
from channels.parcel import Channel, Never, Parcel, Sent
from tests.channels import mail_server

WHEN = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def parcel(**changes: object) -> Parcel:
    """A plausible mail; changes replace its fields."""
    fields: dict[str, object] = {
        "to_address": "intake@harbor.example",
        "subject": "You have a new request",
        "text": "Hola, señora.\nhttps://care.example/r/abc\n.\nFrom here on\n",
        "html": "<p>Hola, señora.</p>",
        "message_id": "<0193.1@care.example>",
        "sender": "Northside Clinic <no-reply@care.example>",
        "date": WHEN,
    }
    return Parcel(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "mail"])
def make(
    request: pytest.FixtureRequest,
) -> Iterator[tuple[Callable[[], Channel], Callable[[], int]]]:
    """Give a maker of the channel and a count of what arrived."""
    if request.param == "memory":
        channel = MemoryChannel()
        yield (lambda: channel), (lambda: len(channel.kept))
        return
    office = mail_server.Office()
    with mail_server.running(office) as port:
        route = MailRoute(host="127.0.0.1", port=port, insecure_ok=True)
        yield (lambda: MailChannel(route)), (lambda: len(office.taken))


def test_a_carried_parcel_is_sent_and_named_by_its_message_id(make) -> None:
    new, count = make

    async def story() -> None:
        channel = new()
        assert await channel.carry(parcel()) == Sent("<0193.1@care.example>")
        await channel.close()

    asyncio.run(story())
    assert count() == 1


def test_a_closed_channel_can_be_used_again(make) -> None:
    new, count = make

    async def story() -> None:
        channel = new()
        for _ in range(2):
            assert isinstance(await channel.carry(parcel()), Sent)
            await channel.close()
        await channel.close()

    asyncio.run(story())
    assert count() == 2


def test_parcels_carried_at_once_all_arrive(make) -> None:
    new, count = make

    async def story() -> None:
        channel = new()
        ids = [f"<{n}@care.example>" for n in range(30)]
        answers = await asyncio.gather(*(channel.carry(parcel(message_id=i)) for i in ids))
        assert answers == [Sent(i) for i in ids]
        await channel.close()

    asyncio.run(story())
    assert count() == 30


@pytest.mark.parametrize(
    ("changes", "dead"),
    [
        ({"subject": "Hello\r\nBcc: thief@evil.example"}, False),
        ({"subject": "Hello\nBcc: thief@evil.example"}, False),
        ({"subject": "nul \x00 byte"}, False),
        ({"to_address": "a@harbor.example\r\nBcc: thief@evil.example"}, True),
        ({"to_address": "a@harbor.example, thief@evil.example"}, True),
        ({"to_address": "nobody"}, True),
        ({"to_address": ""}, True),
        ({"to_address": "a@b@harbor.example"}, True),
        ({"to_address": f"a@{'x' * 300}.example"}, True),
        ({"sender": "Clinic <no-reply@care.example>\nX-Evil: 1"}, False),
        ({"reply_to": "a@care.example>\nX-Evil: 1"}, False),
        ({"headers": {"X-Ok": "1\r\nX-Evil: 1"}}, False),
        ({"headers": {"X-Ok:": "1"}}, False),
        ({"headers": {"Bcc": "thief@evil.example"}}, False),
        ({"headers": {"Content-Type": "text/html"}}, False),
        ({"message_id": "<a@b>\r\nX-Evil: 1"}, False),
        ({"date": WHEN.replace(tzinfo=None)}, False),
    ],
)
def test_a_parcel_that_smuggles_headers_or_lacks_an_address_never_leaves(
    make, changes, dead
) -> None:
    new, count = make

    async def story() -> Never:
        channel = new()
        answer = await channel.carry(parcel(**changes))
        await channel.close()
        assert isinstance(answer, Never)
        return answer

    answer = asyncio.run(story())
    assert answer.address_dead is dead
    assert "evil" not in answer.reason
    assert "harbor" not in answer.reason
    assert count() == 0


def test_a_parcel_does_not_print_its_address_or_words() -> None:
    shown = repr(parcel()) + str(parcel()) + f"{[parcel()]}"
    assert "harbor" not in shown
    assert "request" not in shown
    assert "Hola" not in shown
