"""Opening sealed contents of referrals for a reader: by key, and only what the policy allows."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from crypto.faults import CannotOpen, KeyDestroyed, KeyMissing
from service import faults, logs
from service.actions.office import Office
from service.domain import policy
from service.domain.patient import Identity
from service.domain.people import Actor, Capacity, SensitivityClass
from service.domain.policy import Action, Purpose
from service.store.reading import SealedRow, Seals

_IDENTITY = frozenset({"identity"})


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads which referrals with which seals; `emergency` are classes that one opened."""

    office: Office
    actor: Actor
    seals: Seals
    emergency: frozenset[str] = frozenset()

    def may(self, sealed: SealedRow, *, capacity: str, classes: Iterable[str]) -> bool:
        """Say whether the policy lets this reader open a content of that class."""
        identity = sealed.kind in _IDENTITY
        action = Action.REFERRAL_READ_IDENTITY if identity else Action.REFERRAL_READ_NARRATIVE
        resource = policy.Resource(
            org_id=self.actor.org_id,
            capacity=Capacity(capacity),
            classes=frozenset(SensitivityClass(value) for value in classes),
            sensitivity=SensitivityClass(sealed.sensitivity),
            broken_glass=sealed.sensitivity in self.emergency,
        )
        return allowed(self.actor, action, resource)

    async def words(self, sealed: SealedRow) -> Any | None:
        """Open a content, or answer None where this reader holds no key or it does not open."""
        try:
            return await self.opened(sealed)
        except (faults.NoLongerReadable, faults.Unreadable):
            # One content that does not open must not hide the referral it belongs to.
            return None

    async def opened(self, sealed: SealedRow) -> Any | None:
        """Open a content, or answer None where this reader holds no key of it.

        Raises NoLongerReadable where its key was destroyed, Unreadable where it does not open.
        """
        if sealed.envelope is None:
            raise faults.NoLongerReadable
        seal = self.seals.get((sealed.referral_id, sealed.sensitivity, sealed.epoch))
        if seal is None:
            return None
        try:
            opened = await self.office.keys.open_content(
                seal, sealed.envelope, message_id=sealed.id
            )
        except KeyDestroyed:
            raise faults.NoLongerReadable from None
        except (CannotOpen, KeyMissing) as reason:
            logs.broke("content_unreadable", reason, referral_id=sealed.referral_id)
            raise faults.Unreadable from None
        if opened.header.sender_org != sealed.author_org_id:
            logs.say("content_of_another_author", referral_id=sealed.referral_id)
            raise faults.Unreadable
        return msgspec.json.decode(opened.plaintext)


def allowed(actor: Actor, action: Action, resource: policy.Resource) -> bool:
    """Ask the policy for care first and for oversight second, as the roles allow."""
    return obligations(actor, action, resource) is not None


def obligations(
    actor: Actor, action: Action, resource: policy.Resource
) -> frozenset[policy.Obligation] | None:
    """Return what goes with an allowed act, or None where it is not allowed for any purpose."""
    for purpose in (Purpose.TREATMENT, Purpose.OVERSIGHT, Purpose.EMERGENCY):
        answer = policy.decide(actor, action, resource=resource, purpose=purpose)
        if isinstance(answer, policy.Allow):
            return answer.obligations
    return None


def newest(rows: Iterable[SealedRow], kind: str) -> dict[UUID, SealedRow]:
    """Return the newest content of a kind by referral; rows come oldest first."""
    return {row.referral_id: row for row in rows if row.kind == kind}


def identity_of(words: Any | None) -> Identity | None:
    """Read an opened identity; one of an older form is left out rather than guessed."""
    if words is None:
        return None
    try:
        return msgspec.convert(words, Identity)
    except msgspec.ValidationError:
        return None
