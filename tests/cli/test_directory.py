"""A directory comes in from a file, again without changing anything, and goes out as it came."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests import making
from tests.cli.test_commands import cli, settings

__all__ = ["settings"]

PANTRY = {"id": "harbor", "name": "Harbor Food Bank", "phones": [{"number": "(503) 555-0150"}]}
SERVICES = [
    {
        "id": f"s{number}",
        "name": name,
        "status": "active",
        "organization": PANTRY,
        "languages": [{"code": "es"}],
        "attributes": [{"taxonomy_term": {"name": "Food Pantries"}}],
    }
    for number, name in enumerate(("Groceries", "Hot meals"))
]
AS = ("--category", "Food Pantries=food_pantry")


@pytest.fixture
async def founded(settings):
    """The environment of a network with coordinators."""
    async with making.house(settings["DATABASE_URL"]) as house:
        await house.organization("Valley CCO", kind="coordination", cco=True)
    return settings


async def rows(settings, sql):
    connection = await asyncpg.connect(settings["DATABASE_URL"])
    try:
        return [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


SERVICE = (
    "select s.name, s.category, s.languages, s.capacity, s.active, s.version, o.channel, o.phone"
    " from lk.healthcare_service s join lk.organization o on o.id = s.org_id"
    " where o.name = 'Harbor Food Bank' order by s.name"
)


async def test_a_file_comes_in_whole_and_again_changes_nothing(founded, tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(SERVICES))
    tried = cli("directory", "import", str(path), "--dry-run", *AS, environ=founded)
    assert "Would take 1 organizations, 1 of them new; services: 2 new" in tried.stdout
    assert await rows(founded, SERVICE) == []
    done = cli("directory", "import", str(path), *AS, environ=founded)
    assert done.returncode == 0, done.stderr
    first = await rows(founded, SERVICE)
    assert [row["name"] for row in first] == ["Groceries", "Hot meals"]
    assert {(row["category"], row["channel"], row["phone"]) for row in first} == {
        ("food_pantry", "offline", "+15035550150")
    }
    again = cli("directory", "import", str(path), environ=founded)
    assert "services: 0 new, 0 changed, 2 the same." in again.stdout
    assert await rows(founded, SERVICE) == first


async def test_what_the_file_changes_is_changed_and_what_people_said_stays(
    founded, tmp_path: Path
) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(SERVICES))
    assert cli("directory", "import", str(path), *AS, environ=founded).returncode == 0
    one, other = SERVICES
    changed = [{**one, "wait_time": "closed"}, {**other, "status": "inactive", "attributes": []}]
    path.write_text(json.dumps(changed))
    done = cli("directory", "import", str(path), environ=founded)
    assert "services: 0 new, 2 changed, 0 the same." in done.stdout
    groceries, meals = await rows(founded, SERVICE)
    assert (groceries["capacity"], groceries["active"]) == ("closed", True)
    # Its category was said before, and the file has no better word.
    assert (meals["category"], meals["active"]) == ("food_pantry", False)


async def test_what_is_wrong_is_told_with_its_place_and_the_rest_comes_in(
    founded, tmp_path: Path
) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps([*SERVICES, {"id": "x", "name": "X", "status": "opened"}]))
    done = cli("directory", "import", str(path), environ=founded)
    assert done.returncode == 2
    assert "d.json[2].status: The status is one of active" in done.stderr
    assert len(await rows(founded, SERVICE)) == 2


async def test_an_organization_of_the_same_name_is_asked_about(founded, tmp_path: Path) -> None:
    async with making.house(founded["DATABASE_URL"]) as house:
        await house.organization("Harbor Food Bank", kind="social_service")
    path = tmp_path / "d.json"
    path.write_text(json.dumps(SERVICES))
    refused = cli("directory", "import", str(path), environ=founded)
    assert refused.returncode == 2
    assert "organization harbor:" in refused.stderr
    assert "--by-name" in refused.stderr
    done = cli("directory", "import", str(path), "--by-name", environ=founded)
    assert "Took 1 organizations, 0 of them new; services: 2 new" in done.stdout


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_what_goes_out_comes_in_elsewhere_without_a_change(
    founded, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(SERVICES))
    cli("directory", "import", str(path), *AS, environ=founded)
    target = tmp_path / "out"
    done = cli("directory", "export", str(target), "--form", form, environ=founded)
    assert done.returncode == 0, done.stderr
    back = cli("directory", "import", str(target), "--dry-run", "--by-name", environ=founded)
    assert back.returncode == 0, back.stderr
    assert "0 of them new" in back.stdout


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\xff"])
async def test_what_is_no_document_is_refused(founded, tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(text.encode("latin-1"))
    done = cli("directory", "import", str(path), environ=founded)
    assert done.returncode == 1
    assert "d.json is not JSON" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_folder_without_tables_is_refused(founded, tmp_path: Path) -> None:
    done = cli("directory", "import", str(tmp_path), environ=founded)
    assert done.returncode == 1
    assert "has no organizations.csv" in done.stderr
