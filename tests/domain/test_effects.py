"""Every step of a rule tells somebody, or is silent for a reason."""

from service.domain import diagram
from service.domain.effects import RECEIPTED, SILENT, TELLS, EffectKind
from service.domain.rules import Step

OF_RULES = {rule.step for rules in diagram.RULES.values() for rule in rules}


def test_every_step_of_a_rule_tells_somebody_or_is_silent_for_a_reason() -> None:
    assert OF_RULES - TELLS.keys() - SILENT.keys() == set()
    assert TELLS.keys() & SILENT.keys() == set()
    assert (TELLS.keys() | SILENT.keys()) - OF_RULES == set()
    assert all(len(why.split()) > 3 for why in SILENT.values())
    assert all(tells for tells in TELLS.values())


def test_an_answer_that_is_confirmed_is_one_that_somebody_is_told_of() -> None:
    assert RECEIPTED - TELLS.keys() == {Step.UNDO}


def test_the_page_of_the_rules_says_it_of_every_step() -> None:
    page = diagram.document()
    for step in OF_RULES:
        assert f"| {step} | " in page.partition("## Who is told")[2]
    assert f"| send | recipient: {EffectKind.INVITE} |" in page
    assert "| accept | owner: notice, once it cannot be undone |" in page
