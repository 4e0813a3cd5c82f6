"""Terms and assignment from the command line."""

import pytest

from tests import making
from tests.cli.test_commands import cli, settings

__all__ = ["settings"]


@pytest.fixture
async def founded(settings):
    """The environment of a network with coordinators, and the id of one of them."""
    async with making.house(settings["DATABASE_URL"]) as house:
        cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    return settings, str(cco.actor.member_id)


async def test_a_term_is_only_looked_at_until_somebody_says_yes(founded) -> None:
    environ, _ = founded
    words = ("terms", "set", "answer", "routine", "3", "business_days", "--grace", "1")
    looked = cli(*words, environ=environ)
    assert "Nothing is changed." in looked.stdout, looked.stderr
    assert "set by" not in cli("terms", "list", environ=environ).stdout
    done = cli(*words, "--yes", environ=environ)
    assert "It is in force" in done.stdout
    said = cli("terms", "list", environ=environ).stdout
    assert "answer    routine   every kind           3 business_days + 1 business days" in said
    assert "set by an operator" in said
    back = cli("terms", "set", "answer", "routine", "0", "default", "--yes", environ=environ)
    assert back.returncode == 0
    assert "set by" not in cli("terms", "list", environ=environ).stdout


async def test_nonsense_is_told(founded) -> None:
    environ, _ = founded
    done = cli("terms", "set", "answer", "emergent", "3", "business_days", environ=environ)
    assert done.returncode == 1
    assert "count in hours" in done.stderr


async def test_somebody_is_named_and_the_naming_ended(founded) -> None:
    environ, member_id = founded
    named = cli("assign", "add", "--member", member_id, "--language", "es", environ=environ)
    assert named.returncode == 0, named.stderr
    rule_id = named.stdout.split()[0]
    assert "language es" in cli("assign", "list", environ=environ).stdout
    assert cli("assign", "end", rule_id, environ=environ).returncode == 0
    assert cli("assign", "list", environ=environ).stdout == ""
    assert cli("assign", "end", rule_id, environ=environ).returncode == 1
