"""The whole story over real HTTP, PostgreSQL, Redis and SMTP, ending closed and counted."""

from tests.fixtures.town import body_of
from tests.loop import people
from tests.loop.people import Cast

HIDDEN = ("María", "García", "1980", "Groceries", "food_pantry", "this family")


async def test_a_referral_comes_home(story: Cast) -> None:
    town, clinic = story.town, story.clinic
    agency = await story.agency(enrolled=False)
    referral = await story.send(agency)
    sent = (await clinic.referral(referral))["referral"]
    assert sent["state"] == "with_recipient"
    assert "Harbor Food Bank" in sent["why_open"]

    await town.skip(story.cco, hours=1)
    mail = await town.letter(agency.mailbox, text=sent["reference"])
    _tells_nothing(body_of(mail) + str(mail["subject"]))

    worker = story.visitor(agency)
    card = await people.enrolled(worker, await worker.open(town.link_of(mail)))
    assert sent["reference"] in card.text
    assert [word for word in HIDDEN[:3] if word in card.text] == []
    assert (await story.states(referral))[1] == ["received"]

    done = await worker.act(
        await worker.go("/r/accept"), "accept", owner_name="Sam Lee", expected_by="2030-01-02"
    )
    assert done.status_code == 200
    assert (await story.states(referral))[1] == ["accepted"]

    details = await people.identified(story, worker, agency)
    assert "María" in details.text
    assert "this family" in details.text
    await worker.act(await worker.go("/r/outcome"), "complete", outcome="served", need_met="yes")
    assert (await story.states(referral))[0] == "awaiting_review"

    await clinic.order(referral, "review")
    closed = (await clinic.referral(referral))["referral"]
    assert (closed["state"], closed["disposition"]) == ("closed", "served")
    assert closed["need_met"] == "yes"
    assert "why_open" not in closed
    counted = {name: (rate["yes"], rate["of"]) for name, rate in (await story.rates()).items()}
    assert counted == {"answered": (1, 1), "served": (1, 1), "need_met": (1, 1)}


def _tells_nothing(said: str) -> None:
    assert "Northside Clinic" in said
    assert [word for word in HIDDEN if word in said] == []
