"""The commands about texts: what each costs, how providers stand, and who is given how many."""

import re

import pytest

from service.domain.patient_texts import Reply, TextKind
from tests.cli.test_commands import cli, settings

__all__ = ["settings"]

TWILIO = f"twilio://AC{'0' * 32}:t0ken@api.twilio.com?from=+15035550100"
KANNEL = "kannel://demo:word@127.0.0.1:9/cgi-bin/sendsms?from=13013&hook=" + "s" * 16


@pytest.fixture
def two(settings):
    """A demo with two providers of texts."""
    return settings | {"LOOPKEEPER_SMS_URL": TWILIO, "LOOPKEEPER_SMS_SECOND_URL": KANNEL}


def test_every_text_is_shown_with_its_segments_in_both_languages(settings):
    shown = cli("sms", "templates", environ=settings)
    assert shown.returncode == 0, shown.stderr
    heads = re.findall(
        r"^(\w+)\.(en|es)  (\d) segments? \(\d+ units, \d+ left, gsm7\)$",
        shown.stdout,
        re.MULTILINE,
    )
    kinds = {str(each) for each in (*TextKind, *Reply)}
    assert {(kind, language) for kind, language, _ in heads} == {
        (kind, language) for kind in kinds for language in ("en", "es")
    }
    assert {int(count) for _, _, count in heads} <= {1, 2}
    assert "Northside Clinic: Su solicitud va en camino." in shown.stdout
    spanish = cli("sms", "templates", "--language", "es", environ=settings)
    assert ".en  " not in spanish.stdout


def test_points_are_shown_and_chosen_and_the_choice_is_in_the_record(two):
    before = cli("sms", "status", environ=two)
    assert re.search(r"twilio\s+100 of 100, at rest 100; 0 errors", before.stdout), before.stdout
    chosen = cli("sms", "weights", "twilio=70", "kannel=30", environ=two)
    assert chosen.stdout.strip() == "Chosen: twilio 70, kannel 30", chosen.stderr
    after = cli("sms", "status", environ=two)
    assert re.search(r"kannel\s+30 of 100, at rest 30", after.stdout)
    assert re.search(r"twilio\s+70 of 100, at rest 70", after.stdout)


@pytest.mark.parametrize(
    "points",
    [
        ("twilio=100",),
        ("twilio=70", "kannel=20"),
        ("twilio=x", "kannel=30"),
        ("twilio=50", "aws=50"),
    ],
)
def test_points_that_do_not_fit_are_refused_and_nothing_is_chosen(two, points):
    refused = cli("sms", "weights", *points, environ=two)
    assert refused.returncode == 1
    assert "100 in all" in refused.stderr
    assert "at rest 100" in cli("sms", "status", environ=two).stdout


def test_without_a_provider_there_is_nothing_to_weigh(settings):
    refused = cli("sms", "status", environ=settings)
    assert refused.returncode == 1
    assert "LOOPKEEPER_SMS_URL" in refused.stderr
