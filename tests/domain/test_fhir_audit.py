"""A line is a sound AuditEvent of FHIR R4, whatever happened, and names nobody."""

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from service.domain import fhir_audit, ids
from service.domain.fhir_audit import Line
from service.domain.people import SensitivityClass
from service.domain.rules import Step
from tests.shape import sources

CORE = Path(__file__).parents[3] / "shared/data/fhir/r4-core/fhir.schema.json"
OBSERVER = "https://referrals.example.org"


def written() -> set[str]:
    """List the acts that our own code writes into the record, as they stand in it."""
    found: set[str] = set()
    for path in sources.files("service"):
        for node in ast.walk(sources.tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Row", "Line")):
                found |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg == "action"
                    and isinstance(word.value, ast.Constant)
                    and isinstance(word.value.value, str)
                }
    return found | {f"step.{step}" for step in Step} | {"referral.list"}


def a_line(action: str = "referral.read", **said: Any) -> Line:
    given: dict[str, Any] = {
        "id": ids.new_id(),
        "org_id": ids.new_id(),
        "at": datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        "actor_kind": "member",
        "actor_org_id": ids.new_id(),
        "actor_member_id": ids.new_id(),
        "api_key_id": None,
        "link_id": None,
        "worker_id": None,
        "action": action,
        "outcome": "done",
        "resource_kind": "referral",
        "resource_id": ids.new_id(),
        "referral_id": None,
        "sensitivity": None,
        "request_id": "r",
        "detail": {},
    }
    return Line(**(given | said))


NOBODY: dict[str, Any] = dict.fromkeys(
    ("org_id", "actor_org_id", "actor_member_id", "resource_kind", "resource_id"), None
)
LINES = [
    *(a_line(action) for action in sorted(written())),
    *(a_line(sensitivity=sensitivity) for sensitivity in SensitivityClass),
    *(a_line(outcome=outcome) for outcome in ("done", "denied", "failed")),
    a_line("session.begin", actor_kind="system", outcome="denied", **NOBODY),
    a_line("link.read_card", link_id=ids.new_id(), worker_id=ids.new_id(), actor_member_id=None),
    a_line("referral.list", resource_id=None, detail={"records": [str(ids.new_id())] * 3}),
    a_line("patient.read", resource_kind="patient", referral_id=ids.new_id()),
]


@pytest.fixture(scope="module")
def schema():
    """The JSON schema of FHIR R4, narrowed to one resource so that it is quick to ask."""
    if not CORE.exists():
        pytest.skip(f"The schema of FHIR R4 is not at {CORE}.")
    definitions = json.loads(CORE.read_text())["definitions"] | {"ResourceList": {}}
    narrow = {"$ref": "#/definitions/AuditEvent", "definitions": definitions}
    return jsonschema_rs.validator_for(narrow)


def test_every_line_is_a_sound_resource(schema) -> None:
    wrong = []
    for line in LINES:
        resource = fhir_audit.resource_of(line, observer=OBSERVER)
        told = [error.message[:200] for error in schema.iter_errors(resource)]
        if told:
            wrong.append((line.action, told))
    assert wrong == []
    assert not schema.is_valid({"resourceType": "AuditEvent", "agent": "x"})


def test_reading_writing_and_signing_in_have_their_codes() -> None:
    told = {
        action: fhir_audit.resource_of(a_line(action), observer=OBSERVER)
        for action in ("referral.read", "step.accept", "patient.create", "session.begin")
    }
    assert {name: found["action"] for name, found in told.items()} == {
        "referral.read": "R",
        "step.accept": "U",
        "patient.create": "C",
        "session.begin": "E",
    }
    assert told["session.begin"]["type"]["code"] == "110114"
    assert told["referral.read"]["subtype"][0]["code"] == "read"


@pytest.mark.parametrize(("outcome", "code"), [("done", "0"), ("denied", "4"), ("failed", "8")])
def test_how_it_ended_is_the_code_of_fhir(outcome: str, code: str) -> None:
    found = fhir_audit.resource_of(a_line(outcome=outcome), observer=OBSERVER)
    assert found["outcome"] == code


def test_a_list_names_each_record_and_a_class_is_a_label() -> None:
    records = [str(ids.new_id()) for _ in range(3)]
    line = a_line("referral.list", resource_id=None, detail={"records": records})
    entities = fhir_audit.resource_of(line, observer=OBSERVER)["entity"]
    assert [each["what"]["identifier"]["value"] for each in entities] == [
        f"urn:uuid:{each}" for each in records
    ]
    protected = fhir_audit.resource_of(a_line(sensitivity="part2"), observer=OBSERVER)
    labels = {each["code"] for each in protected["entity"][0]["securityLabel"]}
    assert labels == {"R", "ETH"}


def test_who_asked_is_marked_and_only_one() -> None:
    for line in LINES:
        agents = fhir_audit.resource_of(line, observer=OBSERVER)["agent"]
        assert [agent["requestor"] for agent in agents].count(True) == 1
