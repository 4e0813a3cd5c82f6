"""Sealing what a step says: which epoch it is written in, and who can open it afterwards.

The seals of a step are made here and written by its one statement, with a disclosure row each.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service import faults
from service.actions.office import Office
from service.domain import ids
from service.domain import leg as legs
from service.domain.facts import LegFacts, ReferralFacts
from service.store.keys import HeldSeal
from service.store.referrals import Picture
from service.store.rows import ContentRow, DisclosureRow, EpochRow

GENERAL = "general"


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """Who may know about a referral: its sender, its recipients, and the coordinators.

    `version`: that of the referral as it is written. `ended`: the classes of its consent, where
    that was taken back or has run out.
    """

    referral_id: UUID
    patient_id: UUID
    sender_org_id: UUID
    recipients: tuple[UUID, ...]
    cco_org_id: UUID | None
    sensitivity: str
    basis: str
    consent_id: UUID | None = None
    leaving: tuple[UUID, ...] = ()
    version: int = 0
    ended: frozenset[str] = frozenset()
    cco_classes: frozenset[str] = frozenset()
    overrides: dict[UUID, UUID] = {}
    lapsed: frozenset[UUID] = frozenset()

    def entitled(self, sensitivity: str) -> tuple[UUID, ...]:
        """List the organizations that a new epoch of a class is sealed to.

        Recipients are told on the consent, whatever the class, or on the override that let them
        in; the coordinators where it carries the general class, or names them for another.
        """
        everyone = {self.sender_org_id}
        everyone.update(each for each in self.recipients if self._told(each))
        general = sensitivity == GENERAL and sensitivity not in self.ended
        if general or sensitivity in self.cco_classes:
            everyone.update(self._coordinators)
        return tuple(sorted(everyone))

    def _told(self, org_id: UUID) -> bool:
        """Say whether the ground on which a recipient was let in still stands."""
        if org_id in self.overrides:
            return True
        return not self.ended and org_id not in self.lapsed

    def readers(self, sensitivity: str, *, writer: UUID) -> frozenset[UUID]:
        """List who reads what this organization writes now.

        Who leaves reads its own last words, and so does a recipient whose consent has ended: it
        may still answer.
        """
        taking_part = {*self.leaving, *self.recipients}
        if sensitivity == GENERAL:
            taking_part.update(self._coordinators)
        return frozenset({*self.entitled(sensitivity), *({writer} & taking_part)})

    @property
    def _coordinators(self) -> frozenset[UUID]:
        return frozenset({self.cco_org_id} if self.cco_org_id is not None else ())


def recipients_of(rows: Iterable[LegFacts]) -> tuple[UUID, ...]:
    """List the organizations with a live leg or an outcome of theirs."""
    done = legs.LegState.COMPLETED
    return tuple(sorted({leg.org_id for leg in rows if leg.live or leg.state is done}))


def circle_of(
    facts: ReferralFacts,
    *,
    patient_id: UUID,
    consent_id: UUID | None,
    leaving: tuple[UUID, ...] = (),
    ended: frozenset[str] = frozenset(),
    cco_named: bool = False,
    overrides: dict[UUID, UUID] | None = None,
    lapsed: frozenset[UUID] = frozenset(),
) -> Circle:
    """Draw the circle of a referral as it stands; a draft has told nobody yet.

    `leaving` are organizations whose part ends with this very step. `cco_named` says that a consent
    in force names the coordinators for the order's class; `overrides` who was let in by which.
    """
    return Circle(
        referral_id=facts.id,
        patient_id=patient_id,
        sender_org_id=facts.sender_org_id,
        recipients=recipients_of(facts.legs),
        cco_org_id=facts.cco_org_id if facts.sent_at is not None else None,
        sensitivity=facts.sensitivity,
        basis=facts.consent_basis or "treatment",
        consent_id=consent_id,
        leaving=leaving,
        version=facts.version,
        ended=ended,
        cco_classes=frozenset({facts.sensitivity}) if cco_named else frozenset(),
        overrides=overrides or {},
        lapsed=lapsed,
    )


def circle_now(picture: Picture) -> Circle:
    """Draw the circle of a referral as it was read, which nothing is about to change."""
    return circle_of(
        picture.facts,
        patient_id=picture.patient_id,
        consent_id=picture.consent_id,
        ended=picture.ended,
        cco_named=picture.cco_named,
        overrides=picture.overrides,
        lapsed=picture.lapsed,
    )


class Sealer:
    """Collects what one act seals; its rows go into the act's statement."""

    def __init__(
        self,
        office: Office,
        circle: Circle,
        *,
        org_id: UUID,
        held: Sequence[HeldSeal],
        now: datetime,
    ) -> None:
        self._office = office
        self._circle = circle
        self._org_id = org_id
        self._held = list(held)
        self.now = now
        self.contents: list[ContentRow] = []
        self.epochs: list[EpochRow] = []
        self.seals: list[SealRow] = []
        self.disclosures: list[DisclosureRow] = []

    async def put(self, kind: str, words: Any, *, leg_id: UUID | None = None) -> UUID:
        """Seal words (any json) as one content, in the class this organization may write in."""
        seal = await self.writing_seal()
        content_id = ids.new_id()
        envelope = await self._office.keys.seal_content(
            seal.row,
            message_id=content_id,
            revision=1,
            content_type="application/json",
            plaintext=msgspec.json.encode(words),
            created_ms=int(self.now.timestamp() * 1000),
            recipients=sorted(seal.holders),
        )
        self.contents.append(
            ContentRow(
                id=content_id,
                kind=kind,
                context_id=seal.row.context_id,
                sensitivity=seal.row.sensitivity,
                epoch=seal.row.epoch,
                envelope=envelope,
                leg_id=leg_id,
            )
        )
        return content_id

    async def admit(self, org_ids: Sequence[UUID]) -> None:
        """Seal the epochs this organization holds to newcomers, in the classes meant for them.

        Raises Refused where a recipient would be let in by somebody who cannot open the order.
        """
        self._may_admit(org_ids)
        for place, held in enumerate(self._held):
            if not held.opens:
                continue
            entitled = set(self._circle.entitled(held.row.sensitivity))
            fresh = [org for org in org_ids if org in entitled and org not in held.holders]
            if not fresh:
                continue
            made = await self._office.keys.extend(held.row, fresh)
            self.seals.extend(made)
            self._disclose(made)
            holders = held.holders.union(fresh)
            self._held[place] = msgspec.structs.replace(held, holders=holders)

    def _may_admit(self, org_ids: Sequence[UUID]) -> None:
        """Refuse a recipient the order cannot be shown to: by this writer, or by anybody now."""
        joining = set(org_ids) & set(self._circle.recipients)
        # A key that an emergency gave shows nothing to anybody else.
        opens = {
            held.row.sensitivity
            for held in self._held
            if held.opens
            and self._org_id in self._circle.readers(held.row.sensitivity, writer=self._org_id)
        }
        if joining and self._circle.sensitivity not in opens:
            order = [
                each for each in self._held if each.row.sensitivity == self._circle.sensitivity
            ]
            if order and all(each.state == "destroyed" for each in order):
                raise faults.NoLongerReadable
            raise faults.Refused("Only the sender can show an order of this class to a recipient.")

    async def writing_seal(self) -> HeldSeal:
        """Find the epoch that exactly today's readers open, or open the next one for them."""
        for sensitivity in (self._circle.sensitivity, GENERAL):
            readers = self._circle.readers(sensitivity, writer=self._org_id)
            if self._org_id not in readers:
                continue
            for held in self._held:
                if held.row.sensitivity == sensitivity and self._fits(held, readers):
                    return held
            return await self._open_epoch(sensitivity, holders=readers)
        raise faults.Refused("Your organization has no part in this any more.")

    def _fits(self, held: HeldSeal, readers: frozenset[UUID]) -> bool:
        full = self._circle.version - held.since >= self._office.writes_per_epoch
        return held.active and held.holders == readers and not full

    async def _open_epoch(self, sensitivity: str, *, holders: frozenset[UUID]) -> HeldSeal:
        """Open the next epoch; the one before is closed by the same statement."""
        known = (held.row.epoch for held in self._held if held.row.sensitivity == sensitivity)
        epoch = 1 + max(known, default=0)
        made = await self._office.keys.new_epoch(
            self._circle.referral_id, sensitivity, epoch=epoch, org_ids=sorted(holders)
        )
        self.epochs.append(
            EpochRow(context_id=self._circle.referral_id, sensitivity=sensitivity, epoch=epoch)
        )
        self.seals.extend(made)
        self._disclose(made)
        own = next(row for row in made if row.org_id == self._org_id)
        held = HeldSeal(row=own, state="active", holders=holders, since=self._circle.version)
        self._held.append(held)
        return held

    def _disclose(self, made: Sequence[SealRow]) -> None:
        circle = self._circle
        self.disclosures.extend(
            DisclosureRow(
                org_id=circle.sender_org_id,
                patient_id=circle.patient_id,
                to_org_id=seal.org_id,
                context_id=seal.context_id,
                sensitivity=seal.sensitivity,
                epoch=seal.epoch,
                basis="emergency" if seal.org_id in circle.overrides else circle.basis,
                consent_id=circle.overrides.get(seal.org_id, circle.consent_id),
            )
            for seal in made
            if seal.org_id != circle.sender_org_id
        )
