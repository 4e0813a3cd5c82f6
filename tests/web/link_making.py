"""Links for tests: minted as the courier mints them, codes derived as its mails say them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from crypto import token
from service import clock
from service.actions import keep_consents, mint_link
from service.actions.keep_consents import NewConsent
from service.domain import ids
from service.domain.outcome import ConsentBasis
from service.store import links
from service.store.links import NewLink
from service.store.pool import Scope
from tests.making import House, Org


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """A link as its mail carries it."""

    id: UUID
    secret: str
    digest: bytes
    leg_id: UUID
    referral_id: UUID
    agency: Org
    sender: Org

    @property
    def path(self) -> str:
        """Where the link leads."""
        return f"/r/{self.secret}"


async def minted(house: House, *, sender: Org | None = None, **wish: Any) -> Minted:
    """Send a referral to an agency without accounts and mint the link of its mail."""
    sender = sender or await house.organization("Northside Clinic")
    agency = await house.organization(
        "Harbor Food Bank", kind="social_service", channel="link", covered=False
    )
    taken = await house.sent(sender, [agency], **({"consent_basis": "signed_form"} | wish))
    leg = taken.plan.referral.legs[0]
    return await link_to(house, sender, agency, leg_id=leg.id, referral_id=taken.referral_id)


async def allowed(house: House) -> tuple[Org, UUID, UUID]:
    """Record a patient's consent with a sender; answer the three of them."""
    sender = await house.organization("Northside Clinic")
    patient = await house.patient(sender)
    form = NewConsent(basis=ConsentBasis.SIGNED_FORM, signed_on=date(2026, 1, 2))
    consent_id = await keep_consents.record_consent(
        house.office, sender.actor, patient_id=patient.id, wish=form
    )
    return sender, patient.id, consent_id


async def link_to(
    house: House, sender: Org, agency: Org, *, leg_id: UUID, referral_id: UUID
) -> Minted:
    """Mint one link to a leg of an agency."""
    delivery_id, link_id = ids.new_id(), ids.new_id()
    made = await mint_link.link_of(house.keys, delivery_id=delivery_id)
    async with house.worker.transaction(Scope(org_id=agency.id)) as connection:
        await links.insert(
            connection,
            NewLink(
                id=link_id,
                org_id=agency.id,
                referral_id=referral_id,
                leg_id=leg_id,
                address_id=agency.address_id,
                delivery_id=delivery_id,
                secret_hash=made.digest,
            ),
        )
    return Minted(
        id=link_id,
        secret=made.text,
        digest=made.digest,
        leg_id=leg_id,
        referral_id=referral_id,
        agency=agency,
        sender=sender,
    )


async def rows(house: House, statement: str, *given: Any) -> list[Any]:
    """Read what the checks may read."""
    async with house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(statement, *given)
    return found


async def mails(house: House, link: Minted, kind: str = "link_code") -> list[UUID]:
    """List the effects of one kind that a link has caused."""
    found = await rows(
        house, "select id from outbox where link_id = $1 and kind = $2 order by id", link.id, kind
    )
    return [row["id"] for row in found]


async def code(house: House, link: Minted) -> str:
    """Derive the newest code of a link as the courier would for its mail."""
    effect_id = (await mails(house, link))[-1]
    async with house.worker.transaction(Scope(org_id=link.agency.id)) as connection:
        window = await links.code_window(connection, effect_id)
    assert window is not None
    return await mint_link.code_for(house.keys, link.id, at=window)


async def change(house: House, link: Minted, statement: str, *given: Any) -> None:
    """Change something of the agency's own rows, as time or other people would."""
    async with house.office.db.transaction(Scope(org_id=link.agency.id)) as connection:
        await connection.execute(statement, *given)


def later(**span: float) -> datetime:
    """Return real time, so much later."""
    return clock.real_now() + timedelta(**span)


def digest(secret: str | None) -> bytes:
    """Return the hash a cookie is found by."""
    return token.secret_hash(secret or "")


UNKNOWN = token.new_secret().text
