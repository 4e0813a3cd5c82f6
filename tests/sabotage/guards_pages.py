"""Guards of the page behind the link in a patient's text."""

from tests.sabotage.guard import Guard

_PAGE = "tests/web/test_patient_link.py"

PAGES: tuple[Guard, ...] = (
    Guard(
        name="a code of a patient's page is used once",
        file="service/store/queries/patient_links.sql",
        text=" where patient_link_id = $1 and window_start = $2 and used_at is null\n",
        instead=" where patient_link_id = $1 and window_start = $2\n",
        test=f"{_PAGE}::test_of_many_who_enter_the_code_at_once_one_comes_in",
    ),
    Guard(
        name="a visit to a patient's page is good in its own browser",
        file="service/actions/page_visit.py",
        text="    if row is None or row.browser != browser:\n",
        instead="    if row is None:\n",
        test=f"{_PAGE}::test_a_visit_is_good_in_its_own_browser_only",
    ),
    Guard(
        name="care with a class has no pick-up words",
        file="service/domain/pickup.py",
        text="        and sensitivity == SensitivityClass.GENERAL\n",
        instead="",
        test="tests/domain/test_pickup.py::"
        "test_words_are_for_an_agency_by_link_that_owes_an_outcome_and_for_general_care",
    ),
    Guard(
        name="pick-up words are not searched for",
        file="service/web/pages/link_pickup.py",
        text="    await desk.of(request).limits.spend(limits.PICK_UP, str(visit.org_id))\n",
        instead="",
        test="tests/web/test_link_pickup.py::test_words_cannot_be_searched_for",
    ),
    Guard(
        name="only what an agency has taken on is handed out by word",
        file="service/store/queries/link_views.sql",
        text=" where l.org_id = $1 and l.state = any($3::text[]) and l.accepted_at >",
        instead=" where l.org_id = $1 and $3::text[] <> '{}' and lk.now() >",
        test="tests/web/test_link_pickup.py::test_words_of_what_is_not_theirs_are_not_heard",
    ),
    Guard(
        name="a phone that said stop is sent no code",
        file="service/actions/start_page.py",
        text="        if held.textable:\n",
        instead="        if True:\n",
        test=f"{_PAGE}::test_a_phone_that_said_stop_is_sent_no_code",
    ),
)
"""Each with the one test that must go red without it."""
