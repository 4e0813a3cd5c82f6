"""The ledger of witnesses: each side's word, side by side, for those who may read it."""

import pytest

from service.domain.people import Role
from service.domain.rules import Step
from tests.web import forms, link_making, patient_making
from tests.web.patient_making import Phone
from tests.web.site import Site

pytestmark = pytest.mark.anyio


async def contradicted(here: Site) -> tuple[Phone, patient_making.Texted]:
    """An agency says that it helped, the sender closes, and the patient says that nobody did."""
    link = await patient_making.texted(here.house, coordinated=True)
    for step in (Step.ACCEPT, Step.COMPLETE):
        await here.house.step(link.agency.actor, link.leg_id, step)
    await here.house.step(link.clinic.actor, None, Step.REVIEW, referral_id=link.referral_id)
    phone = Phone(here, link)
    await phone.come_in()
    assert "Your request is closed" in (await phone.page()).text
    assert (await phone.says("helped-3")).headers["location"] == "/p/request?done=answer"
    return phone, link


async def test_both_sides_stand_beside_each_other_and_the_contradiction_is_marked(
    here: Site,
) -> None:
    _, link = await contradicted(here)
    async with await here.program(link.clinic.actor) as program:
        answer = await program.get(f"/api/v1/referrals/{link.referral_id}/witnesses")
    said = answer.json()
    assert [(each["step"], each["outcome"]) for each in said["recipients"]] == [
        ("accept", None),
        ("complete", "served"),
    ]
    assert {each["organization_kind"] for each in said["recipients"]} == {"social_service"}
    [claim] = said["patient"]
    assert (claim["kind"], claim["value"], claim["source"]) == ("helped", "no", "page")
    assert claim["contradicts"] is True
    assert {each["kind"] for each in claim["tasks"]} == {
        "patient_was_not_helped",
        "patient_contradicts",
    }
    lines = await link_making.rows(
        here.house, "select resource_id from audit where action = 'witness.read'"
    )
    assert [each["resource_id"] for each in lines] == [link.referral_id]


async def test_a_closed_request_that_did_not_help_is_reopened_from_its_page(here: Site) -> None:
    _, link = await contradicted(here)
    browser, _ = await here.browser(link.clinic.actor)
    browser.headers["accept"] = "text/html"
    where = f"/referrals/{link.referral_id}"
    async with browser:
        page = (await browser.get(where)).text
        assert "I did not get help" in page
        assert "The recipient says otherwise" in page
        assert "they did not get help. You can reopen it" in page
        form = forms.of_step(page, "reopen")
        typed = form.fields | {"reason": "need_not_met"}
        done = await browser.post(form.action, data=typed)
        assert done.headers["location"] == f"{where}?done=reopen", done.text
    [row] = await link_making.rows(here.house, "select state from referral")
    assert row["state"] == "needs_routing"


async def test_who_is_spoken_of_does_not_read_it_and_a_coordinator_does(here: Site) -> None:
    _, link = await contradicted(here)
    where = f"/api/v1/referrals/{link.referral_id}/witnesses"
    async with await here.program(link.agency.actor) as program:
        assert (await program.get(where)).status_code in (403, 404)
    browser, _ = await here.browser(link.agency.actor)
    async with browser:
        page = await browser.get(f"/referrals/{link.referral_id}", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "I did not get help" not in page.text
    stranger = await here.house.organization("Elsewhere")
    async with await here.program(stranger.actor) as program:
        assert (await program.get(where)).status_code == 404
    reader = await here.house.member(link.clinic.id, roles=frozenset({Role.READER}))
    async with await here.program(reader) as program:
        assert (await program.get(where)).status_code == 403
    [cco] = await link_making.rows(here.house, "select id from organization where is_cco")
    coordinator = await here.house.member(cco["id"], roles=frozenset({Role.COORDINATOR}), cco=True)
    async with await here.program(coordinator) as program:
        assert (await program.get(where)).status_code == 200
