"""What a patient's phone wrote, on a page: read by the patient's own people, and the work ended."""

from typing import Any

from service.actions import read_words
from service.domain import ids
from service.store.pool import Scope
from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows

WORDS = "<b>My ride</b> fell through & I am at the stop"


async def _wrote(pair: Pair) -> str:
    """Leave what a worker leaves that heard a phone say something nobody understands."""
    made = await pair.sent()
    heard_id, number_id = ids.new_id(), ids.new_id()
    sealed = await read_words.sealed(
        pair.site.house.keys,
        WORDS,
        heard_id=heard_id,
        org_id=pair.sender.id,
        patient_id=pair.patient_id,
    )
    async with pair.site.house.worker.transaction(Scope(org_id=pair.sender.id)) as connection:
        await connection.execute(
            "insert into text_number (id, token, sealed, created_at)"
            " values ($1, $2, '\\x00', lk.now())",
            number_id,
            number_id.bytes,
        )
        await connection.execute(
            "insert into text_heard (provider, provider_event_id, id, number_id, org_id,"
            " referral_id, meaning, sealed, at, heard_at) values ('twilio', 'SM1', $1, $2, $3,"
            " $4::text::uuid, 'unclear', $5, lk.now(), lk.now())",
            heard_id,
            number_id,
            pair.sender.id,
            made["id"],
            sealed,
        )
        await connection.execute(
            "insert into human_task (id, kind, org_id, referral_id, patient_id, reason, opened_at)"
            " values (gen_random_uuid(), 'patient_wrote', $1, $2::text::uuid, $3, 'patient_wrote',"
            " lk.now())",
            pair.sender.id,
            made["id"],
            pair.patient_id,
        )
    return str(made["reference"])


async def _as(pair: Pair, actor: Any) -> Any:
    browser, _ = await pair.site.browser(actor)
    browser.headers["accept"] = "text/html"
    return browser


async def test_the_task_leads_to_the_words_and_ends_on_their_page(pair: Pair) -> None:
    reference = await _wrote(pair)
    where = f"/patients/{pair.patient_id}/texts"
    async with await _as(pair, pair.sender.actor) as browser:
        listed = (await browser.get("/tasks")).text
        assert f'href="{where}"' in listed
        assert "ride" not in listed
        page = (await browser.get(where)).text
        assert "&lt;b&gt;My ride&lt;/b&gt; fell through &amp; I am at the stop" in page
        assert reference in page
        (form,) = [each for each in forms.every(page) if each.action.endswith("/resolve")]
        done = await browser.post(form.action, data=form.fields | {"resolution": "reached"})
        assert done.status_code == 303
        assert "/resolve" not in (await browser.get(where)).text
        assert await browser.get(f"/patients/{pair.sender.id}/texts")
    looked = "select 1 from audit where action = 'patient.words_read'"
    assert len(await rows(pair.site, looked)) == 2


async def test_nobody_else_finds_them(pair: Pair) -> None:
    await _wrote(pair)
    async with await _as(pair, pair.recipient.actor) as other:
        refused = await other.get(f"/patients/{pair.patient_id}/texts")
        assert refused.status_code == 404
        assert "ride" not in refused.text
