"""What scanners, guessers and races may do to a text's link: nothing, a few texts, one visit."""

import asyncio

import asyncpg
import pytest

from crypto import token
from service import clock
from service.actions import page_visit, start_page, verify_page
from service.actions.start_page import PagePressed
from tests.web import link_making, patient_making
from tests.web.patient_making import Phone
from tests.web.site import Site
from tests.web.test_patient_page import inside, tasks

pytestmark = pytest.mark.anyio

DEAD = {
    "expired": "update lk.patient_link set expires_at = lk.now() where id = $1",
    "frozen": "update lk.patient_link set state = 'frozen' where id = $1",
    "revoked": "update lk.patient_link set state = 'revoked' where id = $1",
}


async def change(here: Site, statement: str, *given: object) -> None:
    connection = await asyncpg.connect(here.owner_url)
    try:
        await connection.execute(statement, *given)
    finally:
        await connection.close()


def shown(answer) -> tuple[int, bytes, list[tuple[str, str]]]:
    kept = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name not in ("x-request-id", "date", "set-cookie")
    ]
    return answer.status_code, answer.content, sorted(kept)


async def test_every_link_is_the_same_page_byte_for_byte_and_reading_it_changes_nothing(
    here: Site,
) -> None:
    link = await patient_making.texted(here.house)
    paths = [link.path, f"/p/{link_making.UNKNOWN}", "/p/%00", "/p/a/b/c?x=1", "/p/" + "A" * 16]
    async with here.caller(accept="text/html") as client:
        pages = [shown(await client.get(path)) for path in paths]
        for statement in DEAD.values():
            await change(here, statement, link.id)
            pages.append(shown(await client.get(link.path)))
        heads = [await client.head(path) for path in paths]
        assert not client.cookies
    assert len({repr(each) for each in pages}) == 1
    assert {each.content for each in heads} == {b""}
    status, body, headers = pages[0]
    assert status == 200
    assert b"Your request" in body
    assert b"Su solicitud" in body
    assert b"<script" not in body
    assert body.count(b"<button") == 1
    said = dict(headers)
    assert said["cache-control"] == "no-store"
    assert said["referrer-policy"] == "no-referrer"
    assert "noindex" in said["x-robots-tag"]
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert await link_making.rows(here.house, "select id from patient_visit") == []
    assert (
        await link_making.rows(
            here.house, "select id from outbox where channel = 'sms' and kind = 'patient_code'"
        )
        == []
    )


async def test_the_button_answers_the_same_for_every_link(here: Site) -> None:
    link = await patient_making.texted(here.house)
    seen = []
    for name in ("live", *DEAD, "unknown"):
        if name in DEAD:
            await change(here, DEAD[name], link.id)
        phone = Phone(here, link)
        path = f"/p/{link_making.UNKNOWN}" if name == "unknown" else None
        pressed = await phone.press(path)
        assert "lk_page_browser" in phone.client.cookies
        wrong = await phone.enter("00000000")
        seen.append((shown(pressed), shown(await phone.client.get("/p/code")), shown(wrong)))
        if name in DEAD:
            later = "lk.now() + interval '1 day'"
            await change(here, f"update lk.patient_link set state = 'live', expires_at = {later}")
    assert len({repr(each) for each in seen}) == 1


async def test_a_scanner_that_sends_the_form_causes_three_texts_in_a_quarter_of_an_hour(
    here: Site,
) -> None:
    link = await patient_making.texted(here.house)
    second = await patient_making.linked(
        here.house,
        **{
            name: getattr(link, name)
            for name in ("clinic", "agency", "patient_id", "contact_id", "referral_id", "leg_id")
        },
    )
    now = clock.real_now()
    for each in (link, second):
        for minute in (0, 4, 11, 12, 13):
            await start_page.start_page(
                here.house.office,
                PagePressed(secret=each.digest),
                now=now + link_making.timedelta(minutes=minute),
            )
    sent = await patient_making.codes(here.house, link)
    assert len(sent) + len(await patient_making.codes(here.house, second)) == 3


async def test_a_phone_that_said_stop_is_sent_no_code(here: Site) -> None:
    link = await patient_making.texted(here.house)
    await change(here, "update lk.text_number set state = 'stopped'")
    phone = Phone(here, link)
    assert (await phone.press()).headers["location"] == "/p/code"
    assert await patient_making.codes(here.house, link) == []
    assert "START" in (await phone.client.get("/p/code")).text


async def test_of_many_who_enter_the_code_at_once_one_comes_in(here: Site) -> None:
    link = await patient_making.texted(here.house)
    phones = [Phone(here, link) for _ in range(12)]
    for phone in phones:
        await phone.press()
    digits = await patient_making.code(here.house, link)
    answers = await asyncio.gather(*(phone.enter(digits) for phone in phones))
    assert sorted(each.status_code for each in answers) == [303, *[422] * 11]
    visits = await link_making.rows(
        here.house, "select id from patient_visit where entered_at is not null"
    )
    assert len(visits) == 1


async def test_a_browser_has_five_tries_and_pressing_again_gives_none_back(here: Site) -> None:
    link = await patient_making.texted(here.house)
    phone = Phone(here, link)
    await phone.press()
    digits = await patient_making.code(here.house, link)
    wrong = "00000000" if digits != "00000000" else "11111111"
    for typed in ("", "1234", "abcdefgh", *[wrong] * 5):
        assert (await phone.enter(typed)).status_code == 422
    await phone.press()
    assert (await phone.enter(digits)).status_code == 422
    # Another browser may: the code belongs to the link.
    other = Phone(here, link)
    await other.press()
    assert (await other.enter(digits)).status_code == 303


async def test_twenty_wrong_codes_end_the_link_and_open_work(here: Site) -> None:
    link = await patient_making.texted(here.house)
    now = clock.real_now()
    office = here.house.office
    for turn in range(5):
        at = now + link_making.timedelta(minutes=40 * turn)
        made = await start_page.start_page(office, PagePressed(secret=link.digest), now=at)
        assert made is not None
        digits = await patient_making.code(here.house, link)
        wrong = "00000000" if digits != "00000000" else "11111111"
        for _ in range(5):
            digest = token.secret_hash(made)
            assert await verify_page.verify_page(office, digest, code=wrong, now=at) is None
    [row] = await link_making.rows(here.house, "select state, fail_count from patient_link")
    assert (row["state"], row["fail_count"]) == ("frozen", 20)
    assert await tasks(here) == {"patient_link_frozen"}


async def test_a_visit_is_good_in_its_own_browser_only(here: Site) -> None:
    phone, link = await inside(here)
    thief = Phone(here, link)
    await thief.press()
    thief.client.cookies.set("lk_page_visit", phone.client.cookies["lk_page_visit"])
    assert (await thief.client.get("/p/request")).status_code == 403
    assert (await phone.client.get("/p/request")).status_code == 200


async def test_a_visit_ends_after_a_quarter_of_an_hour_alone_and_after_an_hour(
    here: Site,
) -> None:
    phone, _ = await inside(here)

    async def found(minutes: float) -> bool:
        visit = await page_visit.visit(
            here.house.office,
            link_making.digest(phone.client.cookies["lk_page_visit"]),
            browser=link_making.digest(phone.client.cookies["lk_page_browser"]),
            now=link_making.later(minutes=minutes),
        )
        return visit is not None

    assert not await found(16)
    for minutes in (14, 28, 42, 56, 59):
        assert await found(minutes)
    assert not await found(61)


@pytest.mark.parametrize(
    "statement",
    [
        "update lk.patient_link set state = 'revoked'",
        "update lk.contact set may_text = false",
        "update lk.contact set classes = '{behavioral}'",
        "update lk.patient set do_not_contact = true",
        "update lk.text_number set state = 'wrong'",
        "update lk.referral set state = 'void'",
    ],
)
async def test_what_a_visit_hangs_on_is_read_again_for_every_request(
    here: Site, statement: str
) -> None:
    phone, _ = await inside(here)
    assert (await phone.client.get("/p/request")).status_code == 200
    await change(here, statement)
    over = await phone.client.get("/p/request")
    assert over.status_code == 403
    assert "Go back" not in over.text


async def test_a_form_of_another_visit_or_none_changes_nothing(here: Site) -> None:
    phone, _ = await inside(here)
    for nonce in ("", "forged", "A" * 43):
        data = {"nonce": nonce, "answer": "helped-3"}
        assert (await phone.client.post("/p/answer", data=data)).status_code == 403
    strange = {"origin": "https://elsewhere.example"}
    assert (await phone.client.post("/p/stop", headers=strange)).status_code == 403
    assert await link_making.rows(here.house, "select id from claim") == []


async def test_a_form_sent_twice_is_one_claim(here: Site) -> None:
    phone, _ = await inside(here)
    page = (await phone.page()).text
    nonce = page.split('name="nonce" value="')[1].split('"')[0]
    for answer in ("barrier-1", "barrier-1", "barrier-2"):
        sent = await phone.client.post("/p/answer", data={"nonce": nonce, "answer": answer})
        assert sent.status_code == 303
    assert len(await link_making.rows(here.house, "select id from claim")) == 1


async def test_no_secret_stands_in_a_row(here: Site) -> None:
    phone, link = await inside(here)
    cookies = [phone.client.cookies[each] for each in ("lk_page_visit", "lk_page_browser")]
    for table in ("patient_link", "patient_code", "patient_visit", "outbox", "audit"):
        kept = repr(await link_making.rows(here.house, f"select * from {table}"))
        assert not any(secret in kept for secret in (link.secret, *cookies)), table
