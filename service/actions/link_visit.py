"""A visit through a link: what its cookies stand for, read again for every request."""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import take_step
from service.actions.office import Office
from service.actions.take_step import Order, Wish
from service.domain.people import Actor, ActorKind, Source
from service.domain.rules import Step
from service.store import link_sessions
from service.store.pool import Scope


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who entered a link's code: one leg, one browser, one organization.

    `secret` is the hash of the session's cookie; forms are bound to it. `worker_id` is who said
    who they are, once `stepped_up`; `request_id` is the request that this visit asks in.
    """

    id: UUID
    link_id: UUID
    org_id: UUID
    leg_id: UUID
    referral_id: UUID
    worker_id: UUID | None
    stepped_up: bool
    enrolled: bool
    language: str
    time_zone: str
    public_name: str
    secret: bytes
    request_id: str | None = None

    @property
    def actor(self) -> Actor:
        """Who acts, as the rules and the record know it."""
        bare = actor_of(self.org_id, self.link_id, session_id=self.id, stepped_up=self.stepped_up)
        return msgspec.structs.replace(bare, worker_id=self.worker_id, request_id=self.request_id)


def actor_of(
    org_id: UUID, link_id: UUID, *, session_id: UUID | None = None, stepped_up: bool = False
) -> Actor:
    """Make the actor of a link."""
    return Actor(
        kind=ActorKind.LINK,
        org_id=org_id,
        link_id=link_id,
        session_id=session_id,
        stepped_up=stepped_up,
    )


async def visit(
    office: Office, session: bytes, *, browser: bytes | None, now: datetime
) -> Visit | None:
    """Find the visit of a session cookie's hash and the binding of the same browser, or nothing.

    Nothing is kept between requests: a link, mailbox, organization or session that was ended is
    gone with the next request. `now` is real time: 15 minutes idle, 60 in all.
    """
    async with office.db.transaction(Scope(lookup=session)) as connection:
        row = await link_sessions.find(connection, session, now=now)
    if row is None:
        return None
    async with office.db.transaction(Scope(org_id=row.org_id)) as connection:
        standing = await link_sessions.standing(connection, row.id, now=now)
    if standing is None or standing.browser != browser:
        return None
    return Visit(
        id=row.id,
        link_id=row.link_id,
        org_id=row.org_id,
        leg_id=row.leg_id,
        referral_id=row.referral_id,
        worker_id=row.worker_id,
        stepped_up=row.stepped_up,
        enrolled=standing.enrolled,
        language=standing.language,
        time_zone=standing.time_zone,
        public_name=standing.public_name,
        secret=session,
    )


async def receive(office: Office, org_id: UUID, *, link_id: UUID, leg_id: UUID) -> None:
    """Take the leg in, because a person has proved to be there; never for a page that was fetched.

    A leg that was taken in before, or is over, stays as it is.
    """
    order = Order(leg_id=leg_id, wishes=(Wish(step=Step.RECEIVE),), source=Source.LINK)
    try:
        await take_step.take_step(office, actor_of(org_id, link_id), order)
    except (faults.StepRefused, faults.Missing, faults.Stale, faults.Busy):
        # Any later answer takes the leg in as well; the visit does not hang on this.
        return


async def leave(office: Office, visit: Visit, *, now: datetime) -> None:
    """End a visit at the wish of who makes it."""
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        await link_sessions.end(connection, visit.id, now=now)
