"""What one recipient learns of another: nothing, not even that there is one."""

from typing import Any

from tests.making import Org
from tests.web.pair import ACCEPT
from tests.web.site import Site

NOTE = {
    "type_code": "11488-4",
    "text": "A note for the sender.",
    "author": "Sam Lee",
    "written_on": "2026-01-02",
}


class Three:
    """A sender and two recipients of one referral, each calling the API."""

    def __init__(self, here: Site, orgs: list[Org], referral_id: Any) -> None:
        self.here, self.orgs, self.path = here, orgs, f"/api/v1/referrals/{referral_id}"

    async def read(self, place: int, path: str = "") -> Any:
        async with await self.here.program(self.orgs[place].actor) as caller:
            return await caller.get(path or self.path)

    async def step(self, place: int, body: Any) -> Any:
        async with await self.here.program(self.orgs[place].actor) as caller:
            seen = (await caller.get(self.path)).json()["referral"]
            leg = next(x for x in seen["legs"] if x["org_id"] == str(self.orgs[place].id))
            answer = await caller.post(
                f"/api/v1/legs/{leg['id']}/steps", json={"version": leg["version"]} | body
            )
            assert answer.status_code == 200, answer.text
            return answer


async def three(here: Site, mode: str) -> Three:
    house = here.house
    sender = await house.organization("Northside Clinic")
    first = await house.organization("Bridgeway Health")
    second = await house.organization("Riverbend Center")
    made = await house.sent(sender, [first, second], mode=mode)
    return Three(here, [sender, first, second], made.referral_id)


def names_the_first(text: str, world: Three) -> bool:
    return "Bridgeway" in text or str(world.orgs[1].id) in text


async def test_a_recipient_learns_nothing_of_its_siblings(here: Site) -> None:
    world = await three(here, "all_needed")
    await world.step(1, {"step": "ask", "items": ["the-words-asked"], "due_on": "2030-01-02"})
    booked = {"step": "schedule", "starts_at": "2030-01-03T10:00:00-08:00", "modality": "phone"}
    await world.step(1, ACCEPT | {"also": [booked]})
    await world.step(
        1, {"step": "complete", "outcome": "served", "need_met": "yes", "document": NOTE}
    )
    theirs = await world.read(0)
    documents = theirs.json()["documents"]
    read, listed = await world.read(2), await world.read(2, "/api/v1/referrals")
    done = await world.step(2, {"step": "receive"})
    for answer in (read, listed, done):
        assert not names_the_first(answer.text, world), answer.text
    assert "the-words-asked" in theirs.text
    assert "the-words-asked" not in read.text
    assert NOTE["text"] in theirs.text
    assert NOTE["text"] not in read.text
    assert len(theirs.json()["appointments"]) == 1
    assert "appointments" not in read.json()
    assert {leg["org_id"] for leg in read.json()["referral"]["legs"]} == {str(world.orgs[2].id)}
    path = f"/api/v1/documents/{documents[0]['id']}"
    assert (await world.read(0, path)).status_code == 200
    assert (await world.read(2, path)).status_code == 404


async def test_who_was_not_the_first_is_not_told_who_was(here: Site) -> None:
    world = await three(here, "first_accepts")
    await world.step(1, ACCEPT)
    read = await world.read(2)
    assert [line["step"] for line in read.json()["history"]][-1] == "filled"
    assert not names_the_first(read.text, world), read.text
