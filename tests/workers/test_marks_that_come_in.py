"""What comes in from outside, by mail, by telephone and by hooks, leaves no word in any log.

Numbers, addresses, names, bodies and tokens stand in what is sent to us, in what PostgreSQL says of
it and in what providers answer; no line and no figure holds one of them.
"""

from __future__ import annotations

import asyncio

import asyncpg
import msgspec
import pytest

from channels.parcel import TextAnswer, TextParcel
from crypto import callback, mail_hook
from service import clock
from service.actions import take_callback
from service.settings import Secret
from tests.channels import sms_server
from tests.web import site as sites
from tests.web.test_mail_hooks import SECRET as MAIL_SECRET
from tests.web.test_sms_hooks import HOOK, ORIGIN, RECEIPTS, TEXTS, TOKEN, WAYS
from tests.workers import texting
from tests.workers.test_mailroom import receipts_of, report, room, send
from tests.workers.test_marks_in_logs import MARK, SAYS, _spoil, broken, written
from tests.workers.test_phones import _settings
from workers import courier, ears, phones, relay

__all__ = ["room", "written"]

PHONE = "+15035550142"
SAID = {
    "MessageSid": "SM9",
    "From": PHONE,
    "To": "+15035550199",
    "Body": f"CALL me, I am {MARK}",
}


def spared(written, *others: str) -> None:
    """See that nothing that was logged holds a mark, and that something was logged at all."""
    told = written.getvalue()
    assert told, "nothing was logged: this would prove nothing"
    for word in (MARK, PHONE, PHONE.removeprefix("+"), *others):
        assert word not in told


async def test_a_mail_that_cannot_be_kept_is_not_told_of_by_its_words(room, written) -> None:
    await _spoil(room, "receipt")
    back = room.office.return_paths[-1]
    raw = report(room) + f"\r\nFrom: {MARK}@example.org\r\nSubject: {SAYS}\r\n".encode()
    assert await send(room, raw, sender=f"{MARK}@example.org") == 451
    [line] = [line for line in broken(written) if line["worker"] == "mailroom"]
    assert line["error_class"] == "asyncpg.exceptions.RaiseError"
    spared(written, back, back.partition("@")[0], room.bank.mailbox)


async def test_a_mail_to_nobody_of_ours_and_one_that_is_no_report_leave_no_word(
    room, written
) -> None:
    assert await send(room, b"x", to=f"{MARK}@example.org", sender=f"{MARK}@example.org") == 550
    assert await send(room, f"Subject: {SAYS}\r\n\r\n{PHONE} {MARK}".encode()) == 250
    bad = report(room).replace(b"550", f"550 {MARK}".encode())
    assert await send(room, bad) == 250
    receipts = await receipts_of(room)
    tasks = await room.rows("select h::text as said from lk.human_task h")
    spared(written, room.office.return_paths[-1])
    assert MARK not in str(receipts) + str(tasks) + room.desk.registry.text()


async def test_a_text_that_cannot_be_heard_is_not_told_of_by_its_words(shop, written) -> None:
    await texting.town(shop)
    await take_callback.text(shop.house.office, "twilio", SAID)
    await _spoil(shop, "text_heard")
    assert await ears.turn(shop.desk) == 1
    [line] = broken(written)
    assert (line["event"], line["worker"]) == ("text not heard", "receipts")
    spared(written, texting.NUMBER)
    assert PHONE not in shop.desk.registry.text()


async def test_a_text_that_is_heard_leaves_no_word_beside_the_work_it_opens(shop, written) -> None:
    await texting.town(shop)
    said = SAID | {"From": texting.NUMBER, "Body": f"who is {MARK}, {PHONE}?"}
    await take_callback.text(shop.house.office, "twilio", said)
    await take_callback.text(shop.house.office, "twilio", {"From": PHONE, "Body": MARK})
    assert await ears.turn(shop.desk) == 1
    kept = [
        await shop.rows(f"select t::text as said from lk.{table} t")
        for table in ("text_heard", "human_task", "outbox", "audit", "receipt", "claim")
    ]
    told = str(kept) + written.getvalue()
    for word in (MARK, PHONE, texting.NUMBER):
        assert word not in told


class Loud:
    """A way to phones that breaks with words of somebody else."""

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        raise ValueError(f"{SAYS}: {parcel.to_number} {parcel.text}")

    async def close(self) -> None:
        return


async def test_a_way_to_phones_that_breaks_leaves_its_class_alone(shop, written) -> None:
    await texting.town(shop)
    await shop.skip(seconds=11)
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(relay.run(shop.desk, stop=stop)),
        asyncio.create_task(courier.Courier(shop.desk, [], phones=Loud()).run(stop=stop)),
    ]
    try:
        await shop.until(lambda: shop.effects("kind = 'text' and tries = 1"))
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    [effect] = await shop.effects("kind = 'text' and tries = 1")
    assert effect["last_error"] == "our mistake: ValueError"
    spared(written, texting.NUMBER, "Northside", "solicitud")


@pytest.mark.parametrize("fault", ["400", "503", "nonsense"])
async def test_what_a_provider_answers_is_told_by_its_codes_alone(shop, written, fault) -> None:
    await texting.town(shop)
    first, second = sms_server.Desk(), sms_server.Desk()
    first.fault = second.fault = fault
    with sms_server.running(first) as one, sms_server.running(second) as two:
        ways = _settings(one, two)
        desk = msgspec.structs.replace(
            shop.desk, settings=msgspec.structs.replace(shop.desk.settings, sms=ways)
        )
        await shop.skip(seconds=11)
        async with shop.working(phones=phones.of(desk.db, desk.settings)):
            tried = "kind = 'text' and last_error is not null"
            await shop.until(lambda: shop.effects(tried))
    assert first.asked + second.asked >= 1
    kept = [
        await shop.rows(f"select t::text as said from lk.{table} t")
        for table in ("outbox", "delivery", "human_task", "audit")
    ]
    told = str(kept) + written.getvalue() + shop.desk.registry.text()
    for word in (texting.NUMBER, texting.NUMBER[1:], sms_server.TOKEN, sms_server.PASSWORD):
        assert word not in told
    assert "Su solicitud" not in told


async def _spoiled(url: str) -> None:
    """Let PostgreSQL say the mark whenever something of a hook is kept."""
    owner = await asyncpg.connect(url)
    await owner.execute(
        "create function lk.say_mark() returns trigger language plpgsql as"
        f" $f$ begin raise exception '{SAYS}'; end $f$"
    )
    for table in ("inbound_text", "receipt"):
        await owner.execute(
            f"create trigger spoilt before insert on lk.{table}"
            " for each statement execute function lk.say_mark()"
        )
    await owner.close()


async def test_hooks_leave_no_word_whether_they_prove_themselves_or_not(
    fresh_database, redis_url, tmp_path, written
) -> None:
    given = {"sms": WAYS, "mail_hook_secret": Secret(MAIL_SECRET)}
    async with sites.site(fresh_database, redis_url, tmp_path, **given) as here:
        client = here.caller()
        signature = callback.twilio_signature(TOKEN, ORIGIN + TEXTS, list(SAID.items()))
        await _spoiled(here.owner_url)
        body = msgspec.json.encode({"event_id": MARK, "kind": "bounced", "code": MARK})
        moment = int(clock.unix_seconds())
        proof = mail_hook.signature(MAIL_SECRET, provider="mailer", body=body, at=moment)
        kannel = f"/hooks/sms/kannel/receipts?ref={MARK}&type=1&id=7a&to=%2B{PHONE[1:]}"
        answers = [
            await client.post(TEXTS, data=SAID, headers={"x-twilio-signature": signature}),
            await client.post(TEXTS, data=SAID, headers={"x-twilio-signature": MARK}),
            await client.post(f"{RECEIPTS}&To={PHONE}", data=SAID),
            await client.get(kannel, auth=("kannel", HOOK)),
            await client.get(kannel, auth=("kannel", MARK)),
            await client.post(
                "/hooks/mail/mailer",
                content=body,
                headers={"content-type": "application/json", "loopkeeper-signature": proof},
            ),
            await client.post(f"/hooks/mail/{MARK}", content=MARK.encode()),
        ]
    told = "".join(answer.text for answer in answers)
    spared(written, HOOK, TOKEN, MAIL_SECRET, signature, proof)
    for word in (MARK, PHONE, "Traceback"):
        assert word not in told
