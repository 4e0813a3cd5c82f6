"""Members, patients and open referrals come in from tables: looked at first, and never twice."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.test_commands import cli, settings
from tests.cli.test_directory import founded, rows
from tests.cli.test_import import ZONE, written

__all__ = ["founded", "settings"]

ORGS = [
    f"north,Northside Clinic,primary_care,account,{ZONE},,,",
    f"harbor,Harbor Food Bank,social_service,account,{ZONE},,,",
]
MEMBERS = [
    "ana@northside.example,Ana Ruiz,clinician coordinator,north",
    "jo@harbor.example,Jo Harbor,coordinator,harbor",
]
PATIENTS = [
    "4711,Ortega Ruiz,María,1984-02-03,503 555 0177,es",
    "4712,Smith,John,1950-05-06,,en",
]
BY = ("--by", "ana@northside.example")
HEADS = {
    "members": "address,name,roles,organization",
    "patients": "id,family_name,given_name,birth_date,phone,language",
    "referrals": "id,patient,service,question,sent_on,consent_basis,accepted_on,accepted_by",
}


def bring(environ, kind, path, lines, *more):
    source = str(written(path / f"{kind}.csv", *lines, head=HEADS[kind]))
    return cli("import", kind, source, *more, environ=environ)


@pytest.fixture
async def staffed(founded, tmp_path):
    """Two organizations with a member each."""
    done = cli("import", "organizations", str(written(tmp_path / "o.csv", *ORGS)), environ=founded)
    assert done.returncode == 0, done.stderr
    done = bring(founded, "members", tmp_path, MEMBERS)
    assert done.returncode == 0, done.stderr
    return founded


async def test_members_come_in_once_and_are_invited_by_mail(staffed, tmp_path):
    stored = "select name, roles from lk.member order by name"
    first = await rows(staffed, stored)
    assert [row["name"] for row in first][-2:] == ["Ana Ruiz", "Jo Harbor"]
    mails = await rows(staffed, "select kind from lk.outbox where kind = 'person_invite'")
    assert len(mails) == 2
    again = bring(staffed, "members", tmp_path, MEMBERS)
    assert "Took: 0 new, 0 changed, 2 already there; 0 faulty." in again.stdout
    assert await rows(staffed, stored) == first


async def test_every_fault_of_members_is_told_at_its_place(staffed, tmp_path):
    faulty = [
        "nobody,No Address,clinician,north",
        "x@north.example,X,king,north",
        "y@north.example,Y,clinician,nowhere",
        "jo@harbor.example,Jo Harbor,coordinator,harbor",
        "JO@harbor.example,Jo Harbor,coordinator,harbor",
    ]
    done = bring(staffed, "members", tmp_path, faulty)
    assert done.returncode == 2
    told = {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")}
    assert told == {
        *("line 2, address", "line 3, roles", "line 4, organization", "line 6, address"),
    }
    assert "king" not in done.stderr


async def test_patients_come_in_sealed_and_once(staffed, tmp_path):
    tried = bring(staffed, "patients", tmp_path, PATIENTS, *BY, "--dry-run")
    assert "Would take: 2 new" in tried.stdout, tried.stderr
    assert "Ortega" not in tried.stdout
    assert await rows(staffed, "select 1 from lk.patient") == []
    done = bring(staffed, "patients", tmp_path, PATIENTS, *BY)
    assert done.returncode == 0, done.stderr
    again = bring(staffed, "patients", tmp_path, PATIENTS, *BY)
    assert "0 new, 0 changed, 2 already there" in again.stdout
    alike = bring(staffed, "patients", tmp_path, ["4713,Ortega Ruiz,María,1984-02-03,,es"], *BY)
    assert alike.returncode == 2
    assert "Somebody very like this is registered here" in alike.stderr
    wrong = ["1,A,B,03/02/1984,12,español", "2,A,B,2084-02-03,,en"]
    done = bring(staffed, "patients", tmp_path, wrong, *BY)
    told = {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")}
    assert {"line 2, birth_date", "line 2, phone", "line 2, language"} <= told
    assert len(await rows(staffed, "select 1 from lk.patient")) == 2
    stranger = bring(staffed, "patients", tmp_path, PATIENTS, "--by", "x@nowhere.example")
    assert stranger.returncode != 0
    assert "There is no such member." in stranger.stderr


async def service(environ):
    """Offer a service of the food bank's."""
    (org,) = await rows(environ, "select id from lk.organization where name = 'Harbor Food Bank'")
    (row,) = await rows(
        environ,
        "insert into lk.healthcare_service (org_id, id, name, category,"
        " pattern, reviewer, evidence, created_at)"
        f" values ('{org['id']}', gen_random_uuid(), 'Groceries', 'food', 'visit', 'staff', 'none',"
        " lk.now())"
        " returning id",
    )
    return row["id"]


async def test_open_referrals_keep_the_day_they_were_sent_and_begin_their_clocks_now(
    staffed, tmp_path
):
    offered = await service(staffed)
    bring(staffed, "patients", tmp_path, PATIENTS, *BY)
    today = datetime.now(UTC).date()
    sent, taken = (today - timedelta(days=days) for days in (90, 80))
    lines = [
        f"R1,4711,{offered},Food?,{sent},signed_form,,",
        f"R2,4712,{offered},Food?,{sent},signed_form,{taken},Jo Harbor",
    ]
    tried = bring(staffed, "referrals", tmp_path, lines, *BY, "--dry-run")
    assert "Would take: 2 new" in tried.stdout, tried.stderr
    done = bring(staffed, "referrals", tmp_path, lines, *BY)
    assert done.returncode == 0, done.stderr
    stored = await rows(
        staffed,
        "select r.sent_at::date as day, l.state from lk.referral r"
        " join lk.leg l on l.referral_id = r.id order by l.state",
    )
    assert [(row["day"], row["state"]) for row in stored] == [(sent, "accepted"), (sent, "sent")]
    events = await rows(
        staffed,
        "select step, happened_at::date as day, on_behalf from lk.event"
        " where step in ('send', 'accept') and machine = 'leg' order by step, entered_at",
    )
    assert {(row["step"], row["day"]) for row in events} == {("accept", taken), ("send", sent)}
    late = await rows(staffed, "select 1 from lk.timer where state = 'armed' and due_at < lk.now()")
    assert late == []
    again = bring(staffed, "referrals", tmp_path, lines, *BY)
    assert "0 new, 0 changed, 2 already there" in again.stdout
    assert len(await rows(staffed, "select 1 from lk.referral")) == 2
    assert cli("check", environ=staffed).returncode == 0


async def test_every_fault_of_referrals_is_told_at_its_place_and_none_comes_in(staffed, tmp_path):
    offered = await service(staffed)
    bring(staffed, "patients", tmp_path, PATIENTS, *BY)
    today = datetime.now(UTC).date()
    sent, taken = (today - timedelta(days=days) for days in (90, 80))
    faulty = [
        f"R3,4799,{offered},Food?,{sent},signed_form,,",
        f"R4,4711,nothing,Food?,{sent},signed_form,,",
        f"R5,4711,{offered},Food?,{today + timedelta(days=3)},treatment,,",
        f"R6,4711,{offered},Food?,{sent},friendship,{taken},",
        f"R7,4711,{offered},Food?,{sent},treatment,,",
    ]
    done = bring(staffed, "referrals", tmp_path, faulty, *BY)
    told = {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")}
    assert told == {
        *("line 2, patient", "line 3, service", "line 4, sent_on"),
        *("line 5, consent_basis", "line 5, accepted_by", "line 6, consent_basis"),
    }
    assert await rows(staffed, "select 1 from lk.referral") == []
