"""The mailroom: what comes back of a mail, over real SMTP, until a person is told."""

from __future__ import annotations

import asyncio
import contextlib

import aiosmtplib
import msgspec
import pytest

from crypto import token
from service.actions import hear_mail_hook
from service.actions.hear_mail_hook import MailEvent
from tests.channels import certificates, mail_server
from workers import mailroom, outbox_server
from workers import receipts as taking


@pytest.fixture
async def room(shop):
    """A shop whose mailroom listens, and that has sent one invitation."""
    settings = msgspec.structs.replace(
        shop.desk.settings, mailroom=f"127.0.0.1:{mail_server.free()}"
    )
    shop.desk = msgspec.structs.replace(shop.desk, settings=settings)
    stop = asyncio.Event()
    serving = asyncio.create_task(mailroom.run(shop.desk, stop=stop))
    applying = asyncio.create_task(taking.run(shop.desk, stop=stop))
    shop.clinic, shop.bank = await _invited(shop)
    try:
        yield shop
    finally:
        stop.set()
        await asyncio.gather(serving, applying)


async def _invited(shop):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: shop.office.taken)
        await shop.drained()
    return clinic, bank


async def send(shop, raw: bytes, *, to: str | None = None, sender: str = "") -> int:
    """Speak to the mailroom as another mail server does; return the code of its last answer."""
    host, _, port = shop.desk.settings.mailroom.partition(":")
    client = aiosmtplib.SMTP(hostname=host, port=int(port), start_tls=False, timeout=5)
    for _ in range(100):
        with contextlib.suppress(aiosmtplib.SMTPConnectError):
            await client.connect()
            break
        await asyncio.sleep(0.05)
    async with client:
        try:
            await client.mail(sender)
            await client.rcpt(shop.office.return_paths[-1] if to is None else to)
            return (await client.data(raw)).code
        except aiosmtplib.SMTPResponseException as refused:
            return refused.code


def report(shop, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    back = outbox_server.bounce(shop.office.taken[-1], sender=shop.office.return_paths[-1])
    return back.replace(b"5.1.1", status.encode()).replace(b"failed", action.encode())


async def receipts_of(shop):
    await shop.until(lambda: _applied(shop))
    return await shop.rows("select * from lk.receipt order by received_at, id")


async def _applied(shop) -> bool:
    return not await shop.rows("select 1 from lk.receipt where applied_at is null")


async def test_a_server_that_asks_for_tls_gets_it(shop, tmp_path) -> None:
    _, trusting = certificates.self_signed(tmp_path)
    files = (tmp_path / "cert.pem", tmp_path / "key.pem")
    place = f"127.0.0.1:{mail_server.free()}"
    settings = msgspec.structs.replace(shop.desk.settings, mailroom=place, mailroom_tls=files)
    shop.desk = msgspec.structs.replace(shop.desk, settings=settings)
    stop = asyncio.Event()
    serving = asyncio.create_task(mailroom.run(shop.desk, stop=stop))
    host, _, port = place.partition(":")
    client = aiosmtplib.SMTP(hostname=host, port=int(port), start_tls=False, tls_context=trusting)
    try:
        for _ in range(100):
            with contextlib.suppress(aiosmtplib.SMTPConnectError):
                await client.connect()
                break
            await asyncio.sleep(0.05)
        await client.starttls()
        assert client.get_transport_info("cipher")
        assert (await client.mail("")).code == 250
        client.close()
    finally:
        stop.set()
        await serving


async def test_a_certificate_that_cannot_be_read_stops_the_start(shop, tmp_path) -> None:
    place = f"127.0.0.1:{mail_server.free()}"
    files = (tmp_path / "no.pem", tmp_path / "no.key")
    settings = msgspec.structs.replace(shop.desk.settings, mailroom=place, mailroom_tls=files)
    desk = msgspec.structs.replace(shop.desk, settings=settings)
    with pytest.raises(mailroom.NoCertificate):
        await mailroom.run(desk, stop=asyncio.Event())


async def test_a_bounce_kills_the_address_its_links_and_opens_a_task(room) -> None:
    [path] = room.office.return_paths
    assert path.startswith("bounces+")
    assert path.endswith("@demo.example")
    assert len(path.partition("@")[0]) <= 64
    [mail] = room.mails
    assert mail["From"] == "Loopkeeper <loopkeeper@demo.example>"
    # Some servers forget the case of what they were given.
    assert await send(room, report(room), to=path.upper()) == 250
    await room.until(lambda: room.rows("select 1 from lk.address where state = 'bad'"))
    [delivery] = await room.rows("select * from lk.delivery")
    assert (delivery["state"], delivery["detail"]) == ("bounced", "5.1.1")
    assert [row["state"] for row in await room.rows("select state from lk.link")] == ["revoked"]
    [task] = await room.rows("select * from lk.human_task where kind = 'address_bounced'")
    assert (task["org_id"], task["about_org_id"]) == (room.clinic.id, room.bank.id)
    assert task["referral_id"] == delivery["referral_id"]


async def test_nobody_can_make_up_a_return_path(room) -> None:
    [path] = room.office.return_paths
    [delivery] = await room.rows("select * from lk.delivery")
    forged = token.return_token(bytes(32), delivery["id"])
    last = "a" if path.partition("@")[0][-1] != "a" else "e"
    strange = (
        f"bounces+{forged}@demo.example",
        path.replace("@demo.example", "@other.example"),
        f"{path.partition('@')[0][:-2]}{last}a@demo.example",
        "loopkeeper@demo.example",
        "bounces@demo.example",
        f"bounces+{'a' * 400}@demo.example",
        "postmaster",
    )
    for address in strange:
        assert await send(room, report(room), to=address) in (550, 500, 501, 553), address
    assert await room.rows("select 1 from lk.receipt") == []


async def test_the_same_bounce_twice_is_one(room) -> None:
    raw = report(room)
    assert [await send(room, raw), await send(room, raw)] == [250, 250]
    assert len(await receipts_of(room)) == 1
    assert len(await room.rows("select 1 from lk.human_task where kind = 'address_bounced'")) == 1


@pytest.mark.parametrize(
    ("said", "becomes", "tasks"),
    [
        (("5.7.1", "failed"), ("refused", "refused"), ["undeliverable"]),
        (("5.2.2", "failed"), ("soft", "refused"), []),
        (("4.4.7", "failed"), ("soft", "refused"), []),
        (("4.4.1", "delayed"), ("delayed", "sent"), []),
        (("2.0.0", "delivered"), ("delivered", "delivered"), []),
    ],
)
async def test_what_a_report_says_is_what_becomes_of_the_mail(room, said, becomes, tasks) -> None:
    (status, action), (kind, state) = said, becomes
    assert await send(room, report(room, status=status, action=action)) == 250
    [receipt] = await receipts_of(room)
    assert (receipt["kind"], receipt["code"]) == (kind, status)
    [delivery] = await room.rows("select * from lk.delivery")
    assert delivery["state"] == state
    assert (delivery["soft_at"] is not None) is (kind == "soft")
    assert [row["kind"] for row in await room.rows("select kind from lk.human_task")] == tasks
    assert await room.rows("select 1 from lk.address where state = 'bad'") == []


VACATION = (
    b"From: Ann <ann@harbor.example>\r\nSubject: Out of office: Jo Doe, diabetes\r\n"
    b"Auto-Submitted: auto-replied\r\nMessage-ID: <v1@harbor.example>\r\n\r\nBack on Monday.\r\n"
)
PERSON = b"From: Ann <ann@harbor.example>\r\nSubject: Jo Doe\r\n\r\nJo Doe moved.\r\n"


@pytest.mark.parametrize(
    ("raw", "kind", "tasks"),
    [
        (VACATION, "auto_reply", []),
        (PERSON, "unread", ["came_back_unread"]),
        (b"\xff\xfe\x00" * 700 + b"\r\n", "unread", ["came_back_unread"]),
        (
            b"Content-Type: text/plain; charset=klingon\r\n\r\n\xe4\r\n",
            "unread",
            ["came_back_unread"],
        ),
    ],
    ids=["vacation", "person", "noise", "charset"],
)
async def test_other_mail_is_noted_without_a_word_of_it_and_never_answered(
    room, raw, kind, tasks
) -> None:
    sent = len(room.office.taken)
    assert await send(room, raw, sender="ann@harbor.example") == 250
    [receipt] = await receipts_of(room)
    assert receipt["kind"] == kind
    assert not any(word in repr(receipt) for word in ("Doe", "Ann", "Monday", "diabetes"))
    assert [row["reason"] for row in await room.rows("select reason from lk.human_task")] == tasks
    [delivery] = await room.rows("select state from lk.delivery")
    assert delivery["state"] == "sent"
    async with room.working():
        await room.drained()
    assert len(room.office.taken) == sent


async def soft(shop, *, status: str = "5.2.2", action: str = "failed") -> None:
    """Send the bank one more invitation, which it does not take today."""
    sent = len(shop.office.taken)
    await shop.house.sent(shop.clinic, [shop.bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.until(lambda: len(shop.office.taken) == sent + 1)
        await shop.drained()
    assert await send(shop, report(shop, status=status, action=action)) == 250
    await receipts_of(shop)


async def bad(shop) -> bool:
    return bool(await shop.rows("select 1 from lk.address where state = 'bad'"))


async def test_three_soft_bounces_in_a_week_are_a_hard_one(room) -> None:
    await soft(room)
    await soft(room)
    assert not await bad(room)
    await soft(room)
    assert await bad(room)
    assert len(await room.rows("select 1 from lk.human_task where kind = 'address_bounced'")) == 1


async def test_soft_bounces_of_last_week_count_no_more(room) -> None:
    await soft(room)
    await soft(room)
    await room.skip(days=7)
    await soft(room)
    assert not await bad(room)


async def test_soft_bounces_before_a_mail_that_arrived_count_no_more(room) -> None:
    await soft(room)
    await soft(room)
    await soft(room, status="2.0.0", action="delivered")
    await soft(room)
    assert not await bad(room)


@pytest.mark.parametrize(("code", "dead"), [(None, True), ("5.1.1", True), ("5.7.1", False)])
async def test_what_a_provider_calls_a_bounce_is_judged_by_its_code(room, code, dead) -> None:
    [path] = room.office.return_paths
    event = MailEvent(event_id="1", kind="bounced", return_path=path, code=code)
    for _ in range(2):
        await hear_mail_hook.hear(room.house.office, event, provider="x", domain="demo.example")
    await receipts_of(room)
    assert await bad(room) is dead
    assert len(await room.rows("select 1 from lk.human_task")) == 1


async def test_a_mail_too_big_is_refused_and_several_recipients_are_too(room) -> None:
    assert await send(room, b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 20_000) == 552
    assert await room.rows("select 1 from lk.receipt") == []


async def test_without_its_database_the_mailroom_asks_to_try_again(room) -> None:
    raw = report(room)
    await room.owner.execute("alter table lk.receipt rename to receipt_away")
    try:
        assert await send(room, raw) == 451
    finally:
        await room.owner.execute("alter table lk.receipt_away rename to receipt")
    assert await send(room, raw) == 250
    [receipt] = await receipts_of(room)
    assert receipt["kind"] == "bounced"


async def test_the_mailroom_needs_a_place(shop) -> None:
    with pytest.raises(mailroom.NoPlace):
        await mailroom.run(shop.desk, stop=asyncio.Event())
