"""Three rates over one cohort; what nobody knows is a remainder, never a yes."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain import measures
from service.domain.measures import Counted, Rate
from service.domain.outcome import Disposition, NeedMet

REFERRALS = st.lists(
    st.builds(
        Counted,
        sent=st.booleans(),
        void=st.booleans(),
        withdrawn_unanswered=st.booleans(),
        answered=st.booleans(),
        disposition=st.none() | st.sampled_from(Disposition),
        need_met=st.sampled_from(NeedMet),
    )
)


def test_closed_is_not_helped():
    closed = [
        Counted(sent=True, answered=True, disposition=Disposition.NOT_SERVED, need_met=NeedMet.NO),
        Counted(sent=True, answered=True, disposition=Disposition.SERVED),
        Counted(sent=True, disposition=Disposition.NOT_SERVED),
        Counted(sent=True, answered=True),
    ]
    answered, served, met = measures.rates(closed)
    assert (answered.yes, answered.unknown) == (3, 1)
    assert (served.yes, served.no, served.unknown) == (1, 2, 1)
    assert (met.yes, met.no, met.unknown) == (0, 1, 3)
    assert [share.ratio for share in (answered, served, met)] == [0.75, 0.25, 0.0]


def test_partly_is_shown_beside_and_raises_no_rate():
    partly = Counted(sent=True, disposition=Disposition.PARTLY_SERVED, need_met=NeedMet.PARTLY)
    _, served, met = measures.rates([partly])
    assert (served.partly, served.ratio) == (1, 0.0)
    assert (met.partly, met.ratio) == (1, 0.0)


def test_drafts_errors_and_what_was_withdrawn_in_time_are_nobodys_failure():
    out = [
        Counted(sent=False),
        Counted(sent=True, void=True),
        Counted(sent=True, withdrawn_unanswered=True),
    ]
    assert [share.of for share in measures.rates(out)] == [0, 0, 0]
    assert [share.ratio for share in measures.rates(out)] == [None, None, None]


@given(REFERRALS)
def test_the_three_rates_share_one_denominator(referrals):
    shares = measures.rates(referrals)
    cohort = sum(measures.in_cohort(referral) for referral in referrals)
    assert [share.of for share in shares] == [cohort] * 3
    assert [share.rate for share in shares] == [row.rate for row in measures.MEASURES]


def test_every_rate_says_how_it_is_counted():
    assert {row.rate for row in measures.MEASURES} == set(Rate)
    assert all(row.denominator and row.excludes and row.remainder for row in measures.MEASURES)
