"""Enter the code of a text: a try is spent first, and one of a hundred racing entries wins."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crypto import token
from service.actions import start_page, verify_link
from service.actions.office import Office
from service.domain import ids
from service.store import audit, hearing, patient_links, patient_visits
from service.store.links import CodeRow
from service.store.patient_links import PatientLinkRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

_DELAY = timedelta(minutes=30)


class _Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is bound to a link, and to no decoy."""

    visit_id: UUID
    link: PatientLinkRow

    @property
    def scope(self) -> Scope:
        return Scope(org_id=self.link.org_id)


async def verify_page(office: Office, browser: bytes, *, code: str, now: datetime) -> str | None:
    """Begin a visit for a right code and return its secret, or nothing, without saying why.

    The try of the browser and the guess of the link are spent and committed before anything is
    compared. `now` is real time.
    """
    bound = await _spent(office, browser, now=now)
    if bound is None:
        await verify_link.matching(office, [], ids.new_id(), code=code)
        return None
    async with office.db.transaction(bound.scope) as connection:
        count = await patient_links.spend(connection, bound.link.id, now=now)
        codes = await patient_links.codes(connection, bound.link.id, now=now)
    tried = codes if count is not None else []
    found = await verify_link.matching(office, tried, bound.link.id, code=code)
    if found is not None:
        return await _claim(office, bound, found=found, now=now)
    if count is not None:
        await _wrong(office, bound, count=count, now=now)
    return None


async def _spent(office: Office, browser: bytes, *, now: datetime) -> _Bound | None:
    async with office.db.transaction(Scope(lookup=browser)) as connection:
        spent = await patient_visits.spend(connection, browser, now=now)
    if spent is None or spent.patient_link_id is None or spent.org_id is None:
        return None
    async with office.db.transaction(Scope(org_id=spent.org_id)) as connection:
        link = await patient_links.known(connection, spent.patient_link_id)
    return _Bound(visit_id=spent.id, link=link) if link is not None else None


class _Late(Exception):
    """The code was right and somebody else used it first."""


async def _claim(office: Office, bound: _Bound, *, found: CodeRow, now: datetime) -> str | None:
    made = token.new_secret()
    scope = Scope(org_id=bound.link.org_id, lookup=made.digest)
    try:
        async with office.db.transaction(scope) as connection:
            await _enter(connection, bound, made.digest, window=found.window_start, now=now)
    except _Late:
        # Knowing the code is no guess, so it does not bring the link nearer to being frozen.
        async with office.db.transaction(bound.scope) as connection:
            await patient_links.refund(connection, bound.link.id)
        return None
    return made.text


async def _enter(
    connection: Connection, bound: _Bound, session: bytes, *, window: datetime, now: datetime
) -> None:
    """Use code and binding and begin the visit, all of it or nothing; raises _Late."""
    if not await patient_links.claim_code(connection, bound.link.id, window=window, now=now):
        raise _Late
    if not await patient_visits.enter(connection, bound.visit_id, session_hash=session, now=now):
        raise _Late
    if not await patient_links.entered(connection, bound.link.id):
        raise _Late
    await _record(connection, bound, "page.verified")


async def _wrong(office: Office, bound: _Bound, *, count: int, now: datetime) -> None:
    """Record a wrong code; the tenth delays everybody, the twentieth ends the link."""
    async with office.db.transaction(bound.scope) as connection:
        await _record(connection, bound, "page.verified", outcome="denied")
        if count == verify_link.DELAY_AT:
            await patient_links.delay(connection, bound.link.id, until=now + _DELAY)
        if count >= verify_link.FREEZE_AT and await patient_links.freeze(connection, bound.link.id):
            await patient_visits.end_of_link(connection, bound.link.id, now=now)
            await _record(connection, bound, "page.frozen")
            await hearing.task(
                connection, "patient_link_frozen", referral_id=bound.link.referral_id
            )


async def _record(
    connection: Connection, bound: _Bound, action: str, *, outcome: str = "done"
) -> None:
    link = bound.link
    line = AuditRow(
        org_id=link.org_id,
        action=action,
        resource_kind="referral",
        resource_id=link.referral_id,
    )
    actor = start_page.actor_of(link.org_id, link.id, visit_id=bound.visit_id)
    await audit.insert(connection, actor, line, outcome=outcome)
