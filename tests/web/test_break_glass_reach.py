"""How far a broken glass reaches: documents, files and the talk about one patient, to read only."""

from typing import Any

import httpx2
import pytest

from service.domain import ids
from service.domain.people import Role, SensitivityClass
from tests import files
from tests.web import emergency
from tests.web.emergency import Protected, breaking
from tests.web.pair import ACCEPT
from tests.web.sending import looked_at, send
from tests.web.site import Site

TALK = "He also takes lithium."
NOTE = "Seen; potassium is low."


class Chart:
    """Protected care with all there is: a note with a file, and a conversation."""

    def __init__(self, world: Protected, *, document: str, file: str, thread: str) -> None:
        self.world = world
        self.document = f"/api/v1/documents/{document}"
        self.file = f"/api/v1/attachments/{file}/content"
        self.thread = f"/api/v1/threads/{thread}"
        self.files = f"{world.path}/attachments"

    async def reads(self, caller: httpx2.AsyncClient) -> dict[str, bool]:
        """Say what somebody can read of it now."""
        note, talk = await caller.get(self.document), await caller.get(self.thread)
        file, listed = await caller.get(self.file), await caller.get(self.files)
        return {
            "note": NOTE in note.text,
            "file": file.content == files.PDF,
            "listed": listed.status_code == 200 and len(listed.json()["items"]) == 1,
            "talk": TALK in talk.text,
        }

    async def looks(self, caller_member: Any) -> dict[str, str]:
        """Say by which glass each kind of look of a member was, from the record."""
        found = await self.world.rows(
            "select action, detail->>'break_glass' as glass from audit"
            f" where actor_member_id = '{caller_member}' and detail ? 'break_glass'"
        )
        return {row["action"]: row["glass"] for row in found}


NOTHING = dict.fromkeys(("note", "file", "listed", "talk"), False)
ALL = dict.fromkeys(NOTHING, True)


async def charted(here: Site, sensitivity: SensitivityClass = SensitivityClass.PART2) -> Chart:
    world = await emergency.protected(here, sensitivity)
    async with (
        await here.program(world.program.actor) as sender,
        await here.program(world.clinic.actor) as clinic,
    ):
        leg = (await clinic.get(world.path)).json()["referral"]["legs"][0]
        where = f"/api/v1/legs/{leg['id']}"
        taken = await clinic.post(f"{where}/steps", json=ACCEPT | {"version": leg["version"]})
        assert taken.status_code == 200, taken.text
        file = (await send(clinic, f"referrals/{world.referral_id}")).json()["id"]
        assert await looked_at(here) == ["clean"]
        body = {
            "document": {
                "type_code": "11488-4",
                "text": NOTE,
                "author": "Dr. Lee",
                "written_on": "2026-01-02",
                "attachments": [file],
            },
            "filed_as": "outcome",
            "outcome": "served",
            "need_met": "yes",
            "version": taken.json()["legs"][0]["version"],
        }
        key = {"idempotency-key": ids.new_id().hex}
        filed = await clinic.post(f"{where}/documents", json=body, headers=key)
        assert filed.status_code in (200, 201), filed.text
        document = (await clinic.get(world.path)).json()["documents"][0]["id"]
        talk = {
            "subject": "Medication",
            "text": TALK,
            "referral_id": str(world.referral_id),
            "participants": [{"org_id": str(world.clinic.id)}],
        }
        key = {"idempotency-key": ids.new_id().hex}
        begun = await sender.post("/api/v1/threads", json=talk, headers=key)
        assert begun.status_code == 201, begun.text
    return Chart(world, document=document, file=file, thread=begun.json()["thread_id"])


@pytest.fixture
async def chart(here: Site) -> Chart:
    return await charted(here)


async def test_a_clinician_of_a_party_reads_note_file_and_talk_for_an_hour_and_each_is_on_record(
    chart: Chart,
) -> None:
    world = chart.world
    doctor, caller = await world.person(world.clinic, Role.CLINICIAN)
    _, colleague = await world.person(world.clinic, Role.CLINICIAN)
    assert await chart.reads(caller) == NOTHING
    made = (await caller.post(world.break_path, json=breaking())).json()
    assert await chart.reads(caller) == ALL
    glass = made["id"]
    assert await chart.looks(doctor.member_id) == dict.fromkeys(
        ("document.read", "attachment.read", "attachment.list", "thread.read"), glass
    )
    # For that member and that session only, and for sixty minutes.
    assert await chart.reads(colleague) == NOTHING
    assert await chart.reads(await world.again(doctor)) == NOTHING
    await world.wait(59)
    assert await chart.reads(caller) == ALL
    await world.wait(2)
    assert await chart.reads(caller) == NOTHING


async def test_it_is_to_read_and_nothing_else(chart: Chart) -> None:
    world = chart.world
    _, caller = await world.person(world.clinic, Role.CLINICIAN)
    await caller.post(world.break_path, json=breaking())
    key = {"idempotency-key": ids.new_id().hex}
    said = await caller.post(f"{chart.thread}/messages", json={"text": "Who?"}, headers=key)
    assert said.status_code == 403
    guest = {"participant": {"org_id": str(world.cco.id)}, "text": "Look.", "history": "all"}
    let_in = await caller.post(f"{chart.thread}/participants", json=guest, headers=key)
    assert let_in.status_code == 403
    assert (await caller.get(chart.thread)).status_code == 200
    assert await world.rows("select 1 from message offset 1") == []


async def test_part2_stays_shut_where_no_medical_emergency_is_said(chart: Chart) -> None:
    world = chart.world
    _, caller = await world.person(world.clinic, Role.CLINICIAN)
    await caller.post(world.break_path, json=breaking(medical_emergency=False))
    assert await chart.reads(caller) == NOTHING


async def test_coordinators_read_note_and_file_and_no_talk_they_take_no_part_in(
    chart: Chart,
) -> None:
    world = chart.world
    _, caller = await world.person(world.cco, Role.CLINICIAN)
    assert await chart.reads(caller) == NOTHING
    await caller.post(world.break_path, json=breaking())
    assert await chart.reads(caller) == ALL | {"talk": False}
    assert (await caller.get(chart.thread)).status_code == 404


async def test_it_opens_one_patient_and_no_other(chart: Chart, here: Site) -> None:
    """Two patients between the same three: the glass of one is no glass of the other."""
    world = chart.world
    other = await here.house.patient(world.program)
    doctor, caller = await world.person(world.program, Role.CLINICIAN)
    made = await caller.post(f"/api/v1/patients/{other.id}/break-glass", json=breaking())
    assert (made.status_code, made.json()["referral_ids"]) == (201, [])
    assert await chart.reads(caller) == NOTHING
    assert await chart.looks(doctor.member_id) == {}


async def test_psychotherapy_notes_stay_shut_in_files_and_talk_as_well(here: Site) -> None:
    chart = await charted(here, SensitivityClass.PSYCHOTHERAPY)
    for org in (chart.world.clinic, chart.world.program, chart.world.cco):
        _, caller = await chart.world.person(org, Role.CLINICIAN)
        made = await caller.post(chart.world.break_path, json=breaking())
        assert made.status_code == 201, made.text
        assert await chart.reads(caller) == NOTHING


async def test_the_pages_show_it_and_say_by_what(chart: Chart) -> None:
    world = chart.world
    _, caller = await world.person(world.clinic, Role.CLINICIAN)
    caller.headers["accept"] = "text/html"
    where = chart.thread.replace("/api/v1", "")
    sheet = f"/referrals/{world.referral_id}"
    assert where not in (await caller.get(sheet)).text
    assert (await caller.get(where)).status_code == 403
    await caller.post(world.break_path, json=breaking())
    assert where in (await caller.get(sheet)).text
    shown = (await caller.get(where)).text
    assert TALK in shown
    assert "You see this by emergency access." in shown
    assert f'action="{where}/messages"' not in shown
