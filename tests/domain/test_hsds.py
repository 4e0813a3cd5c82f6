"""What is taken of another directory, and ours as others read it."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from service.domain import hsds, hsds_export, hsds_tables
from service.domain.hsds import Entry, Offer
from service.domain.hsds_export import Listed
from tests.domain.shared import shared

ORG = {"id": "o", "name": "Harbor"}
LISTED = Listed(
    org_id=UUID(int=1),
    org_source="harbor",
    organization="Harbor Food Bank",
    phone="+15035550150",
    id=UUID(int=2),
    source=None,
    name="Groceries",
    category="food_pantry",
    eligibility="Anybody.",
    languages=("en", "es"),
    area=("Multnomah", "=1+1"),
    active=True,
    capacity="waitlist",
    capacity_at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC),
)


def taken(*said: Any, **categories: str) -> list[Entry]:
    found = [(str(number), each) for number, each in enumerate(said)]
    services, faults = hsds.read(found)
    assert faults == []
    return hsds.entries(services, categories=categories)


def offer(**said: Any) -> Offer:
    service = {"id": "s", "name": "Food", "status": "active", "organization": ORG}
    return taken(service | said)[0].offers[0]


def test_names_become_one_line_of_a_length_that_is_kept() -> None:
    assert offer(name=" Food\n and\tmore " + "x" * 300).name == ("Food and more " + "x" * 300)[:200]


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(12, 100, "Ages 12 to 100."), ("12", None, "From age 12."), (None, 17, "Up to age 17.")],
)
def test_ages_are_told_in_words(low: object, high: object, says: str) -> None:
    said = offer(eligibility_description="Residents.", minimum_age=low, maximum_age=high)
    assert said.eligibility == f"Residents.\n{says}"


def test_a_term_that_is_one_of_ours_is_the_category_and_another_is_not() -> None:
    def of(term: str) -> str:
        said = {"id": "s", "name": "F", "status": "active", "organization": ORG}
        said["attributes"] = [{"taxonomy_term": {"name": term}}]  # type: ignore[assignment]
        return taken(said, pantries="food_pantry")[0].offers[0].category

    assert of("Pantries") == "food_pantry"
    assert of("Astrology") == hsds.OTHER


def test_only_an_active_service_is_offered() -> None:
    assert offer().active
    assert not offer(status="temporarily closed").active


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"id": "s", "name": "F", "status": "opened", "organization": ORG}, "x.status"),
        ({"id": "s", "name": "F", "status": "active"}, "x.organization"),
        ({"id": "s", "status": "active", "organization": ORG}, "x"),
        ({"id": "s", "name": 5, "status": [], "organization": ORG}, "x"),
        ("nonsense", "x"),
        (None, "x"),
    ],
)
def test_what_is_no_service_is_told_with_its_place(said: object, where: str) -> None:
    services, faults = hsds.read([("x", said)])
    assert services == []
    assert [fault.where for fault in faults] == [where]


def test_services_are_found_in_pages_lists_and_organizations() -> None:
    one = {"id": "s", "name": "F", "status": "active"}
    page = {"contents": [one]}
    owner = {**ORG, "services": [one]}
    assert [where for where, _ in hsds.services_in(page, "f")] == ["f.contents[0]"]
    assert [where for where, _ in hsds.services_in([one, page], "f")] == [
        "f[0]",
        "f[1].contents[0]",
    ]
    ((where, said),) = hsds.services_in(owner, "f")
    assert where == "f.services[0]"
    assert said["organization"] == ORG


def test_ours_comes_back_from_json_as_it_went() -> None:
    back = taken(json.loads(json.dumps(hsds_export.service(LISTED))), food_pantry="food_pantry")
    assert back == [_ours(own_id=str(UUID(int=1)))]


def test_ours_comes_back_from_tables_as_it_went() -> None:
    files = hsds_export.tables([LISTED])
    tables = {name.removesuffix(".csv"): hsds_tables.rows(text) for name, text in files.items()}
    services, faults = hsds.read(hsds_tables.together(tables))
    assert faults == []
    back = hsds.entries(services, categories={"food_pantry": "food_pantry"})
    assert back == [_ours(own_id=str(UUID(int=1)))]


def _ours(*, own_id: str) -> Entry:
    said = Offer(
        id=str(UUID(int=2)),
        name="Groceries",
        category="food_pantry",
        eligibility="Anybody.",
        languages=("en", "es"),
        area=("Multnomah", "=1+1"),
        active=True,
        capacity="waitlist",
    )
    # "harbor" is no id that the form can carry, so ours stands for it.
    return Entry(id=own_id, name="Harbor Food Bank", number="+15035550150", offers=(said,))


def test_the_day_of_the_word_on_capacity_goes_along() -> None:
    assert hsds_export.service(LISTED)["assured_date"] == "2026-11-01"
    silent = msgspec.structs.replace(LISTED, capacity="unknown", capacity_at=None)
    assert not {"wait_time", "assured_date"} & hsds_export.service(silent).keys()


def test_a_table_that_is_torn_is_refused() -> None:
    with pytest.raises(csv.Error):
        hsds_tables.rows('id,name\n1,"open')


# From here on with what others published; it is not part of the project.


@pytest.fixture
def others() -> Path:
    return shared("hsds") / "v3.0"


def _tables(folder: Path) -> hsds_tables.Tables:
    return {path.stem: hsds_tables.rows(path.read_text()) for path in folder.glob("*.csv")}


def test_the_published_example_gives_the_same_directory_from_json_and_tables(others: Path) -> None:
    full = json.loads((others / "examples/service_full.json").read_text())
    (one,) = taken(full)
    services, faults = hsds.read(hsds_tables.together(_tables(others / "examples/csv")))
    assert faults == []
    (other,) = hsds.entries(services, categories={})
    assert one == other
    assert one.name == "Example Organization Inc."
    assert one.offers[0].languages == ("ur",)
    assert one.offers[0].eligibility.endswith("Ages 12 to 100.")


def test_every_published_form_of_services_is_read(others: Path) -> None:
    for name in ("service_full", "service_list", "organization_full", "service_at_location_full"):
        said = json.loads((others / f"examples/{name}.json").read_text())
        services, faults = hsds.read(hsds.services_in(said, name))
        assert (len(services), faults) == (1, []) or name == "service_at_location_full"


def test_what_we_give_out_is_what_the_published_schema_asks_for(others: Path) -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = json.loads((others / "schema/compiled/service_with_definitions.json").read_text())
    check = jsonschema_rs.validator_for(schema)
    said = hsds_export.service(LISTED)
    check.validate(said)
    for broken in ({**said, "status": "opened"}, {k: v for k, v in said.items() if k != "name"}):
        assert not check.is_valid(broken)
