"""A visit to a patient's page: what its cookies stand for, read again for every request."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.actions import start_page
from service.actions.office import Office
from service.domain.patient import SafeContact
from service.domain.people import Actor, SensitivityClass
from service.domain.policy import Resource
from service.store import audit, patient_visits
from service.store.pool import Scope
from service.store.rows import AuditRow


class PageVisit(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who entered a text's code: one contact, one referral, one browser.

    `secret` is the hash of the session's cookie; forms are bound to it. `names`: whether the page
    may name anybody, as a text to this phone may.
    """

    id: UUID
    link_id: UUID
    org_id: UUID
    referral_id: UUID
    contact_id: UUID
    number_id: UUID
    language: str
    time_zone: str
    names: bool
    names_us: bool
    sensitivity: SensitivityClass
    secret: bytes
    request_id: str | None = None

    @property
    def actor(self) -> Actor:
        """Who acts, as the policy and the record know it."""
        bare = start_page.actor_of(self.org_id, self.link_id, visit_id=self.id)
        return msgspec.structs.replace(bare, request_id=self.request_id)

    @property
    def resource(self) -> Resource:
        """What this visit is about, to the policy."""
        return Resource(org_id=self.org_id, link_id=self.link_id, sensitivity=self.sensitivity)

    @property
    def scope(self) -> Scope:
        """Whose eyes its transactions have: its organization's, and its own proof."""
        return Scope(org_id=self.org_id, lookup=self.secret)


async def visit(
    office: Office, session: bytes, *, browser: bytes | None, now: datetime
) -> PageVisit | None:
    """Find the visit of a session cookie's hash and the binding of the same browser, or nothing.

    Nothing is kept between requests: a link, contact, consent, number, referral or visit that was
    ended is gone with the next request. `now` is real time: 15 minutes idle, 60 in all.
    """
    async with office.db.transaction(Scope(lookup=session)) as connection:
        row = await patient_visits.find(connection, session, now=now)
    if row is None or row.browser != browser:
        return None
    async with office.db.transaction(Scope(org_id=row.org_id)) as connection:
        on = await patient_visits.standing(connection, row.id, now=now)
    if on is None or not start_page.may_be_told(on.classes, on.sensitivity):
        return None
    safe = msgspec.convert(on.safe_contact, SafeContact)
    sensitivity = SensitivityClass(on.sensitivity)
    return PageVisit(
        id=row.id,
        link_id=row.patient_link_id,
        org_id=row.org_id,
        referral_id=on.referral_id,
        contact_id=on.contact_id,
        number_id=on.number_id,
        language=on.language,
        time_zone=on.time_zone,
        names=not safe.shared_phone and sensitivity is SensitivityClass.GENERAL,
        names_us=not safe.shared_phone and safe.name_us,
        sensitivity=sensitivity,
        secret=session,
    )


async def leave(office: Office, visit: PageVisit, *, now: datetime) -> None:
    """End a visit at the wish of who makes it."""
    async with office.db.transaction(visit.scope) as connection:
        await patient_visits.end(connection, visit.id, now=now)
        line = AuditRow(
            org_id=visit.org_id,
            action="page.left",
            resource_kind="referral",
            resource_id=visit.referral_id,
        )
        await audit.insert(connection, visit.actor, line)
