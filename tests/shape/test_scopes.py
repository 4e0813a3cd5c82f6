"""Whose eyes a transaction has is said in one place, for one transaction, and by no other role."""

import re

from tests.shape import sources

_OTHER_ROLE = re.compile(
    r"\bset\s+(session\s+|local\s+)?role\b|session\s+authorization", re.IGNORECASE
)
_SETS = re.compile(r"set_config\(\s*'app\.(\w+)'.*?,\s*(\w+)\s*\)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(r"\bset\s+(?:session\s+|local\s+)?app\.", re.IGNORECASE)


def _sql() -> dict[str, str]:
    found = (sources.ROOT / "service/store/queries").glob("*.sql")
    return {path.name: path.read_text(encoding="utf-8") for path in found}


def test_a_pooled_connection_never_takes_on_another_role() -> None:
    # Migrations run on a connection of their own, as the owner of the schema.
    allowed = {"service/store/migrate.py"}
    python = {
        str(path)
        for path in sources.files(*sources.PACKAGES)
        if _OTHER_ROLE.search(sources.text(path))
    }
    assert python <= allowed
    assert [name for name, text in _sql().items() if _OTHER_ROLE.search(text)] == []


def test_statements_set_what_a_step_opens_and_for_their_transaction_only() -> None:
    found = [
        (name, setting, local)
        for name, text in _sql().items()
        for setting, local in _SETS.findall(text)
    ]
    assert found
    assert {(setting, local) for _, setting, local in found} == {("opening", "true")}
    assert [name for name, text in _sql().items() if _PLAIN.search(text)] == []


def test_only_the_pool_spells_a_scope() -> None:
    spelling = {
        str(path) for path in sources.files(*sources.PACKAGES) if '"app.' in sources.text(path)
    }
    assert spelling == {"service/store/pool.py"}
