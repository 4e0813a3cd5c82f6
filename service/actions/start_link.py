"""The one button of a link: mail a code, a fresh link or "closed", and always look the same."""

from datetime import UTC, datetime, timedelta

import msgspec

from crypto import token
from service.actions import link_visit
from service.actions.office import Office
from service.domain import leg as legs
from service.domain.effects import EffectKind
from service.store import link_sessions, links
from service.store.link_sessions import Remembered
from service.store.links import Asked, Held, Line, LinkRow
from service.store.pool import Connection, Scope

CODES_LATELY = 3
CODES_TODAY = 10
"""Mails that the button of one link causes in 15 minutes, and in a day. Source: links.md 5."""

_CODE_LIVES = timedelta(minutes=10)
_NEWS_LIVES = timedelta(days=1)


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """A press of the button: hashes of the link's secret and of what the browser brought."""

    secret: bytes
    browser: bytes | None = None
    known: bytes | None = None
    visit: bytes | None = None


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser gets: a binding for any link at all, a session where it is remembered.

    `browser` is None where the browser keeps the binding it has; `inside` says that its visit by
    this link still goes on.
    """

    browser: str | None
    session: str | None = None
    inside: bool = False

    def __repr__(self) -> str:
        return "<started>"


async def start_link(office: Office, pressed: Pressed, *, now: datetime) -> Started:
    """Do what the button of a link does; `now` is real time.

    Nothing here tells a live link from a dead or an unknown one: each ends in a binding and the
    page of the code. Only a browser that was remembered for this mailbox goes on at once.
    """
    async with office.db.transaction(Scope(lookup=pressed.secret)) as connection:
        link = await links.find(connection, pressed.secret)
    if link is None:
        return await _bind(office, pressed, link=None, now=now)
    if await _inside(office, pressed, link, now=now):
        return Started(browser=None, inside=True)
    was = await _remembered(office, pressed.known, now=now)
    async with office.db.transaction(Scope(org_id=link.org_id)) as connection:
        held = await links.hold(connection, link.id)
        if held is None or not held.reachable or held.state != "live":
            usable, going = False, None
        else:
            usable = not held.expired
            going = await _go_on(connection, link, was, now=now) if usable else None
            if going is None:
                await _mail(connection, link, held, now=now)
    if going is not None:
        await link_visit.receive(office, link.org_id, link_id=link.id, leg_id=link.leg_id)
        return going
    return await _bind(office, pressed, link=link if usable else None, now=now)


async def _inside(office: Office, pressed: Pressed, link: LinkRow, *, now: datetime) -> bool:
    """Say whether this browser is in by this link already: it opened the mail once more."""
    if pressed.visit is None:
        return False
    found = await link_visit.visit(office, pressed.visit, browser=pressed.browser, now=now)
    return found is not None and found.link_id == link.id


async def ask_again(office: Office, browser: bytes, *, now: datetime) -> None:
    """Ask for another code from the page of the code; a decoy, or a limit, changes nothing."""
    async with office.db.transaction(Scope(lookup=browser)) as connection:
        pressed = await link_sessions.pressed(connection, browser, now=now)
    if pressed is None or pressed.link_id is None:
        return
    async with office.db.transaction(Scope(org_id=pressed.org_id)) as connection:
        link = await links.known(connection, pressed.link_id)
        held = await links.hold(connection, pressed.link_id)
        if link is not None and held is not None and held.reachable and held.state == "live":
            await _mail(connection, link, held, now=now)


async def _remembered(office: Office, known: bytes | None, *, now: datetime) -> Remembered | None:
    if known is None:
        return None
    async with office.db.transaction(Scope(lookup=known)) as connection:
        return await link_sessions.remembered(connection, known, now=now)


async def _mail(connection: Connection, link: LinkRow, held: Held, *, now: datetime) -> None:
    """Queue what this link's address is due, if it is due anything."""
    asked = await links.asked(connection, link.id, now=now)
    if asked.living or asked.lately >= CODES_LATELY or asked.today >= CODES_TODAY:
        return
    kind, lives = EffectKind.LINK_CODE, _CODE_LIVES
    if held.expired:
        live = held.leg_state in legs.LIVE
        kind, lives = EffectKind.LINK_FRESH if live else EffectKind.CLOSED, _NEWS_LIVES
    await links.ask(
        connection, link.id, kind=kind, window=window_of(asked, now=now), now=now, lives=lives
    )
    line = Line(
        action="link.pressed",
        resource_kind="link",
        resource_id=link.id,
        referral_id=link.referral_id,
        detail={"mails": kind},
    )
    await links.record(connection, link_visit.actor_of(link.org_id, link.id), line)


def window_of(asked: Asked, *, now: datetime) -> datetime:
    """Name the ten minutes a new code belongs to: this window, or the next that had none.

    A used code must not come back, so a second code in one window takes the next one's.
    """
    start = now.timestamp() // token.CODE_WINDOW_SECONDS * token.CODE_WINDOW_SECONDS
    window = datetime.fromtimestamp(start, tz=UTC)
    if asked.last_window is None or asked.last_window < window:
        return window
    return asked.last_window + timedelta(seconds=token.CODE_WINDOW_SECONDS)


async def _bind(
    office: Office, pressed: Pressed, *, link: LinkRow | None, now: datetime
) -> Started:
    """Bind the browser to the link, or to nothing, which looks the same."""
    link_id = link.id if link is not None else None
    org_id = link.org_id if link is not None else None
    if pressed.browser is not None:
        scope = Scope(org_id=org_id, lookup=pressed.browser)
        async with office.db.transaction(scope) as connection:
            if await link_sessions.extend(connection, pressed.browser, link_id=link_id, now=now):
                return Started(browser=None)
    made = token.new_secret()
    async with office.db.transaction(Scope(org_id=org_id, lookup=made.digest)) as connection:
        await link_sessions.challenge(
            connection, made.digest, link_id=link_id, org_id=org_id, now=now
        )
    return Started(browser=made.text)


async def _go_on(
    connection: Connection, link: LinkRow, was: Remembered | None, *, now: datetime
) -> Started | None:
    """Open a session for a browser remembered here: for the card, never for identity."""
    if was is None or not await link_sessions.is_remembered_here(connection, was, link_id=link.id):
        return None
    browser, session = token.new_secret(), token.new_secret()
    challenge_id = await link_sessions.used_challenge(
        connection, browser.digest, link_id=link.id, org_id=link.org_id, now=now
    )
    session_id = await link_sessions.open_session(
        connection, link.id, secret_hash=session.digest, challenge_id=challenge_id, now=now
    )
    await links.seen(connection, link.id)
    await links.record(
        connection,
        link_visit.actor_of(link.org_id, link.id, session_id=session_id),
        Line(action="link.remembered", resource_kind="link", resource_id=link.id),
    )
    return Started(browser=browser.text, session=session.text)
