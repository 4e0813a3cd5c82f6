"""The rules as a picture and as a table; what is in `docs/` is made here and nowhere else."""

from collections.abc import Iterable

import msgspec

from service.domain.effects import SILENT, TELLS, Tell
from service.domain.leg import LEG_RULES
from service.domain.referral import REFERRAL_RULES
from service.domain.rules import Machine, Rule

RULES: dict[Machine, tuple[Rule, ...]] = {
    Machine.REFERRAL: REFERRAL_RULES,
    Machine.LEG: LEG_RULES,
}
"""Both machines' rows, by machine."""

_START = "none"
_HEAD = "| id | from | step | party | to | when | must carry |\n|---|---|---|---|---|---|---|"


class _Line(msgspec.Struct, frozen=True):
    """What rules must share to be printed on one line."""

    id: str
    step: str
    becomes: str
    when: str
    needs: str


def mermaid(machine: Machine) -> str:
    """Draw a machine as a Mermaid state diagram, an arrow a pair of states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in RULES[machine]:
        steps = arrows.setdefault((rule.from_state, rule.becomes), [])
        if rule.step not in steps:
            steps.append(rule.step)
    lines = [f"    {_node(a)} --> {_node(b)}: {', '.join(s)}" for (a, b), s in arrows.items()]
    ends = [f"    {state} --> [*]" for state in _ends(RULES[machine])]
    return "\n".join(["stateDiagram-v2", *lines, *ends, ""])


def _node(state: str) -> str:
    return "[*]" if state == _START else state


def _ends(rules: Iterable[Rule]) -> list[str]:
    """List the states that no step but a correction leaves."""
    rules = tuple(rules)
    left = {rule.from_state for rule in rules if rule.step not in {"void", "undo"}}
    return list(dict.fromkeys(rule.becomes for rule in rules if rule.becomes not in left))


def table(machine: Machine) -> str:
    """Print a machine's rules as a Markdown table; rows that differ in state or party share one."""
    lines: dict[_Line, list[Rule]] = {}
    for rule in RULES[machine]:
        lines.setdefault(_line(rule), []).append(rule)
    return "\n".join([_HEAD, *(_row(line, rules) for line, rules in lines.items()), ""])


def _line(rule: Rule) -> _Line:
    return _Line(
        id=rule.id,
        step=rule.step,
        becomes="(stays)" if rule.becomes == rule.from_state else rule.becomes,
        when=", ".join(sorted(rule.when)),
        needs=", ".join(rule.needs),
    )


def _row(line: _Line, rules: list[Rule]) -> str:
    states = ", ".join(dict.fromkeys(rule.from_state for rule in rules))
    parties = ", ".join(dict.fromkeys(rule.party for rule in rules))
    cells = (line.id, states, line.step, parties, line.becomes, line.when, line.needs)
    return f"| {' | '.join(cells)} |"


def document() -> str:
    """Write the page `docs/rules.md`: both tables, and where they come from."""
    return "\n".join(
        [
            "# The rules",
            "",
            "Made by `loopkeeper rules`; a test compares this page with the rows. What is not",
            "listed is refused, with the list of what is allowed.",
            "",
            "## Referral",
            "",
            table(Machine.REFERRAL),
            "## Leg",
            "",
            table(Machine.LEG),
            "## Who is told",
            "",
            "By mail, from `domain/effects.py`; nobody is told of what they did themselves. An",
            "answer by link is confirmed to its agency as well.",
            "",
            tellings(),
        ]
    )


def tellings() -> str:
    """Print whom each step tells, and why those are silent that tell nobody."""
    told = [f"| {step} | {', '.join(map(_telling, tells))} |" for step, tells in TELLS.items()]
    silent = [f"| {step} | silent: {why} |" for step, why in SILENT.items()]
    return "\n".join(["| step | tells |", "|---|---|", *told, *silent, ""])


def _telling(tell: Tell) -> str:
    later = ", once it cannot be undone" if tell.waits else ""
    return f"{tell.to}: {tell.kind}{later}"


PAGES = {
    "referral.mmd": lambda: mermaid(Machine.REFERRAL),
    "leg.mmd": lambda: mermaid(Machine.LEG),
    "rules.md": document,
}
"""The generated files of `docs/`, by name."""
