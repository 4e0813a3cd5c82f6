"""Hooks of providers: proven, kept once as they came, and never an error whatever comes."""

from __future__ import annotations

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import callback
from service.actions import take_callback
from service.domain import sms_calls, sms_status
from service.domain.delivery import DeliveryState
from service.domain.sms_status import SmsStatus
from service.settings import Secret, Sms
from service.store import sms
from service.store.pool import Scope
from tests.web.site import ORIGIN, site

TOKEN, HOOK = "twilio-token-of-the-tests", "hook-secret-of-the-tests"
REF = "0123456789abcdef" * 2
WAYS = (
    Sms(name="twilio", url="https://x", user="AC1", password=Secret(TOKEN), sender="+15035550199"),
    Sms(
        name="kannel",
        url="http://x",
        user="u",
        password=Secret("p"),
        sender="13013",
        hook=Secret(HOOK),
    ),
)
SENT = {"MessageSid": "SM1", "MessageStatus": "sent", "To": "+15035550100"}
TEXT = {"MessageSid": "SM2", "From": "+15035550100", "To": "+15035550199", "Body": "sí"}
RECEIPTS = f"/hooks/sms/twilio/receipts?ref={REF}"
TEXTS = "/hooks/sms/twilio/texts"
KANNEL = f"/hooks/sms/kannel/receipts?ref={REF}&type=1&id=7a"
PROOF = ("kannel", HOOK)


@pytest.fixture
async def hooks(fresh_database, redis_url, tmp_path):
    async with site(fresh_database, redis_url, tmp_path, sms=WAYS) as opened:
        yield opened


async def rows(here, sql: str):
    owner = await asyncpg.connect(here.owner_url)
    try:
        return [dict(row) for row in await owner.fetch(sql)]
    finally:
        await owner.close()


async def signed(client, path: str, fields: dict[str, str], *, secret: str = TOKEN):
    signature = callback.twilio_signature(secret, ORIGIN + path, list(fields.items()))
    return await client.post(path, data=fields, headers={"x-twilio-signature": signature})


async def test_a_signed_receipt_is_kept_once_and_answered_with_nothing(hooks) -> None:
    client = hooks.caller()
    for _ in range(3):
        answer = await signed(client, RECEIPTS, SENT)
        assert (answer.status_code, answer.content) == (204, b"")
    [kept] = await rows(hooks, "select provider, event_id, kind, message_id, code from lk.receipt")
    assert kept == {
        "provider": "twilio",
        "event_id": "SM1:sent",
        "kind": "sent",
        "message_id": REF,
        "code": None,
    }


async def test_what_is_not_signed_leaves_nothing(hooks) -> None:
    client = hooks.caller()
    tries = [
        await client.post(RECEIPTS, data=SENT),
        await client.post(RECEIPTS, data=SENT, headers={"x-twilio-signature": "é".encode()}),
        await signed(client, RECEIPTS, SENT, secret="another"),
        await signed(client, TEXTS, TEXT, secret=HOOK),
        await client.get(KANNEL),
        await client.get(KANNEL, auth=("kannel", "another")),
        await client.post("/hooks/sms/kannel/texts?event=1", auth=("twilio", HOOK)),
    ]
    assert {each.status_code for each in tries} == {403}
    assert {each.json()["type"].rpartition("/")[2] for each in tries} == {"callback-unproven"}
    # A signature holds for its own fields and address only.
    good = callback.twilio_signature(TOKEN, ORIGIN + RECEIPTS, list(SENT.items()))
    for path, fields in ((RECEIPTS, SENT | {"MessageStatus": "failed"}), (TEXTS, SENT)):
        answer = await client.post(path, data=fields, headers={"x-twilio-signature": good})
        assert answer.status_code == 403
    assert (
        await rows(hooks, "select 1 from lk.receipt union all select 1 from lk.inbound_text") == []
    )


async def test_without_a_provider_its_hooks_let_nobody_in(here) -> None:
    client = here.caller()
    assert (await signed(client, TEXTS, TEXT, secret="")).status_code == 403
    assert (await client.get(KANNEL, auth=("kannel", ""))).status_code == 403


async def test_a_text_from_a_phone_is_kept_sealed_and_once(hooks) -> None:
    client = hooks.caller()
    for _ in range(2):
        assert (await signed(client, TEXTS, TEXT)).status_code == 204
    said = {"x-kannel-from": "+15035550100", "x-kannel-to": "13013"}
    for _ in range(2):
        answer = await client.post(
            "/hooks/sms/kannel/texts?event=e-1", content="STOP ✓", headers=said, auth=PROOF
        )
        assert (answer.status_code, answer.content) == (204, b"")
    office = hooks.house.worker_office
    async with office.db.transaction(Scope()) as connection:
        found = await sms.texts_waiting(connection, limit=10)
    heard = [await take_callback.opened(office, each) for each in found]
    assert [(each.number, each.our_number, each.text) for each in heard] == [
        ("+15035550100", "+15035550199", "sí"),
        ("+15035550100", "13013", "STOP ✓"),
    ]
    kept = await rows(hooks, "select sealed from lk.inbound_text")
    assert all(b"5550100" not in row["sealed"] and b"STOP" not in row["sealed"] for row in kept)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageSid": "S M", "MessageStatus": "sent"},
        {"MessageSid": "SM1", "MessageStatus": "<b>"},
        {"MessageSid": "SM1", "MessageStatus": "x" * 500},
        {"MessageSid": "SM1\x00", "MessageStatus": "sent"},
        {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "'; drop"},
    ],
)
async def test_nonsense_that_proves_itself_is_kept_as_nonsense_and_as_nothing_else(
    hooks, fields
) -> None:
    client = hooks.caller()
    for _ in range(2):
        assert (await signed(client, RECEIPTS, fields)).status_code == 204
    [kept] = await rows(hooks, "select kind, message_id, code from lk.receipt")
    assert kept == {"kind": "nonsense", "message_id": None, "code": None}


async def test_a_reference_that_is_none_of_ours_is_nonsense(hooks) -> None:
    client = hooks.caller()
    for ref in ("", "x" * 32, REF.upper(), f"{REF}0", "%00"):
        path = f"/hooks/sms/kannel/receipts?ref={ref}&type=1&id=7a"
        assert (await client.get(path, auth=PROOF)).status_code == 204
    assert {row["kind"] for row in await rows(hooks, "select kind from lk.receipt")} == {"nonsense"}


async def test_bodies_that_are_no_forms_are_no_errors_of_ours(hooks) -> None:
    client = hooks.caller()
    for content, media in (
        (b"\xff\xfe" * 40, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"x" * 2_000_000, "text/plain"),
    ):
        for path in (RECEIPTS, TEXTS, "/hooks/sms/kannel/texts?event=1"):
            answer = await client.post(
                path, content=content, headers={"content-type": media}, auth=PROOF
            )
            assert answer.status_code < 500


def test_every_status_of_a_provider_has_its_place() -> None:
    assert sms_status.PROVIDERS == sms_calls.DIALECTS.keys() == sms_status.CODES.keys()
    told = {
        ("twilio", "delivered", ""): SmsStatus.DELIVERED,
        ("twilio", "undelivered", "30003"): SmsStatus.TEMPORARY_FAILURE,
        ("twilio", "undelivered", "30005"): SmsStatus.PERMANENT_FAILURE,
        ("twilio", "failed", "21610"): SmsStatus.REFUSED_OPTOUT,
        ("kannel", "2", ""): SmsStatus.PERMANENT_FAILURE,
        ("kannel", "8", ""): SmsStatus.SENT,
    }
    for (provider, word, code), status in told.items():
        assert sms_status.read(provider, word, code).status is status
        assert sms_status.read(provider, word, code).known
    for provider, word, code in (
        ("twilio", "vanished", ""),
        ("twilio", "failed", "99999"),
        ("kannel", "3", ""),
        ("carrier-pigeon", "1", ""),
    ):
        meaning = sms_status.read(provider, word, code)
        assert (meaning.status, meaning.known) == (SmsStatus.TECHNICAL_FAILURE, False)
    assert sms_status.BECOMES[SmsStatus.TEMPORARY_FAILURE] is DeliveryState.UNKNOWN


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=8), st.data())
def test_any_fields_at_all_are_read_or_are_nothing(fields, data) -> None:
    for provider, dialect in sms_calls.DIALECTS.items():
        known = (*dialect.event, dialect.code, dialect.sender, dialect.receiver, "ref")
        mixed = dict(fields)
        for name in known:
            mixed[name] = data.draw(st.text(max_size=40))
        for read in (sms_calls.receipt, sms_calls.text):
            found = read(provider, mixed)
            assert found is None or "\x00" not in found.event_id
