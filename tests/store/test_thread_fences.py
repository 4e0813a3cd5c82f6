"""Conversations behind the second floor: a statement that forgot its WHERE, and keys of others."""

from typing import Any

import asyncpg
import msgspec
import pytest

from service.actions import leave_thread, read_thread, send_message, start_thread, thread_desk
from service.actions.start_thread import NewThread
from service.actions.thread_guests import Invited
from service.domain import ids
from service.store.pool import Scope
from tests import making
from tests.making import House, Org

SHARED = ("thread", "thread_party", "thread_member", "thread_title", "message", "seal", "epoch")
OWN = ("thread_note", "message_draft", "message_read")


class Talk(msgspec.Struct):
    """A house where a clinic and an office talk; one has left, a stranger looks on."""

    house: House
    clinic: Org
    office: Org
    left: Org
    stranger: Org
    thread_id: Any


@pytest.fixture
async def talk(fresh_database):
    async with making.house(fresh_database) as house:
        clinic, office, left, stranger = [
            await house.organization(name) for name in ("Clinic", "Office", "Left", "Stranger")
        ]
        wish = NewThread(
            subject="s",
            text="t",
            participants=(Invited(org_id=office.id), Invited(org_id=left.id)),
        )
        said = await start_thread.start_thread(house.office, clinic.actor, wish)
        await thread_desk.write_note(house.office, clinic.actor, said.thread_id, text="ours")
        await thread_desk.keep_draft(house.office, clinic.actor, said.thread_id, text="not yet")
        await leave_thread.end_part(house.office, left.actor, said.thread_id, org_id=left.id)
        yield Talk(house, clinic, office, left, stranger, said.thread_id)


async def counted(talk: Talk, org: Org, tables: tuple[str, ...]) -> dict[str, int]:
    async with talk.house.office.db.transaction(Scope(org_id=org.id)) as connection:
        found = {name: await connection.fetchval(f"select count(*) from {name}") for name in tables}
    return {name: count for name, count in found.items() if count}


async def test_only_who_takes_part_sees_a_conversation(talk: Talk) -> None:
    for org in (talk.clinic, talk.office):
        assert set(await counted(talk, org, SHARED)) == set(SHARED)
    assert await counted(talk, talk.stranger, (*SHARED, *OWN)) == {}
    # Who has left sees that it had a part, and nothing of it.
    assert await counted(talk, talk.left, (*SHARED, *OWN)) == {"thread_party": 1}


async def test_notes_drafts_and_reading_are_one_organizations_own(talk: Talk) -> None:
    assert set(await counted(talk, talk.clinic, OWN)) == set(OWN)
    assert await counted(talk, talk.office, OWN) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "update message set envelope = null, retracted_at = lk.now()",
        "update thread set circle = 9",
        "update thread_party set ended_at = null",
        "update thread_note set sealed = null",
        "delete from message_draft",
    ],
)
async def test_without_a_where_nothing_of_another_is_changed(talk: Talk, statement: str) -> None:
    for org in (talk.stranger, talk.left):
        async with talk.house.office.db.transaction(Scope(org_id=org.id)) as connection:
            assert (await connection.execute(statement)).endswith(" 0")


async def test_nobody_lets_themselves_in(talk: Talk) -> None:
    row = (
        "insert into thread_party (org_id, thread_id, started_at, touched_at, admitted_by_org_id)"
        " values ($1, $2, lk.now(), lk.now(), $1)"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with talk.house.office.db.transaction(Scope(org_id=talk.stranger.id)) as connection:
            await connection.execute(row, talk.stranger.id, talk.thread_id)


async def test_a_row_of_one_conversation_does_not_become_one_of_another(talk: Talk) -> None:
    scope = Scope(org_id=talk.clinic.id, opening=talk.thread_id)
    for statement in (
        "update thread_party set thread_id = $1",
        "update message set thread_id = $1",
        "update thread set id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with talk.house.office.db.transaction(scope) as connection:
                await connection.execute(statement, ids.new_id())


async def test_a_policy_that_let_a_stranger_in_would_still_open_nothing(talk: Talk) -> None:
    """The third floor alone: with a row of its own, but no seal, a stranger reads no word."""
    owner = await asyncpg.connect(talk.house.url)
    await owner.execute(
        "insert into lk.thread_party (org_id, thread_id, started_at, touched_at)"
        " values ($1, $2, lk.now(), lk.now())",
        talk.stranger.id,
        talk.thread_id,
    )
    await owner.close()
    sheet = await read_thread.read_thread(talk.house.office, talk.stranger.actor, talk.thread_id)
    assert [(line.state, line.text) for line in sheet.lines] == [("absent", None)]
    assert sheet.subject is None
    again = send_message.NewMessage(thread_id=talk.thread_id, text="x")
    await send_message.send_message(talk.house.office, talk.clinic.actor, again)
