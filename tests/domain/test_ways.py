"""Every kind of work has its way out: a page on which it is done, or it is only called done."""

from uuid import UUID

import pytest

from service.domain import ways
from templates import words

ANY = UUID(int=1)


@pytest.mark.parametrize("kind", words.WORDS["task"])
def test_every_kind_of_work_has_its_way(kind: str) -> None:
    path = ways.way(kind, ANY, ANY, ANY)
    assert bool(path) != (kind in ways.ELSEWHERE)
    assert (kind in words.WORDS["task_way"]) == bool(path)


def test_a_way_is_found_by_what_the_record_knows() -> None:
    assert ways.way("call_recipient", ANY, None, None) == f"/referrals/{ANY}"
    assert ways.way("message_retracted", None, ANY, None) == "/threads"
    assert not ways.way("consent_age", ANY, ANY, None)
