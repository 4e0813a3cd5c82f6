"""Files over the API: what is taken, what is not, who gets it, and that nothing is left behind."""

from typing import Any
from uuid import UUID

import pytest

from crypto import primitives
from service.domain import ids
from service.store.pool import Scope
from tests import files
from tests.web.pair import Pair
from tests.web.sending import looked_at, recorded, send, stored


@pytest.fixture
async def referral(pair: Pair) -> dict[str, Any]:
    """A referral that was sent."""
    return await pair.sent()


def place(referral: dict[str, Any]) -> str:
    return f"referrals/{referral['id']}"


async def test_a_file_is_taken_looked_at_and_fetched_by_whoever_sent_it(
    pair: Pair, referral: dict[str, Any]
) -> None:
    body = files.pdf(200_001)
    sent = await send(pair.other, place(referral), body, name="Señora García.pdf")
    assert sent.status_code == 201, sent.text
    made = sent.json()
    assert (made["state"], made["name"], made["length"]) == (
        "pending",
        "Señora García.pdf",
        200_001,
    )
    assert sent.headers["location"] == f"/api/v1/attachments/{made['id']}"
    assert await looked_at(pair.site) == ["clean"]
    got = await pair.other.get(f"/api/v1/attachments/{made['id']}/content")
    assert got.status_code == 200
    assert got.content == body
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-length"] == "200001"
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"Senora Garcia.pdf\"; filename*=UTF-8''Se%C3%B1ora%20Garc%C3%ADa.pdf"
    )
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert [outcome for outcome, _ in await recorded(pair.site, "attachment.read")] == ["done"]


async def test_nothing_is_handed_out_before_it_was_found_clean(
    pair: Pair, referral: dict[str, Any]
) -> None:
    made = (await send(pair.one, place(referral))).json()
    where = f"/api/v1/attachments/{made['id']}"
    held = await pair.one.get(f"{where}/content")
    assert held.status_code == 409
    assert held.json()["type"] == "/problems/held-back"

    async def finds(pieces: Any) -> bool:
        return files.EICAR in b"".join([piece async for piece in pieces])

    async def clean(pieces: Any) -> bool:
        return not await finds(pieces)

    bad = await send(pair.one, place(referral), files.EICAR, name="a.txt", media="text/plain")
    assert sorted(await looked_at(pair.site, scanner=clean)) == ["clean", "threat"]
    assert (await pair.one.get(f"{where}/content")).content == files.PDF
    threat = await pair.one.get(f"/api/v1/attachments/{bad.json()['id']}/content")
    assert threat.status_code == 409
    assert "dangerous" in threat.json()["detail"]
    assert (await pair.one.get(f"/api/v1/attachments/{bad.json()['id']}")).json()["state"] == (
        "threat"
    )
    tasks = (await pair.one.get("/api/v1/human-tasks")).json()["items"]
    assert [each["reason"] for each in tasks if each["kind"] == "attachment"] == [
        "attachment_threat"
    ]


async def test_a_loose_file_is_its_uploaders_and_nobody_elses(
    pair: Pair, referral: dict[str, Any]
) -> None:
    made = (await send(pair.one, place(referral))).json()
    await looked_at(pair.site)
    stranger = await pair.site.program(
        (await pair.site.house.organization("Elsewhere Clinic")).actor
    )
    for caller in (pair.other, stranger):
        for end in ("", "/content"):
            seen = await caller.get(f"/api/v1/attachments/{made['id']}{end}")
            assert seen.status_code == 404
            assert seen.json() == (await caller.get(f"/api/v1/attachments/{ids.new_id()}")).json()
    assert (await send(stranger, place(referral))).status_code == 404
    assert [each["id"] for each in await _listed(pair.one, referral)] == [made["id"]]
    assert await _listed(pair.other, referral) == []


async def _listed(caller: Any, referral: dict[str, Any]) -> list[Any]:
    return (await caller.get(f"/api/v1/{place(referral)}/attachments")).json()["items"]


PARTS = {
    "bytes=0-0": (0, 1),
    "bytes=70000-140000": (70_000, 140_001),
    "bytes=65528-65528": (65_528, 65_529),
    "bytes=199990-": (199_990, 200_000),
    "bytes=-5": (199_995, 200_000),
    "bytes=-999999": (0, 200_000),
    "bytes=199999-999999999": (199_999, 200_000),
}


async def test_parts_of_a_file_are_fetched(pair: Pair, referral: dict[str, Any]) -> None:
    body = files.pdf(200_000)
    made = (await send(pair.one, place(referral), body)).json()
    await looked_at(pair.site)
    where = f"/api/v1/attachments/{made['id']}/content"
    for asked, (start, stop) in PARTS.items():
        got = await pair.one.get(where, headers={"range": asked})
        assert got.status_code == 206, asked
        assert got.content == body[start:stop]
        assert got.headers["content-range"] == f"bytes {start}-{stop - 1}/200000"
    whole = await pair.one.get(where)
    for asked in ("bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=5-1", "bytes=x-"):
        assert (await pair.one.get(where, headers={"range": asked})).content == body
    for asked in ("bytes=200000-", "bytes=-0"):
        beyond = await pair.one.get(where, headers={"range": asked})
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == "bytes */200000"
    tag = whole.headers["etag"]
    one = {"range": "bytes=0-3", "if-range": tag}
    assert (await pair.one.get(where, headers=one)).status_code == 206
    assert (await pair.one.get(where, headers=one | {"if-range": '"x"'})).status_code == 200


REFUSED: dict[str, tuple[bytes, str, str, str]] = {
    "a program": (b"MZ" + bytes(100), "note.pdf", "application/pdf", "file_lies"),
    "another type": (files.PDF, "note.png", "image/png", "file_lies"),
    "a bomb": (
        files.docx({"word/x.xml": bytes(30_000_000)}),
        "letter.docx",
        "application/octet-stream",
        "file_bomb",
    ),
    "laughs": (
        files.ccda('<!DOCTYPE a [<!ENTITY a "ha">]>', "&a;"),
        "a.xml",
        "application/xml",
        "file_active",
    ),
    "nothing": (b"", "note.pdf", "application/pdf", "file_empty"),
    "no name": (files.PDF, "", "application/pdf", "file_name"),
    "cut": (files.PDF[:-9], "note.pdf", "application/pdf", "file_broken"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_not_taken_leaves_one_line_and_no_byte(
    pair: Pair, referral: dict[str, Any], what: str
) -> None:
    body, name, media, reason = REFUSED[what]
    said = await send(pair.one, place(referral), body, name=name, media=media)
    assert (said.status_code, said.json()["type"]) == (422, "/problems/file-refused")
    assert said.json()["errors"][0]["field"] == "file"
    assert await recorded(pair.site) == [("failed", {"reason": reason})]
    assert stored(pair.site) == []
    assert await _listed(pair.one, referral) == []


async def test_more_than_is_taken_is_refused_while_it_comes(
    pair: Pair, referral: dict[str, Any]
) -> None:
    async def endless() -> Any:
        while True:
            yield files.PDF.ljust(65_536, b"%")

    said = await send(pair.one, place(referral), endless())
    assert (said.status_code, said.json()["limit"]) == (413, 26_214_400)
    assert await recorded(pair.site) == [("failed", {"reason": "file_too_large"})]
    assert stored(pair.site) == []


async def test_a_file_sent_twice_under_one_key_is_one_file(
    pair: Pair, referral: dict[str, Any]
) -> None:
    key = ids.new_id().hex
    first, again = [await send(pair.one, place(referral), key=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    other = await send(pair.one, place(referral), files.pdf(1000), key=key)
    assert other.json()["type"] == "/problems/idempotency-key-mismatch"
    assert len(stored(pair.site)) == len(await _listed(pair.one, referral)) == 1
    keyless = await pair.one.post(f"/api/v1/{place(referral)}/attachments", content=files.PDF)
    assert keyless.json()["type"] == "/problems/idempotency-key-missing"


def _flip(raw: bytes) -> bytes:
    return raw[:70_000] + bytes([raw[70_000] ^ 1]) + raw[70_001:]


CHANGES = {
    "a flipped bit": _flip,
    "cut": lambda raw: raw[:-20],
    "longer": lambda raw: raw + b"\0",
    "moved": lambda raw: raw[65_552:131_104] + raw[:65_552] + raw[131_104:],
    "other bytes": lambda raw: primitives.random_bytes(len(raw)),
    "empty": lambda raw: b"",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_bytes_that_were_changed_where_they_lie_are_never_handed_out(
    pair: Pair, referral: dict[str, Any], what: str
) -> None:
    ready = (await send(pair.one, place(referral), files.pdf(200_000))).json()
    await looked_at(pair.site)
    for path in stored(pair.site):
        path.write_bytes(CHANGES[what](path.read_bytes()))
    for asked in ({}, {"range": "bytes=0-9"}):
        got = await pair.one.get(f"/api/v1/attachments/{ready['id']}/content", headers=asked)
        assert got.status_code == 410
        assert got.json()["type"] == "/problems/unreadable"
    await send(pair.one, place(referral), files.pdf(200_000))
    (fresh,) = [path for path in stored(pair.site) if path.read_bytes()[:1] and _new(path)]
    fresh.write_bytes(CHANGES[what](fresh.read_bytes()))
    assert await looked_at(pair.site) == ["failed"]


def _new(path: Any) -> bool:
    return path.stat().st_mtime_ns == max(
        each.stat().st_mtime_ns for each in path.parent.parent.rglob("*") if each.is_file()
    )


async def test_files_that_changed_places_open_for_nobody(
    pair: Pair, referral: dict[str, Any]
) -> None:
    made = [(await send(pair.one, place(referral), files.pdf(n))).json() for n in (5000, 5001)]
    await looked_at(pair.site)
    one, other = stored(pair.site)
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)
    for each in made:
        got = await pair.one.get(f"/api/v1/attachments/{each['id']}/content")
        assert got.status_code == 410


async def test_a_key_that_is_gone_is_said_plainly(pair: Pair, referral: dict[str, Any]) -> None:
    made = (await send(pair.one, place(referral))).json()
    await looked_at(pair.site)
    scope = Scope(org_id=pair.sender.id)
    async with pair.site.house.office.db.transaction(scope) as connection:
        await connection.execute("update attachment set head = null, label = null")
    where = f"/api/v1/attachments/{made['id']}"
    got = await pair.one.get(f"{where}/content")
    assert (got.status_code, got.json()["type"]) == (410, "/problems/no-longer-readable")
    shown = await pair.one.get(where)
    assert (shown.status_code, shown.json()["name"]) == (200, None)


async def test_what_nothing_takes_along_is_swept_after_a_day(
    pair: Pair, referral: dict[str, Any]
) -> None:
    from service.actions import scan_attachment

    made = (await send(pair.one, place(referral))).json()
    house = pair.site.house
    office = type(house.office)(
        db=house.worker, keys=house.keys, public_url="", blobs=house.office.blobs
    )
    assert await scan_attachment.sweep(office) == 0
    async with house.office.db.transaction(Scope(org_id=pair.sender.id)) as connection:
        await connection.execute("update clock_offset set offset_by = interval '25 hours'")
    assert await scan_attachment.sweep(office) == 1
    assert stored(pair.site) == []
    assert (await pair.one.get(f"/api/v1/attachments/{made['id']}")).status_code == 404


async def test_nothing_of_a_file_is_readable_where_it_lies(
    pair: Pair, referral: dict[str, Any]
) -> None:
    body = files.PDF + b"canary quail\n" * 20_000 + b"%%EOF\n"
    sent = await send(pair.one, place(referral), body, name="canary quail.pdf")
    assert sent.status_code == 201, sent.text
    raw = b"".join(path.read_bytes() + path.name.encode() for path in stored(pair.site))
    assert len(raw) > 260_000
    assert b"canary" not in raw
    assert all(UUID(path.name).version == 4 for path in stored(pair.site))
