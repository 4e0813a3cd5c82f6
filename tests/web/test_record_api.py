"""Who may read the record: a privacy officer all of the house, everybody else their own acts."""

from typing import Any

from service.domain import ids
from service.domain.people import Role
from tests.web.pair import Pair


async def reading(pair: Pair, *roles: Role) -> Any:
    """Return a member's program, and the member."""
    actor = await pair.site.house.member(pair.sender.id, roles=frozenset(roles))
    return await pair.site.program(actor), actor


async def test_a_privacy_officer_reads_the_houses_record_and_that_is_a_line(pair: Pair) -> None:
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    async with caller:
        first = (await caller.get("/api/v1/audit", params={"about": made["id"]})).json()["items"]
        again = (await caller.get("/api/v1/audit", params={"action": "audit.read"})).json()["items"]
    assert "referral.read" in {line["action"] for line in first}
    assert {line["org_id"] for line in first} == {str(pair.sender.id)}
    assert [line["resource_id"] for line in again] == [made["id"]]


async def test_everybody_else_reads_their_own_acts_whatever_they_ask_for(pair: Pair) -> None:
    made = await pair.sent()
    caller, actor = await reading(pair, Role.CLINICIAN)
    async with caller:
        await caller.get(f"/api/v1/referrals/{made['id']}")
        other = {"member_id": str(pair.sender.actor.member_id)}
        for asked in ({}, other):
            lines = (await caller.get("/api/v1/audit", params=asked)).json()["items"]
            assert {line["actor_member_id"] for line in lines} == {str(actor.member_id)}
        none = await caller.get("/api/v1/audit", params={"about": str(ids.new_id())})
    assert none.json()["items"] == []


async def test_a_list_is_found_by_a_record_it_named_and_pages_follow_each_other(
    pair: Pair,
) -> None:
    made = await pair.sent()
    await pair.one.get("/api/v1/referrals?view=all")
    caller, _ = await reading(pair, Role.PRIVACY_OFFICER)
    seen: list[str] = []
    after: dict[str, str] = {}
    async with caller:
        while True:
            asked = {"about": made["id"], "limit": "1"} | after
            page = (await caller.get("/api/v1/audit", params=asked)).json()
            # Each look is a line about it, too, and newer than all that follow.
            seen += [line["action"] for line in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        wrong = await caller.get("/api/v1/audit", params={"since": "2030-01-01T00:00:00"})
    assert "referral.list" in seen
    assert "step.send" in seen
    assert wrong.status_code == 422
