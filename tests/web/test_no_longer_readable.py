"""After keys were destroyed every way in says so: a 410 where it was asked for, and lists go on."""

from typing import Any

import pytest

from service.actions import shred
from service.actions.shred import Unit, Why
from service.store.pool import Scope
from tests.fixtures.keeper import keeper
from tests.web import link_making
from tests.web.link_person import Person
from tests.web.pair import ACCEPT, Pair
from tests.web.site import Site
from tests.web.test_link_inside import PIN, confirmed

GONE = "/problems/no-longer-readable"
NOTE = {
    "type_code": "11488-4",
    "title": "Note",
    "text": "Seen and helped.",
    "author": "Dr. Lee",
    "written_on": "2026-01-05",
}


async def destroy(house: Any, kind: str, unit_id: Any) -> None:
    async with keeper(house.url) as pool:
        assert await shred.shred(pool, Unit(kind=kind, id=unit_id), why=Why.PATIENT_ASKED)


async def looks(house: Any, action: str) -> list[str]:
    async with house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select outcome from audit where action = $1 order by at", action
        )
    return [row["outcome"] for row in rows]


async def test_a_destroyed_patient_is_a_410_and_lists_go_on(pair: Pair) -> None:
    path = f"/api/v1/patients/{pair.patient_id}"
    assert (await pair.one.get(path)).status_code == 200
    await destroy(pair.site.house, "patient", pair.patient_id)
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"identity": {"language": "en"}}),
        ("POST", f"{path}/contacts", {"relation": "parent", "reach": {"name": "Eva"}}),
    ):
        headers = {"if-match": '"2"', "idempotency-key": "k" * 20}
        answer = await pair.one.request(method, where, json=body, headers=headers)
        assert answer.status_code == 410, (method, where, answer.text)
        assert answer.json()["type"] == GONE
        assert "García" not in answer.text
    referral = await pair.post(pair.order())
    assert (referral.status_code, referral.json()["type"]) == (410, GONE)
    for where in (f"{path}/contacts", f"{path}/consents"):
        assert (await pair.one.get(where)).status_code == 200
    found = await pair.one.post("/api/v1/patients/search", json={"phone": "+15035550123"})
    assert (found.status_code, found.json()["items"]) == (200, [])


async def test_a_destroyed_referral_is_read_without_its_words_and_lists_go_on(pair: Pair) -> None:
    made = await pair.sent(narrative="Two children.")
    leg = (await pair.step(pair.other, made["legs"][0], ACCEPT)).json()["legs"][0]
    done = {"step": "complete", "outcome": "served", "need_met": "yes", "document": NOTE}
    answer = await pair.step(pair.other, leg, done)
    assert answer.status_code == 200, answer.text
    before = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()
    document = f"/api/v1/documents/{before['documents'][0]['id']}"
    assert (await pair.one.get(document)).json()["text"] == NOTE["text"]
    await destroy(pair.site.house, "referral", made["id"])
    for caller in (pair.one, pair.other):
        read = (await caller.get(f"/api/v1/referrals/{made['id']}")).json()
        assert {"package", "identity", "document"} <= set(read["no_longer_readable"])
        assert read.get("narrative") is None
        assert read.get("patient") is None
        assert len(read["history"]) == len(before["history"])
        answer = await caller.get(document)
        assert (answer.status_code, answer.json()["type"]) == (410, GONE)
        view = "to_review" if caller is pair.one else "all"
        listed = await caller.get(f"/api/v1/referrals?view={view}")
        assert listed.status_code == 200
    assert await looks(pair.site.house, "document.read") == ["done", "failed", "failed"]


@pytest.mark.parametrize(
    "damage",
    [
        "substr(envelope, 1, length(envelope) - 1)",
        "overlay(envelope placing '\\x02'::bytea from 5)",
        "overlay(envelope placing '\\xff'::bytea from 5)",
        "''::bytea",
    ],
    ids=["cut", "reserved suite", "unknown suite", "nothing"],
)
async def test_what_was_damaged_is_a_problem_with_one_line_in_the_record(
    pair: Pair, connect: Any, damage: str
) -> None:
    made = await pair.sent()
    leg = (await pair.step(pair.other, made["legs"][0], ACCEPT)).json()["legs"][0]
    done = {"step": "complete", "outcome": "served", "need_met": "yes", "document": NOTE}
    assert (await pair.step(pair.other, leg, done)).status_code == 200
    read = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()
    owner = await connect(pair.site.house.url)
    rows = "select envelope from lk.content where kind = 'document'"
    whole = await owner.fetchval(rows)
    await owner.execute(f"update lk.content set envelope = {damage} where kind = 'document'")
    answer = await pair.one.get(f"/api/v1/documents/{read['documents'][0]['id']}")
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/unreadable")
    assert await looks(pair.site.house, "document.read") == ["failed"]
    # The rest is read, and nothing was lost: with its bytes back the document opens.
    assert (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()["question"]
    await owner.execute("update lk.content set envelope = $1 where kind = 'document'", whole)
    answer = await pair.one.get(f"/api/v1/documents/{read['documents'][0]['id']}")
    assert answer.json()["text"] == NOTE["text"]


async def test_a_link_to_a_destroyed_referral_says_so_to_people(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    assert (await person.get("/r/details")).status_code == 200
    await destroy(here.house, "referral", link.referral_id)
    page = await person.get("/r/details")
    assert page.status_code == 410
    assert "no longer readable" in page.text
    assert "García" not in page.text
