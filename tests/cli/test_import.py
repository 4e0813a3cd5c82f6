"""Organizations come in from a table: looked at first, whole or not at all, and never twice."""

from pathlib import Path

import pytest

from tests.cli.test_commands import cli, settings
from tests.cli.test_directory import founded, rows

__all__ = ["founded", "settings"]

HEAD = "id,name,kind,enrolment,zone,mailbox,agreement_on,phone"
ZONE = "America/Los_Angeles"
TWO = [
    f"a,Harbor Food Bank,social_service,link,{ZONE},intake@harbor.example,2026-01-15,5035550150",
    f'b,"Niño, Sí",social_service,account,{ZONE},,,',
]
STORED = (
    "select o.name, o.channel, o.agreement_on::text, o.phone, o.version, o.language,"
    " exists (select from lk.address a where a.org_id = o.id) as mailbox"
    " from lk.organization o where not o.is_cco order by o.name"
)


def written(path: Path, *lines: str, head: str = HEAD, mark: str = "") -> Path:
    path.write_text(mark + "\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


async def test_a_table_is_looked_at_comes_in_and_makes_nothing_twice(founded, tmp_path) -> None:
    path = str(written(tmp_path / "o.csv", *TWO, mark="\ufeff"))
    tried = cli("import", "organizations", path, "--dry-run", environ=founded)
    assert tried.returncode == 0, tried.stderr
    assert "Would take: 2 new, 0 changed, 0 already there; 0 faulty." in tried.stdout
    assert await rows(founded, STORED) == []
    done = cli("import", "organizations", path, environ=founded)
    assert done.returncode == 0, done.stderr
    first = await rows(founded, STORED)
    assert [(each["name"], each["channel"], each["mailbox"]) for each in first] == [
        ("Harbor Food Bank", "link", True),
        ("Niño, Sí", "account", False),
    ]
    assert (first[0]["agreement_on"], first[0]["phone"]) == ("2026-01-15", "+15035550150")
    again = cli("import", "organizations", path, environ=founded)
    assert "Took: 0 new, 0 changed, 2 already there; 0 faulty." in again.stdout
    assert await rows(founded, STORED) == first
    assert cli("check", environ=founded).returncode == 0


async def test_what_differs_is_changed_and_a_mailbox_is_not(founded, tmp_path) -> None:
    path = tmp_path / "o.csv"
    cli("import", "organizations", str(written(path, *TWO)), environ=founded)
    written(path, TWO[0].replace("2026-01-15", "2026-02-01"))
    done = cli("import", "organizations", str(path), environ=founded)
    assert "Took: 0 new, 1 changed, 0 already there" in done.stdout
    (harbor, _) = await rows(founded, STORED)
    assert (harbor["agreement_on"], harbor["version"]) == ("2026-02-01", 2)
    written(path, TWO[0].replace("intake@", "thief@"))
    refused = cli("import", "organizations", str(path), environ=founded)
    assert refused.returncode == 2
    assert "line 2, mailbox: Another mailbox is attested." in refused.stderr
    assert "thief" not in refused.stderr + refused.stdout


FAULTY = [
    f"c,Cedar,nonsense,sometimes,{ZONE},not an address,15/01/2026,12",
    f"d,,social_service,account,{ZONE},,,",
    f"a,Other,social_service,account,{ZONE},,,",
    "e,Elm,social_service,link,Mars/Base,,,",
    "f,Fir",
]


async def test_every_fault_is_told_at_its_place_and_nothing_comes_in(founded, tmp_path) -> None:
    path = str(written(tmp_path / "o.csv", *TWO, *FAULTY))
    done = cli("import", "organizations", path, environ=founded)
    assert done.returncode == 2
    told = {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("line ")}
    assert told == {
        *(f"line 4, {name}" for name in ("kind", "enrolment", "mailbox", "agreement_on", "phone")),
        "line 5, name",
        "line 6, id",
        "line 7, zone",
        "line 7, mailbox",
        "line 8",
    }
    assert await rows(founded, STORED) == []
    some = cli("import", "organizations", path, "--skip-faulty", environ=founded)
    assert some.returncode == 2
    assert "Took: 2 new, 0 changed, 0 already there; 5 faulty." in some.stdout
    assert len(await rows(founded, STORED)) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: The first line names the columns"),
        (HEAD.replace(",", ";").encode(), "line 1: The columns are separated by semicolons."),
        (b"id,name,colour\n", "line 1, 3: There is no column of this name."),
        (b"id,id,name,kind,enrolment,zone\n", "line 1, id: Name this column once."),
        (b"id,name\n", "line 1, zone: This column is missing."),
        (f"{HEAD}\na,Ni\xf1o".encode("latin-1"), "line 2: This is not UTF-8."),
        (b"PK\x03\x04\x00\x00", "the file: This is not a table."),
        (f'{HEAD}\na,"open'.encode(), "line 2: A quote is not closed"),
    ],
)
async def test_a_file_of_another_form_is_refused(founded, tmp_path, content, says) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes(content)
    done = cli("import", "organizations", str(path), environ=founded)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_template_can_be_brought_in(founded, tmp_path) -> None:
    path = tmp_path / "o.csv"
    path.write_text(cli("import", "template", "organizations").stdout)
    done = cli("import", "organizations", str(path), environ=founded)
    assert "Took: 1 new" in done.stdout, done.stderr
