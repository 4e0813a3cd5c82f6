"""Marks written into every sealed field are found nowhere they do not belong.

The table is `service.domain.privacy`; the marks go in through the API and the link, then the whole
database, all of Redis, every log line and every mail is searched for each of them.
"""

import asyncio
import base64
from datetime import date
from pathlib import Path

import asyncpg
import redis

from service.domain import privacy
from service.domain.patient import Address, Identity, Mrn, Name
from tests.fixtures.town import Caller
from tests.loop.people import Cast


def _identity() -> Identity:
    def mark(struct: str, field: str) -> str:
        return privacy.mark(struct, field)

    return Identity(
        name=Name(family=mark("Name", "family"), given=(mark("Name", "given"),)),
        birth_date=date.fromisoformat(mark("Identity", "birth_date")),
        phones=(mark("Identity", "phones"),),
        email=mark("Identity", "email"),
        payer=mark("Identity", "payer"),
        member_number=mark("Identity", "member_number"),
        address=Address(street=mark("Address", "street"), city=mark("Address", "city")),
        mrns=(Mrn(value=mark("Mrn", "value"), authority="clinic"),),
    )


def order(field: str) -> str:
    return privacy.mark("Order", field)


def word(field: str) -> str:
    return privacy.mark("Words", field)


async def _written(story: Cast) -> tuple[str, str]:
    """Put every mark in through the doors; the referral's id, and what a conversation shows."""
    office = await story.account()
    referral = await _sent(story, office)
    await story.town.skip(story.cco, hours=1)
    await story.town.letter(office.org.mailbox)
    await office.step(
        referral, "ask", items=[word("items")], due_on="2030-01-02", comment=word("comment")
    )
    talk = await _talked(story, office, referral)
    await _answered(story, referral)
    return referral, talk


async def _sent(story: Cast, office: Caller) -> str:
    patient = await story.house.patient(story.clinic.org, identity=_identity())
    answer = await story.clinic.post(
        "/referrals",
        {
            "patient_id": str(patient.id),
            "recipients": [str(office.org.service_id)],
            "question": order("question"),
            "narrative": order("narrative"),
            "authorization_number": order("authorization_number"),
            "reason_codes": [order("reason_codes")],
            "external_ids": [{"system": "ehr", "value": privacy.mark("ExternalId", "value")}],
            "consent_basis": "treatment",
            "send": True,
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _answered(story: Cast, referral: str) -> None:
    owner = {"name": word("owner_name"), "phone": word("owner_phone")}
    document = {
        "type_code": "11488-4",
        "title": privacy.mark("Document", "title"),
        "text": privacy.mark("Document", "text"),
        "author": privacy.mark("Document", "author"),
        "written_on": "2026-11-20",
        "attachments": [await _uploaded(story, referral)],
    }
    await story.clinic.step(
        referral,
        "accept",
        owner=owner,
        expected_by="2030-01-02",
        on_behalf={"source": "phone", "spoke_to": word("spoke_to")},
        also=[{"step": "complete", "outcome": "served", "need_met": "yes", "document": document}],
    )


async def _talked(story: Cast, office: Caller, referral: str) -> str:
    """Hold a conversation with a mark in every field, and show what its reader is shown."""

    def said(struct: str, field: str = "text") -> str:
        return privacy.mark(struct, field)

    body = {
        "subject": said("NewThreadBody", "subject"),
        "text": said("NewThreadBody"),
        "participants": [{"org_id": str(office.org.id)}],
        "referral_id": referral,
    }
    made = (await story.clinic.post("/threads", body)).json()
    thread = f"/threads/{made['thread_id']}"
    await story.clinic.post(f"{thread}/notes", {"text": said("NoteBody")})
    await story.clinic.post(f"{thread}/messages", {"text": said("MessageBody")})
    newcomer = {"org_id": str((await story.account("Newcomer")).org.id)}
    forward = {"participant": newcomer, "text": said("ForwardBody"), "history": "all"}
    answer = await story.clinic.post(f"{thread}/participants", forward)
    assert answer.status_code == 201, answer.text
    wrong = await story.clinic.post(f"{thread}/messages", {"text": "Not this."})
    await story.clinic.post(
        f"{thread}/messages/{wrong.json()['message_id']}/retraction",
        {"reason": "wrong_content", "comment": said("RetractBody", "comment")},
    )
    async with story.town.client() as client:
        where = f"/api/v1{thread}/draft"
        kept = await client.put(
            where, json={"text": said("DraftBody")}, headers=story.clinic.headers
        )
    assert kept.status_code == 204
    shown = [await story.clinic.get(each) for each in (thread, f"{thread}/draft")]
    return "".join(each.text for each in shown)


async def _uploaded(story: Cast, referral: str) -> str:
    async with story.town.client() as client:
        answer = await client.post(
            f"/api/v1/referrals/{referral}/attachments",
            content=privacy.mark("File", "content").encode() * 5000,
            headers=story.clinic.headers
            | {
                "content-type": "text/plain",
                "x-file-name": privacy.mark("File", "name"),
                "idempotency-key": "canary-file",
            },
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _file_shown(story: Cast, referral: str) -> str:
    """Fetch the file and its name, once it was looked at."""
    (file,) = (await story.clinic.get(f"/referrals/{referral}/attachments")).json()["items"]
    for _ in range(400):
        got = await story.clinic.get(f"/attachments/{file['id']}/content")
        if got.status_code == 200:
            return f"{file['name']} {got.text}"
        await asyncio.sleep(0.05)
    raise AssertionError(got.text)


def _files(folder: Path) -> bytes:
    """Read every file that lies in a folder, with its name."""
    found = [each for each in folder.rglob("*") if each.is_file()]
    return b"\n".join(str(each).encode() + each.read_bytes() for each in found)


async def test_no_mark_is_found_in_database_redis_logs_or_mail(story: Cast) -> None:
    referral, talk = await _written(story)
    fetched = await _file_shown(story, referral)
    held = {
        "database": await _database(story.town.database_url),
        "redis": _redis(story.town.redis_url),
        "logs": story.town.logs().encode(),
        "mail": b"\n".join(story.town.mail.taken),
        "files": _files(story.town.folder / "attachments"),
    }
    assert len(held["files"]) > 100_000
    found = [
        (where, field.struct, field.field)
        for where, text in held.items()
        for field in privacy.SEALED
        for spelled in _spellings(field.mark)
        if spelled in text
    ]
    assert found == []
    # The marks are there for those who may read them: the search above looked for real ones.
    shown = (await story.clinic.get(f"/referrals/{referral}")).text
    absent = [
        field.field
        for field in privacy.SEALED
        if field.struct in ("Name", "Order", "Words", "Document") and field.mark not in shown
    ]
    assert absent == []
    spoken = [field for field in privacy.SEALED if field.struct.endswith("Body")]
    assert [field for field in spoken if field.mark not in talk] == []
    assert all(privacy.mark("File", name) in fetched for name in ("name", "content"))


def _spellings(mark: str) -> tuple[bytes, ...]:
    raw = mark.encode()
    return (raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-2], raw.lower())


async def _database(url: str) -> bytes:
    """Copy every table out as text; bytea comes as hex, which the spellings cover."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'lk' order by 1"
        )
        assert len(tables) > 40
        rows = [
            await connection.fetchval(
                f"select coalesce(string_agg(t::text, E'\\n'), '') from lk.{row['tablename']} t"
            )
            for row in tables
        ]
    finally:
        await connection.close()
    return "\n".join(rows).encode()


def _redis(url: str) -> bytes:
    with redis.Redis.from_url(url) as client:
        keys = list(client.scan_iter("*"))
        held = [bytes(key) + b"=" + (client.dump(key) or b"") for key in keys]
    return b"\n".join(held)


def test_the_search_would_find_a_mark_that_leaked() -> None:
    mark = privacy.mark("Order", "narrative")
    assert any(spelled in f"error: {mark}".encode() for spelled in _spellings(mark))
    assert any(spelled in mark.encode().hex().encode() for spelled in _spellings(mark))
