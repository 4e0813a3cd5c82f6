"""The callers of the table in a real database, and their browsers and programs."""

from typing import Any
from uuid import UUID

import msgspec

from crypto import token
from service import clock
from service.actions import agency_people
from service.actions.agency_people import AgencyPerson
from service.domain import ids
from service.domain.people import ActorKind, Capacity
from service.domain.rules import Step
from service.store.pool import Scope
from service.web.pages.link_words import FORM
from tests.making import Actor, Org
from tests.web import link_making
from tests.web.link_person import Person
from tests.web.matrix import marks
from tests.web.matrix.callers import AGENCIES, CALLERS, CAPACITIES, NETWORK, OWNER, Caller, Proof
from tests.web.site import Site

_UNDO_IS_OVER = "update lk.clock_offset set offset_by = '20 minutes'"


class Standing(msgspec.Struct, kw_only=True):
    """A caller as the stage has them: headers that prove it, and what their forms carry."""

    actor: Actor | None = None
    headers: dict[str, str] = {}
    csrf: str = ""
    visit: bytes = b""


class Stage:
    """Everybody of the table, what they are to one referral, and the records routes name."""

    def __init__(self, site: Site, owner: Any) -> None:
        self.site = site
        self.owner = owner
        self.orgs: dict[str, Org] = {}
        self.records: dict[str, Any] = {}
        self.standing: dict[str, Standing] = {}

    async def set_up(self) -> None:
        """Send a referral to everybody who takes part, and let everybody come on."""
        house = self.site.house
        for name in (NETWORK, *CAPACITIES.keys() - {NETWORK}, "gone"):
            self.orgs[name] = await house.organization(name.title(), cco=name == NETWORK)
        for name in AGENCIES:
            self.orgs[name] = await house.organization(
                name.title(), kind="social_service", channel="link", covered=False
            )
        await self._send()
        for caller in CALLERS:
            self.standing[caller.name] = await self._come_on(caller)

    async def _send(self) -> None:
        house, owner = self.site.house, self.orgs[OWNER]
        recipients = [self.orgs[name] for name in ("pantry", "shelter", "former", *AGENCIES)]
        patient = await house.patient(owner, identity=marks.WHO)
        self.taken = await house.sent(
            owner,
            recipients,
            mode="all_needed",
            consent_basis="signed_form",
            patient_id=patient.id,
            question=marks.QUESTION,
        )
        self.legs = {leg.org_id: leg.id for leg in self.taken.plan.referral.legs}
        former = self.orgs["former"]
        await house.step(former.actor, self.legs[former.id], Step.DECLINE)
        scope = Scope(org_id=owner.id, opening=self.taken.referral_id)
        async with house.office.db.transaction(scope) as connection:
            await connection.execute(
                "insert into party (org_id, referral_id, capacity, classes, started_at)"
                " values ($1, $2, $3, '{}', lk.now())",
                self.orgs["watcher"].id,
                self.taken.referral_id,
                Capacity.OBSERVER,
            )
        await self.rewind()

    async def rewind(self) -> None:
        """Set the clock to where the time for taking a decline back is over."""
        await self.owner.execute(_UNDO_IS_OVER)

    async def parties(self) -> dict[str, Capacity]:
        """Read who is a party of the referral now, to hold the table to it."""
        rows = await self.owner.fetch(
            "select org_id, capacity from lk.party where referral_id = $1"
            " and (ended_at is null or ended_at > lk.now())",
            self.taken.referral_id,
        )
        names = {org.id: name for name, org in self.orgs.items()}
        return {names[row["org_id"]]: Capacity(row["capacity"]) for row in rows}

    async def _come_on(self, caller: Caller) -> Standing:
        if caller.proof is Proof.NOTHING:
            return Standing()
        if caller.proof is Proof.INVENTED:
            return Standing(headers={"cookie": "lk_session=x; lk_link_visit=y; lk_link_browser=z"})
        if caller.visiting:
            found = await self._visit(caller)
        else:
            found = await self._member(caller)
        if caller.spoilt:
            await self._spoil(caller, found)
        return found

    async def _member(self, caller: Caller) -> Standing:
        actor = await self.site.house.member(
            self.orgs[caller.org].id, roles=caller.roles, cco=caller.org == NETWORK
        )
        if caller.proof is Proof.KEY:
            key = await self.site.key(actor)
            return Standing(actor=actor, headers={"authorization": f"Bearer {key}"})
        return await self._signed_in(caller, actor)

    async def _signed_in(self, caller: Caller, actor: Actor) -> Standing:
        opened = await self.site.session(actor)
        headers = {"cookie": f"lk_session={opened.secret}"}
        if caller.proof is Proof.ELSEWHERE:
            headers["sec-fetch-site"] = "cross-site"
        csrf = "" if caller.proof is Proof.UNTOKENED else opened.csrf
        return Standing(actor=actor, headers=headers, csrf=csrf)

    async def _visit(self, caller: Caller) -> Standing:
        agency = self.orgs[caller.org]
        link = await link_making.link_to(
            self.site.house,
            self.orgs[OWNER],
            agency,
            leg_id=self.legs[agency.id],
            referral_id=self.taken.referral_id,
        )
        person = Person(self.site, link)
        assert (await person.come_in()).status_code == 303
        cookies = {cookie.name: cookie.value or "" for cookie in person.client.cookies.jar}
        await person.client.aclose()
        if caller.proof is Proof.NAMED_VISIT:
            worker_id = await self.person(agency)
            step_up = "update link_session set stepped_up_at = lk.raw_now(), worker_id = $1"
            await link_making.change(self.site.house, link, step_up, worker_id)
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        actor = Actor(kind=ActorKind.LINK, org_id=agency.id, link_id=link.id)
        digest = link_making.digest(cookies["lk_link_visit"])
        return Standing(actor=actor, headers={"cookie": said}, visit=digest)

    async def person(self, agency: Org) -> UUID:
        """Name a person of an agency, without a PIN of their own."""
        worker_id = ids.new_id()
        sealed = await agency_people.sealed(
            self.site.house.keys,
            agency.id,
            worker_id=worker_id,
            person=AgencyPerson(name="Jo Harbor", phone="+15035550142"),
        )
        await self.owner.execute(
            "insert into lk.agency_worker (org_id, id, sealed, created_at)"
            " values ($1, $2, $3, lk.now())",
            agency.id,
            worker_id,
            sealed,
        )
        return worker_id

    async def _spoil(self, caller: Caller, found: Standing) -> None:
        assert found.actor is not None
        if caller.spoilt == "left":
            left = "update lk.organization set state = 'left' where id = $1"
            await self.owner.execute(left, found.actor.org_id)
            return
        table = caller.spoilt.split()[1]
        about = {
            "member": ("id", found.actor.member_id),
            "session": ("member_id", found.actor.member_id),
            "api_key": ("member_id", found.actor.member_id),
            "link": ("id", found.actor.link_id),
            "link_session": ("link_id", found.actor.link_id),
        }
        column, value = about[table]
        statement = caller.spoilt.replace(f"update {table}", f"update lk.{table}")
        await self.owner.execute(f"{statement} where {column} = $1", value)

    async def renew(self, caller: Caller) -> None:
        """Sign somebody in again whose session the call before has ended."""
        found = self.standing[caller.name]
        good = caller.proof in (Proof.SESSION, Proof.UNTOKENED, Proof.ELSEWHERE)
        if good and not caller.spoilt and found.actor is not None:
            self.standing[caller.name] = await self._signed_in(caller, found.actor)

    async def said_by(self, caller: Caller) -> dict[str, Any]:
        """Return what a body may name of its own caller: the member, and nonces of forms."""
        found = self.standing[caller.name]
        key = await self.site.house.keys.network_key("form")
        nonce = token.form_nonce(key, session=found.visit, form=FORM, at=clock.unix_seconds())
        return {
            "member": found.actor.member_id if found.actor else None,
            "nonce": token.new_secret().text[:32],
            "visit_nonce": nonce,
        }
