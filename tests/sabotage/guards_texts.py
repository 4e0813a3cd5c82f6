"""Guards of what goes to phones and of who answers for a loop; a year finds them out as well."""

from tests.sabotage.guard import Guard

_TEXTS = "tests/workers/test_patient_texts.py"

TEXTS = (
    Guard(
        name="nobody is texted by night",
        file="service/domain/text_hours.py",
        text="    return low <= calendars.local(at, zone).hour < high\n",
        instead="    return True\n",
        test=f"{_TEXTS}::test_a_text_waits_for_the_day_of_the_patient_s_own_zone",
    ),
    Guard(
        name="nobody is texted twice a day",
        file="service/domain/text_hours.py",
        text="        if any(calendars.local(each, zone).date() == day for each in lately):\n",
        instead="        if False:\n",
        test=f"{_TEXTS}::test_two_texts_in_a_day_become_one_today_and_one_tomorrow",
    ),
    Guard(
        name="a loop that nobody answers moves to a coordinator",
        file="workers/ladder.py",
        text="    owner = await escalate.move(connection, waited)\n",
        instead=(
            "    owner = Owner(org_id=waited.owner_org_id, member_id=waited.owner_member_id)\n"
        ),
        test="tests/workers/test_ladder.py::test_each_of_the_ten_clocks_climbs_the_ladder",
    ),
)
