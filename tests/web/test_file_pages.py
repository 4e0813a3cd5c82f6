"""Files by hand, without a line of script: staff's pages and the pages of a link."""

from typing import Any

import httpx2
import pytest

from tests import files
from tests.web import forms, link_making
from tests.web.link_person import Person
from tests.web.pair import ACCEPT, Pair
from tests.web.sending import looked_at, recorded, stored
from tests.web.site import Site
from tests.web.test_link_inside import PIN, confirmed

PHOTO = ("phöto.jpg", files.JPEG, "image/jpeg")


async def _browser(pair: Pair, org: Any) -> httpx2.AsyncClient:
    browser, _ = await pair.site.browser(org.actor)
    browser.headers["accept"] = "text/html"
    return browser


async def _upload(
    browser: httpx2.AsyncClient, page: str, action: str, file: Any = PHOTO, **changed: str
) -> httpx2.Response:
    form = forms.sent_to(page, action)
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    return await browser.post(action, data=fields | changed, files={"file": file})


async def test_a_report_is_uploaded_and_sent_with_the_outcome(pair: Pair) -> None:
    made = await pair.sent()
    await pair.step(pair.other, made["legs"][0], ACCEPT)
    where = f"/referrals/{made['id']}"
    async with await _browser(pair, pair.recipient) as browser:
        page = (await browser.get(where)).text
        done = await _upload(browser, page, f"{where}/files")
        assert (done.status_code, done.headers["location"]) == (303, f"{where}#files")
        page = (await browser.get(where)).text
        assert "phöto.jpg" in page
        assert "It is being looked at." in page
        assert "Only your organization sees it so far." in page
        await looked_at(pair.site)
        form = forms.of_step((await browser.get(where)).text, "complete")
        assert [name for name in form.fields if name.startswith("file_")]
        sent = await browser.post(
            form.action, data=form.fields | {"outcome": "served", "need_met": "yes"}
        )
        assert sent.status_code == 303, sent.text
    async with await _browser(pair, pair.sender) as browser:
        page = (await browser.get(where)).text
        assert "No virus scanner looked at it." in page
        href = page.partition('href="/files/')[2].partition('"')[0]
        got = await browser.get(f"/files/{href}")
        assert got.content == files.JPEG
        assert "sandbox" in got.headers["content-security-policy"]


async def test_a_conversation_takes_a_file_with_the_next_message(pair: Pair) -> None:
    started = await pair.one.post(
        "/api/v1/threads",
        json={
            "subject": "A question",
            "text": "Good morning.",
            "participants": [{"org_id": str(pair.recipient.id)}],
        },
        headers={"idempotency-key": "one"},
    )
    where = f"/threads/{started.json()['thread_id']}"
    async with await _browser(pair, pair.sender) as browser:
        await _upload(browser, (await browser.get(where)).text, f"{where}/files")
        await looked_at(pair.site)
        form = forms.sent_to((await browser.get(where)).text, f"{where}/messages")
        sent = await browser.post(form.action, data=form.fields | {"text": "Here it is."})
        assert sent.status_code == 303
    async with await _browser(pair, pair.recipient) as browser:
        page = (await browser.get(where)).text
        href = page.partition('href="/files/')[2].partition('"')[0]
        assert (await browser.get(f"/files/{href}")).content == files.JPEG


BAD = {
    "file_lies": ("note.pdf", b"MZ" + bytes(99), "application/pdf"),
    "file_empty": ("note.pdf", b"", "application/pdf"),
    "missing": ("", b"", "application/octet-stream"),
}


@pytest.mark.parametrize("code", BAD)
async def test_a_file_that_is_not_taken_is_said_at_its_field(pair: Pair, code: str) -> None:
    where = f"/referrals/{(await pair.sent())['id']}"
    async with await _browser(pair, pair.sender) as browser:
        page = (await browser.get(where)).text
        done = await _upload(browser, page, f"{where}/files", BAD[code])
        assert done.headers["location"] == f"{where}?file={code}#file"
        told = (await browser.get(f"{where}?file={code}")).text
        assert 'id="file-error"' in told
        assert 'href="#file"' in told
        assert 'id="file-error"' not in (await browser.get(f"{where}?file=<script>")).text
    assert stored(pair.site) == []


async def test_a_form_sent_twice_brings_one_file(pair: Pair) -> None:
    where = f"/referrals/{(await pair.sent())['id']}"
    async with await _browser(pair, pair.sender) as browser:
        page = (await browser.get(where)).text
        for _ in range(2):
            assert (await _upload(browser, page, f"{where}/files")).status_code == 303
    assert len(stored(pair.site)) == 1


async def test_a_form_of_another_site_brings_nothing(pair: Pair) -> None:
    where = f"/referrals/{(await pair.sent())['id']}"
    async with await _browser(pair, pair.sender) as browser:
        page = (await browser.get(where)).text
        assert (await _upload(browser, page, f"{where}/files", csrf="x")).status_code == 403
        browser.headers["sec-fetch-site"] = "cross-site"
        assert (await _upload(browser, page, f"{where}/files")).status_code == 403
    assert stored(pair.site) == []
    assert await recorded(pair.site) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"no form at all",
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + b"y" * 30_000,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7',
    ],
)
async def test_a_form_that_is_none_breaks_nothing(pair: Pair, body: bytes) -> None:
    where = f"/referrals/{(await pair.sent())['id']}/files"
    browser, opened = await pair.site.browser(pair.sender.actor)
    async with browser:
        said = await browser.post(
            where,
            content=body,
            headers={
                "content-type": "multipart/form-data; boundary=x",
                "x-csrf-token": opened.csrf,
            },
        )
    assert said.status_code in (303, 400), said.text
    assert stored(pair.site) == []


async def _stepped_up(here: Site) -> Person:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    worker_id = await confirmed(here, link)
    await person.come_in()
    await person.accept()
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    return person


async def test_an_agency_sends_a_photo_of_its_report_by_link(here: Site) -> None:
    person = await _stepped_up(here)
    sent = await _upload(person.client, (await person.get("/r/details")).text, "/r/files")
    assert (sent.status_code, sent.headers["location"]) == (303, "/r/details#files")
    assert "phöto.jpg" in (await person.get("/r/details")).text
    await looked_at(here)
    page = (await person.get("/r/details")).text
    href = page.partition('href="/r/files/')[2].partition('"')[0]
    assert (await person.get(f"/r/files/{href}")).content == files.JPEG
    form = forms.of_step(page, "complete")
    done = await person.client.post(
        "/r/act", data=form.fields | {"outcome": "served", "need_met": "yes"}
    )
    assert done.headers["location"] == "/r/done/complete", done.text
    sender = await here.program(person.link.sender.actor)
    got = await sender.get(f"/api/v1/attachments/{href}/content")
    assert got.content == files.JPEG
    spanish = await person.client.get("/r/details?language=es")
    assert "Subir el archivo" in spanish.text


async def test_files_by_link_need_the_step_up(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    sent = await person.client.post("/r/files", data={"nonce": "x"}, files={"file": PHOTO})
    assert sent.headers["location"] == "/r/stepup"
    assert (await person.get(f"/r/files/{link.id}")).headers["location"] == "/r/stepup"
    assert stored(here) == []


async def test_a_threat_sent_by_link_is_work_for_the_sender(here: Site) -> None:
    person = await _stepped_up(here)
    page = (await person.get("/r/details")).text
    await _upload(person.client, page, "/r/files", ("a.txt", files.EICAR, "text/plain"))

    async def never(pieces: Any) -> bool:
        async for _ in pieces:
            pass
        return False

    assert await looked_at(here, scanner=never) == ["threat"]
    assert "Held back" in (await person.get("/r/details")).text
    sender = await here.program(person.link.sender.actor)
    tasks = (await sender.get("/api/v1/human-tasks")).json()["items"]
    assert "attachment_threat" in {each["reason"] for each in tasks}
