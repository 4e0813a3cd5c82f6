"""Why is this open: whose turn it is, since when, what happens next and when, in one sentence."""

from datetime import datetime, timedelta

import msgspec

from service.domain import calendars, clocks, ladder, sentences
from service.domain.leg import LIVE, LegState
from service.domain.referral import OPEN, ReferralState
from service.domain.sentences import Words


class WhyTimer(msgspec.Struct, frozen=True, kw_only=True):
    """The armed timer: when we speak next, on which rung, and when it moves to whom.

    Nobody by name is "".
    """

    next_at: datetime
    rung: int = 0
    moves_at: datetime | None = None
    moves_to: str = ""


class WhyLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One live leg, under the recipient's name that this reader may see."""

    recipient: str
    state: LegState
    since: datetime
    appointment_at: datetime | None = None
    timer: WhyTimer | None = None


class WhyView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the sentence needs; `owner` answers for the loop, `zone` is the reader's."""

    state: ReferralState
    since: datetime
    sender: str
    owner: str
    now: datetime
    zone: str
    legs: tuple[WhyLeg, ...] = ()
    timer: WhyTimer | None = None


_REFERRER_TURNS = frozenset(
    state for state in LIVE if clocks.clock_of_leg(state) in clocks.REFERRER_CLOCKS
)


def why_open(view: WhyView, *, language: str = "en") -> str:
    """Say in one plain sentence why a referral is open; "" where it is not.

    An unknown language is answered in English.
    """
    if view.state not in OPEN:
        return ""
    words = sentences.LANGUAGES.get(language, sentences.ENGLISH)
    live = sorted((leg for leg in view.legs if leg.state in LIVE), key=_urgency)
    if live:
        text = _of_leg(words, view, live[0]) + _others(words, len(live) - 1)
    else:
        text = _of_referral(words, view)
    return text[0].upper() + text[1:] + "."


def _urgency(leg: WhyLeg) -> tuple[bool, datetime]:
    """Order legs by whose timer rings first; those without one by the longest wait, last."""
    return (leg.timer is None, leg.timer.next_at if leg.timer is not None else leg.since)


def _of_leg(words: Words, view: WhyView, leg: WhyLeg) -> str:
    referrers = leg.state in _REFERRER_TURNS
    return _turn(words, view, leg) + _next(words, view, leg.timer, referrers=referrers)


def _turn(words: Words, view: WhyView, leg: WhyLeg) -> str:
    visit = leg.appointment_at if leg.state is LegState.SCHEDULED else None
    if visit is not None and visit > view.now:
        return words.awaited.format(recipient=leg.recipient, when=_moment(words, view, visit))
    since = _day(words, view, visit or leg.since)
    return words.turns[leg.state].format(recipient=leg.recipient, sender=view.sender, since=since)


def _of_referral(words: Words, view: WhyView) -> str:
    """Speak of the referral itself; without a live leg nobody is working on it, come what may."""
    phrase = words.review if view.state is ReferralState.AWAITING_REVIEW else words.route
    turn = phrase.format(owner=view.owner, since=_day(words, view, view.since))
    return turn + _next(words, view, view.timer, referrers=True)


def _others(words: Words, count: int) -> str:
    if not count:
        return ""
    one, many = words.others
    return one if count == 1 else many.format(count=count)


def _next(words: Words, view: WhyView, timer: WhyTimer | None, *, referrers: bool) -> str:
    if timer is None:
        return words.on_list
    if timer.moves_at is not None and timer.rung == ladder.MOVES:
        return _moves(words, view, timer, timer.moves_at)
    text = _phrase(words, timer, referrers=referrers).format(
        owner=view.owner, when=_moment(words, view, timer.next_at)
    )
    if timer.moves_at is None:
        return text
    return text + _moves(words, view, timer, timer.moves_at)


def _phrase(words: Words, timer: WhyTimer, *, referrers: bool) -> str:
    if timer.rung > ladder.MOVES:
        return words.reports
    if timer.rung == ladder.SECOND:
        return words.second
    return words.remind if referrers else words.ask_again


def _moves(words: Words, view: WhyView, timer: WhyTimer, at: datetime) -> str:
    phrase = words.moves if timer.moves_to else words.moves_to_somebody
    return phrase.format(name=timer.moves_to, when=_day(words, view, max(at, view.now)))


def _moment(words: Words, view: WhyView, at: datetime) -> str:
    if at <= view.now:
        return words.right_now
    wall = calendars.local(at, view.zone)
    time = f"{wall.hour}:{wall.minute:02}"
    return words.at.format(day=_day(words, view, at), time=time)


def _day(words: Words, view: WhyView, at: datetime) -> str:
    """Name a day as people do: today and its neighbours, a weekday within six days, else a date."""
    day = calendars.local(at, view.zone).date()
    today = calendars.local(view.now, view.zone).date()
    near = {0: words.today, -1: words.yesterday, 1: words.tomorrow}
    distance = (day - today) // timedelta(days=1)
    if distance in near:
        return near[distance]
    if abs(distance) < 7:
        return words.days[day.weekday()]
    date = words.date.format(month=words.months[day.month - 1], day=day.day)
    return date if day.year == today.year else f"{date}, {day.year}"
