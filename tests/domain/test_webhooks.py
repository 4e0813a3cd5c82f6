"""Which addresses are fit to be told, and how long one that fails is tried."""

from datetime import timedelta

import pytest

from service.domain import webhooks as rules


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://ehr.example.org/hook?t=1", True),
        ("https://ehr.example.org:8443/hook", True),
        ("https://ehr.example.org:25/", False),
        ("http://ehr.example.org/", False),
        ("http://127.0.0.1:9000/", False),
        ("https://ana:secret@ehr.example.org/", False),
        ("https://ehr.example.org/#part", False),
        ("https:///nowhere", False),
        ("https://ehr.example.org:99999/", False),
        ("ftp://ehr.example.org/", False),
        ("https://ehr.example.org/a b", False),
        ("https://ehr.example.org/\r\nx: y", False),
        ("https://[::1", False),
        ("", False),
        ("https://ehr.example.org/" + "a" * 500, False),
    ],
)
def test_only_https_without_credentials_is_fit(url: str, fits: bool) -> None:
    assert rules.is_fit(url, loopback=False) is fits


def test_a_demonstration_may_tell_this_machine_without_https() -> None:
    assert rules.is_fit("http://127.0.0.1:9000/", loopback=True)
    assert not rules.is_fit("http://10.0.0.1/", loopback=True)


def test_the_waits_grow_end_after_three_days_and_heed_the_receiver() -> None:
    assert rules.after_failure(1, jitter=0) == timedelta(seconds=5)
    assert rules.after_failure(1, jitter=0, asked=timedelta(minutes=2)) == timedelta(minutes=2)
    assert rules.after_failure(1, jitter=0, asked=timedelta(days=9)) == timedelta(days=1)
    assert rules.after_failure(len(rules.WAITS) + 1, jitter=0) is None
