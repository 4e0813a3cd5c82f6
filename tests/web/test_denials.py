"""Who is refused is recorded, once a minute with a count, and the answers stay as they were."""

from typing import Any

from service.actions.note_denial import Denial
from service.domain import ids
from service.domain.people import Actor, ActorKind, Role
from service.store.pool import Scope
from service.web.denials import MOST, Denials
from tests.web.pair import Pair


async def denials_of(pair: Pair, org_id: Any) -> list[dict[str, Any]]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select action, resource_kind, resource_id, detail, request_id from audit"
            " where outcome = 'denied' and org_id is not distinct from $1 order by id",
            org_id,
        )
    return [dict(row) for row in rows]


async def test_not_yours_and_not_there_are_one_line_alike(pair: Pair) -> None:
    made = await pair.sent()
    lines = []
    for wanted in (made["id"], str(ids.new_id())):
        stranger = await pair.site.house.organization("Elsewhere Clinic")
        async with await pair.site.program(stranger.actor) as third:
            answer = await third.get(f"/api/v1/referrals/{wanted}")
        assert answer.status_code == 404
        (line,) = await denials_of(pair, stranger.id)
        assert str(line.pop("resource_id")) == wanted
        assert line.pop("request_id") == answer.headers["x-request-id"]
        lines.append(line)
    assert lines[0] == lines[1]
    assert lines[0]["action"] == "referral.read"
    assert lines[0]["detail"] == {"why": "missing", "count": 1}


async def test_a_role_that_may_not_is_a_denial(pair: Pair) -> None:
    reader = pair.sender.acting(Role.READER)
    actor = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.READER}))
    assert reader.roles == actor.roles
    async with await pair.site.program(actor) as third:
        assert (await third.get(f"/api/v1/patients/{pair.patient_id}")).status_code == 403
    (line,) = await denials_of(pair, pair.sender.id)
    assert (line["action"], line["detail"]["why"]) == ("patient.read", "refused")


async def test_a_thousand_knocks_are_one_line_and_a_count(pair: Pair) -> None:
    for _ in range(30):
        await pair.one.get(f"/api/v1/referrals/{ids.new_id()}")
    assert len(await denials_of(pair, pair.sender.id)) == 1
    here = pair.site.app.state.desk
    from service.web import denials

    await denials.write(here.office, here.denials.rest())
    lines = await denials_of(pair, pair.sender.id)
    assert [line["detail"]["count"] for line in lines] == [1, 29]


async def test_a_proof_that_proves_nothing_is_recorded_and_no_proof_is_not(pair: Pair) -> None:
    async with pair.site.caller() as nobody:
        assert (await nobody.get("/api/v1/referrals")).status_code == 401
        assert await denials_of(pair, None) == []
        wrong = {"authorization": "Bearer lk_wrong"}
        assert (await nobody.get("/api/v1/referrals", headers=wrong)).status_code == 401
    (line,) = await denials_of(pair, None)
    assert line["action"] == "session.use"


def a_denial(number: int) -> Denial:
    actor = Actor(kind=ActorKind.MEMBER, member_id=ids.new_id())
    return Denial(actor=actor, action="referral.read", why=str(number))


def test_a_window_that_is_over_is_told_with_what_was_counted_in_it() -> None:
    now = 0.0
    counted = Denials(monotonic=lambda: now)
    one = a_denial(1)
    assert counted.met(one) == [(one, 1)]
    assert counted.met(one) == []
    assert counted.met(one) == []
    now = 61.0
    assert counted.met(one) == [(one, 2), (one, 1)]
    assert counted.rest() == []


def test_a_crowd_of_callers_takes_no_more_memory_than_is_set() -> None:
    counted = Denials(monotonic=lambda: 0.0)
    lines = [line for number in range(MOST + 50) for line in counted.met(a_denial(number))]
    assert len(lines) == MOST + 1
    assert sum(count for _, count in counted.rest()) == 49
