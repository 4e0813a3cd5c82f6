"""The one button behind a text's link: text a code to the phone on file, look always the same."""

from datetime import datetime
from uuid import UUID

import msgspec

from crypto import token
from service.actions import start_link
from service.actions.office import Office
from service.domain import consent
from service.domain.people import Actor, ActorKind, SensitivityClass
from service.store import audit, patient_links, patient_visits
from service.store.patient_links import HeldLink, PatientLinkRow
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


class PagePressed(msgspec.Struct, frozen=True, kw_only=True):
    """A press of the button: hashes of the link's secret and of what the browser brought."""

    secret: bytes
    browser: bytes | None = None


def actor_of(org_id: UUID, link_id: UUID, *, visit_id: UUID | None = None) -> Actor:
    """Make the actor of a patient's page."""
    return Actor(kind=ActorKind.PATIENT, org_id=org_id, link_id=link_id, session_id=visit_id)


def may_be_told(classes: list[str], sensitivity: str) -> bool:
    """Say whether this contact may still hear of a request of this class."""
    return consent.may_tell(classes, SensitivityClass(sensitivity))


async def start_page(office: Office, pressed: PagePressed, *, now: datetime) -> str | None:
    """Do what the button does; answer a new binding, or None where the browser keeps its own.

    Nothing here tells a live link from a dead or an unknown one. A phone that said stop is sent no
    code: the page says to everybody how to take that back, and whom to call. `now` is real time.
    """
    async with office.db.transaction(Scope(lookup=pressed.secret)) as connection:
        link = await patient_links.find(connection, pressed.secret)
    if link is not None and not await _asked(office, link, now=now):
        link = None
    return await _bind(office, pressed, link=link, now=now)


async def ask_again(office: Office, browser: bytes, *, now: datetime) -> None:
    """Ask for another code from the page of the code; a decoy, or a limit, changes nothing."""
    async with office.db.transaction(Scope(lookup=browser)) as connection:
        bound = await patient_visits.pressed(connection, browser, now=now)
    if bound is None or bound.org_id is None or bound.patient_link_id is None:
        return
    async with office.db.transaction(Scope(org_id=bound.org_id)) as connection:
        link = await patient_links.known(connection, bound.patient_link_id)
    if link is not None:
        await _asked(office, link, now=now)


async def _asked(office: Office, link: PatientLinkRow, *, now: datetime) -> bool:
    """Queue a code where the limits allow one; False where the link leads nowhere any more."""
    async with office.db.transaction(Scope(org_id=link.org_id)) as connection:
        held = await patient_links.hold(connection, link.id)
        if held is None or not _good(held):
            return False
        if held.textable:
            await _text(connection, link, now=now)
    return True


def _good(held: HeldLink) -> bool:
    return held.live and held.standing and may_be_told(held.classes, held.sensitivity)


async def _text(connection: Connection, link: PatientLinkRow, *, now: datetime) -> None:
    asked = await patient_links.asked(connection, link.id, now=now)
    over = asked.lately >= start_link.CODES_LATELY or asked.today >= start_link.CODES_TODAY
    if asked.living or over:
        return
    window = start_link.window_of(asked, now=now)
    await patient_links.ask(connection, link.id, window=window, now=now)
    line = AuditRow(
        org_id=link.org_id,
        action="page.pressed",
        resource_kind="referral",
        resource_id=link.referral_id,
    )
    await audit.insert(connection, actor_of(link.org_id, link.id), line)


async def _bind(
    office: Office, pressed: PagePressed, *, link: PatientLinkRow | None, now: datetime
) -> str | None:
    """Bind the browser to the link, or to nothing, which looks the same."""
    link_id = link.id if link is not None else None
    org_id = link.org_id if link is not None else None
    if pressed.browser is not None:
        scope = Scope(org_id=org_id, lookup=pressed.browser)
        async with office.db.transaction(scope) as connection:
            kept = await patient_visits.extend(
                connection, pressed.browser, link_id=link_id, now=now
            )
            if kept:
                return None
    made = token.new_secret()
    async with office.db.transaction(Scope(org_id=org_id, lookup=made.digest)) as connection:
        await patient_visits.bind(connection, made.digest, link_id=link_id, org_id=org_id, now=now)
    return made.text
