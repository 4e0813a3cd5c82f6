"""The documents keep their form."""

import re

import pytest

from tests.shape import sources

DECISIONS = sorted((sources.ROOT / "docs/decisions").glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Refused", "Held by"]


def test_the_readme_shows_the_two_commands() -> None:
    readme = (sources.ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make run$", readme, re.MULTILINE)
    assert re.search(r"^make test$", readme, re.MULTILINE)


def test_ci_runs_the_commands_of_the_readme() -> None:
    lines = (sources.ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [re.sub(r"^timeout \d+ ", "", line) for line in lines]
    assert "make test" in commands
    assert "make check" in commands


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_its_five_headings(path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


def test_every_command_of_the_makefile_is_in_its_help() -> None:
    makefile = (sources.ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    helped = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert helped == set(phony.group(1).split())


def test_the_index_names_every_decision() -> None:
    index = (sources.ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\S+)\)", index) == [path.name for path in DECISIONS]


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{p.name}" for p in (sources.ROOT / "docs").glob("*.md"))]
)
def test_links_between_documents_lead_somewhere(page) -> None:
    path = sources.ROOT / page
    links = re.findall(r"\]\(([^)#:\s]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
