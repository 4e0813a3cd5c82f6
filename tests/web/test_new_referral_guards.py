"""What guards the page of a new referral: the second one, the Enter key, and what they will see."""

import httpx2

from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as, _post

NEW = "/referrals/new"
LOOK = "Prefers mornings; two steps at the door."


async def began(browser: httpx2.AsyncClient) -> forms.Found:
    return forms.sent_to((await browser.get(NEW)).text, NEW)


def typed(pair: Pair) -> dict[str, str]:
    return {
        "patient_id": str(pair.patient_id),
        "service_id": str(pair.recipient.service_id),
        "question": "Groceries?",
        "narrative": LOOK,
        "consent_basis": "treatment",
    }


async def test_a_second_referral_for_the_same_help_is_shown_the_first(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        form = await began(browser)
        shown = await _post(browser, form, **typed(pair))
        assert shown.status_code == 409
        assert "This help is asked for already" in shown.text
        assert made["reference"] in shown.text
        assert forms.sent_to(shown.text, NEW).fields["narrative"] == LOOK
        assert len(await rows(pair.site, "select 1 from referral")) == 1

        track = f"/referrals/{made['id']}/track"
        assert f'formaction="{track}"' in shown.text
        followed = await browser.post(track, data={"csrf": form.fields["csrf"]})
        assert followed.status_code == 303
        there = await browser.get(followed.headers["location"])
        assert "you follow it, and nothing was sent twice" in there.text
        found = await rows(
            pair.site, "select resource_id from audit where action = 'referral.track'"
        )
        assert [str(row["resource_id"]) for row in found] == [made["id"]]


async def test_another_need_is_written_when_somebody_says_so(pair: Pair) -> None:
    await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        form = await began(browser)
        done = await _post(browser, form, **typed(pair), confirm_another="yes")
        assert done.status_code == 303, done.text
    assert len(await rows(pair.site, "select 1 from referral")) == 2


async def test_one_that_is_closed_is_in_nobodys_way(pair: Pair) -> None:
    made = await pair.sent()
    void = {"version": made["version"], "step": "void", "reason": "other", "comment": "Twice."}
    ended = await pair.one.post(f"/api/v1/referrals/{made['id']}/steps", json=void)
    assert ended.status_code == 200, ended.text
    async with await _as(pair, pair.sender) as browser:
        done = await _post(browser, await began(browser), **typed(pair))
        assert done.status_code == 303, done.text


async def test_nobody_follows_anothers_referral(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as browser:
        csrf = (await began(browser)).fields["csrf"]
        late = await browser.post(f"/referrals/{made['id']}/track", data={"csrf": csrf})
        assert late.status_code in (403, 404)
    assert await rows(pair.site, "select 1 from audit where action = 'referral.track'") == []


async def test_the_enter_key_looks_and_never_sends(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        form = await began(browser)
        pressed = await _post(browser, form, **typed(pair), enter="yes")
        assert pressed.status_code == 200
        assert "What they will see, and when" in pressed.text
        assert await rows(pair.site, "select 1 from referral") == []
        named = {"find_family": "López", "find_initial": "M", "enter": "yes"}
        found = await _post(browser, form, **named)
        assert forms.sent_to(found.text, NEW).fields["patient_id"] == str(pair.patient_id)


async def test_what_they_will_see_is_shown_stage_by_stage(pair: Pair) -> None:
    agency = await pair.site.house.organization(
        "Eastside Pantry", kind="social_service", channel="link"
    )
    async with await _as(pair, pair.sender) as browser:
        form = await began(browser)
        wish = typed(pair) | {"service_id": str(agency.service_id), "preview": "yes"}
        shown = (await _post(browser, form, **wish)).text
        seen = shown[shown.index('id="seen"') :]
        first, behind, last = seen.split("<strong>")[1:4]
        assert "In the e-mail" in first
        assert "Northside Clinic" in first
        assert "López" not in first + behind
        assert LOOK not in first + behind
        assert "On the page behind the link" in behind
        assert "with a PIN" in last
        assert "López" in last
        assert LOOK in last
        hidden = (await _post(browser, form, **wish, sensitivity="part2")).text
        hidden = hidden[hidden.index('id="seen"') :].partition("</section>")[0]
        assert "never shown through a link" in hidden
        assert "López" not in hidden
        nobody = await _post(browser, form, preview="yes", question="Groceries?")
        assert "Choose whom to send this to" in nobody.text


async def test_a_service_is_found_by_a_word_and_the_chosen_one_stays(pair: Pair) -> None:
    other = await pair.site.house.organization("Cascade Legal Aid", kind="social_service")
    async with await _as(pair, pair.sender) as browser:
        form = await began(browser)
        wish = typed(pair) | {"find_service": "Cascade", "choose": "yes"}
        shown = (await _post(browser, form, **wish)).text
        assert "1 service fits." in shown
        assert f'value="{other.service_id}"' in shown
        assert forms.sent_to(shown, NEW).fields["service_id"] == str(pair.recipient.service_id)
