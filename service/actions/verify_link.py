"""Enter the code of a link: a try is spent first, and one of a hundred racing entries wins."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from crypto import primitives, token
from service.actions import link_visit, mint_link
from service.actions.office import Office
from service.domain import ids
from service.store import link_sessions, links
from service.store.links import CodeRow, Line
from service.store.pool import Connection, Scope

DELAY_AT = 10
FREEZE_AT = 20
"""Wrong codes of one link until nobody may try for a while, and until it is frozen.

Source: links.md 6; a fresh code resets neither, only a right one does.
"""

_DELAY = timedelta(minutes=30)
_NEVER = datetime.fromtimestamp(0, tz=UTC)


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser entered: the hash of its binding, and 8 digits that are in form."""

    browser: bytes
    code: str
    remember: bool = False

    def __repr__(self) -> str:
        return "<entered code>"


class _Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is bound to a link, and to no decoy."""

    id: UUID
    link_id: UUID
    org_id: UUID


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets of a new visit, for the browser alone; `known` where it is remembered."""

    session: str
    known: str | None

    def __repr__(self) -> str:
        return "<opened visit>"


async def verify_link(office: Office, entered: Entered, *, now: datetime) -> Opened | None:
    """Open a visit for a right code, or nothing; why not is nobody's business.

    The try of the browser and the guess of the link are spent and committed before anything is
    compared. A person who came in takes the leg in. `now` is real time.
    """
    async with office.db.transaction(Scope(lookup=entered.browser)) as connection:
        challenge = await link_sessions.spend(connection, entered.browser, now=now)
    if challenge is None or challenge.link_id is None or challenge.org_id is None:
        await matching(office, [], ids.new_id(), code=entered.code)
        return None
    bound = _Bound(id=challenge.id, link_id=challenge.link_id, org_id=challenge.org_id)
    async with office.db.transaction(Scope(org_id=bound.org_id)) as connection:
        count = await links.spend(connection, bound.link_id, now=now)
        codes = await links.codes(connection, bound.link_id, now=now)
    if count is None:
        await matching(office, [], bound.link_id, code=entered.code)
        return None
    found = await matching(office, codes, bound.link_id, code=entered.code)
    if found is None:
        await _wrong(office, bound, count=count, now=now)
        return None
    return await _claim(office, bound, entered, found=found, now=now)


async def matching(
    office: Office, codes: list[CodeRow], link_id: UUID, *, code: str
) -> CodeRow | None:
    """Find the code that was entered; every code is compared, and one where there is none."""
    given, found = code.encode(), None
    for row in codes:
        right = await mint_link.code_for(office.keys, link_id, at=row.window_start)
        if primitives.same(given, right.encode()):
            found = row
    if not codes:
        right = await mint_link.code_for(office.keys, link_id, at=_NEVER)
        primitives.same(given, right.encode())
    return found


class _Late(Exception):
    """The code was right and somebody else used it first."""


async def _claim(
    office: Office, bound: _Bound, entered: Entered, *, found: CodeRow, now: datetime
) -> Opened | None:
    opened = Opened(session=token.new_secret().text, known=None)
    if entered.remember:
        opened = msgspec.structs.replace(opened, known=token.new_secret().text)
    try:
        async with office.db.transaction(Scope(org_id=bound.org_id)) as connection:
            leg_id = await _open(connection, bound, opened, window=found.window_start, now=now)
    except _Late:
        # Knowing the code is no guess, so it does not bring the link nearer to being frozen.
        async with office.db.transaction(Scope(org_id=bound.org_id)) as connection:
            await links.refund(connection, bound.link_id)
        return None
    await link_visit.receive(office, bound.org_id, link_id=bound.link_id, leg_id=leg_id)
    return opened


async def _open(
    connection: Connection,
    bound: _Bound,
    opened: Opened,
    *,
    window: datetime,
    now: datetime,
) -> UUID:
    """Use code and challenge and write the session, all of it or nothing; raises _Late."""
    link_id, org_id = bound.link_id, bound.org_id
    if not await links.claim_code(connection, link_id, window=window, now=now):
        raise _Late
    if not await link_sessions.claim(connection, bound.id, now=now):
        raise _Late
    if not await links.seen(connection, link_id):
        raise _Late
    session_id = await link_sessions.open_session(
        connection,
        link_id,
        secret_hash=token.secret_hash(opened.session),
        challenge_id=bound.id,
        now=now,
    )
    if opened.known is not None:
        known = token.secret_hash(opened.known)
        await link_sessions.remember(connection, known, link_id=link_id, org_id=org_id, now=now)
    actor = link_visit.actor_of(org_id, link_id, session_id=session_id)
    line = Line(action="link.verified", resource_kind="link", resource_id=link_id)
    await links.record(connection, actor, line)
    return await links.leg_of(connection, link_id)


async def _wrong(office: Office, bound: _Bound, *, count: int, now: datetime) -> None:
    """Record a wrong code; the tenth delays everybody, the twentieth freezes the link."""
    async with office.db.transaction(Scope(org_id=bound.org_id)) as connection:
        actor = link_visit.actor_of(bound.org_id, bound.link_id)
        line = Line(
            action="link.verified",
            outcome="denied",
            resource_kind="link",
            resource_id=bound.link_id,
        )
        await links.record(connection, actor, line)
        if count == DELAY_AT:
            await links.delay(connection, bound.link_id, until=now + _DELAY)
        if count >= FREEZE_AT:
            await _freeze(connection, bound.org_id, link_id=bound.link_id, now=now)


async def _freeze(connection: Connection, org_id: UUID, *, link_id: UUID, now: datetime) -> None:
    ended = await links.end(
        connection, link_id, state="frozen", reason="too_many_wrong_codes", now=now
    )
    if ended:
        line = Line(action="link.frozen", resource_kind="link", resource_id=link_id)
        await links.record(connection, link_visit.actor_of(org_id, link_id), line)
        await links.tell_frozen(connection, link_id)
        await links.ask_for_call(connection, link_id, reason="link_was_frozen")
