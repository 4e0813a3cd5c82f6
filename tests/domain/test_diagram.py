"""The pages in `docs/` are what the rules say, to the letter."""

from pathlib import Path

import pytest

from service.domain import diagram
from service.domain.rules import Machine

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", diagram.PAGES)
def test_the_page_in_docs_is_the_one_the_rules_make(name: str):
    assert (DOCS / name).read_text() == diagram.PAGES[name]()


@pytest.mark.parametrize("machine", Machine)
def test_every_rule_is_drawn_and_printed(machine: Machine):
    picture, table = diagram.mermaid(machine), diagram.table(machine)
    for rule in diagram.RULES[machine]:
        start = "[*]" if rule.from_state == "none" else rule.from_state
        arrow = f"    {start} --> {rule.becomes}: "
        labels = next(line for line in picture.splitlines() if line.startswith(arrow))
        assert rule.step in labels.removeprefix(arrow).split(", ")
        assert f"| {rule.id} |" in table


def test_the_end_states_are_drawn_as_ends():
    assert "void --> [*]" in diagram.mermaid(Machine.REFERRAL)
    ends = [line for line in diagram.mermaid(Machine.LEG).splitlines() if line.endswith("[*]")]
    assert len(ends) == 5
