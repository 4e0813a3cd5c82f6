"""The hook for mail: signed, fresh and once, or nothing is kept."""

from __future__ import annotations

import asyncpg
import msgspec
import pytest

from crypto import mail_hook
from service import clock
from service.actions import return_paths
from service.domain import ids
from service.settings import Secret
from tests.web import site as sites

SECRET = "a secret of the provider"


@pytest.fixture
async def site(fresh_database, redis_url, tmp_path):
    given = {"mail_hook_secret": Secret(SECRET)}
    async with sites.site(fresh_database, redis_url, tmp_path, **given) as opened:
        yield opened


async def call(site, said, *, at: int = 0, provider: str = "mailer", **headers: str):
    body = said if isinstance(said, bytes) else msgspec.json.encode(said)
    moment = int(clock.unix_seconds()) + at
    signed = mail_hook.signature(SECRET, provider="mailer", body=body, at=moment)
    given = {"content-type": "application/json", "loopkeeper-signature": signed} | headers
    async with site.caller() as client:
        return await client.post(f"/hooks/mail/{provider}", content=body, headers=given)


async def kept(site):
    connection = await asyncpg.connect(site.owner_url)
    try:
        rows = await connection.fetch("select * from lk.receipt order by received_at")
    finally:
        await connection.close()
    return [dict(row) for row in rows]


BOUNCED = {"event_id": "e1", "kind": "bounced", "message_id": "<1@x.example>", "code": "5.1.1"}


async def test_an_event_told_twice_is_kept_once(site) -> None:
    assert [(await call(site, BOUNCED)).status_code for _ in range(2)] == [204, 204]
    [row] = await kept(site)
    assert (row["provider"], row["event_id"], row["kind"]) == ("mail/mailer", "e1", "bounced")
    assert (row["message_id"], row["code"], row["applied_at"]) == ("<1@x.example>", "5.1.1", None)


async def test_a_return_path_names_its_delivery(site) -> None:
    delivery_id = ids.new_id()
    path = await return_paths.of(site.house.keys, delivery_id, domain="example.org")
    said = {"event_id": "e2", "kind": "complained", "return_path": path}
    assert (await call(site, said)).status_code == 204
    [row] = await kept(site)
    assert row["delivery_id"] == delivery_id


async def test_whoever_does_not_prove_it_is_refused(site) -> None:
    refused = [
        await call(site, BOUNCED, at=-301),
        await call(site, BOUNCED, at=301),
        await call(site, BOUNCED, provider="other"),
        await call(site, BOUNCED, **{"loopkeeper-signature": ""}),
        await call(site, BOUNCED, **{"loopkeeper-signature": "t=1,v1=" + "0" * 64}),
    ]
    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["type"].rpartition("/")[2] for answer in refused} == {
        "mail-hook-unsigned"
    }
    assert await kept(site) == []


@pytest.mark.parametrize(
    "said",
    [
        b"not json",
        b"[]",
        {},
        BOUNCED | {"kind": "opened"},
        BOUNCED | {"code": "5.1.1 <ann@x.example> unknown"},
        BOUNCED | {"event_id": ""},
        BOUNCED | {"subject": "x"},
        BOUNCED | {"return_path": "bounces+x@example.org"},
        {"event_id": "e", "kind": "bounced"},
        {"event_id": "e", "kind": "bounced", "return_path": "bounces+aaaa@example.org"},
    ],
)
async def test_a_signed_call_that_says_nothing_of_a_mail_is_told_so(site, said) -> None:
    answer = await call(site, said)
    assert answer.status_code in (400, 422)
    assert "ann@x.example" not in answer.text
    assert await kept(site) == []


async def test_without_a_secret_nobody_is_believed(fresh_database, redis_url, tmp_path) -> None:
    async with sites.site(fresh_database, redis_url, tmp_path) as site:
        signed = mail_hook.signature(
            "", provider="mailer", body=b"{}", at=int(clock.unix_seconds())
        )
        answer = await call(site, b"{}", **{"loopkeeper-signature": signed})
        assert answer.status_code == 403
