"""Where keys are found, unwrapped and kept for a minute.

Everything is kept under the whole row it came from, never under a key id alone: a row that
was changed, re-wrapped, moved to another organization or destroyed is another row.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from crypto import blind, cache, faults, keys, ports, primitives, root, sealed

# Long enough that a referral's keys are unwrapped once. A key that ends is forgotten sooner: the
# keyring looks every second whether one did.
TTL_SECONDS = 60.0
# As long as a transaction that stores a new key may take.
_NEW_SECONDS = 30.0
_KEYS = 4096


V = TypeVar("V")
ByRow = cache.Lru[keys.KeyRow, V]
Recipient = tuple[bytes, primitives.HpkePublicKey]  # Key id and parsed public key.


class Chest:
    """Finds a key's row, unwraps it under its parent, and remembers the parsed key."""

    def __init__(
        self,
        root_key: root.Root,
        rows: ports.KeyRows,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root_key
        self._rows = rows
        self._lists = cache.Lru[tuple[UUID | None, str], list[keys.KeyRow]](
            size=_KEYS, ttl=TTL_SECONDS, clock=clock
        )
        self._new = cache.Lru[tuple[UUID | None, str], list[keys.KeyRow]](
            size=_KEYS, ttl=_NEW_SECONDS, clock=clock
        )
        self._recipients = cache.Lru[UUID, Recipient](size=_KEYS, ttl=TTL_SECONDS, clock=clock)
        self._secrets = ByRow[bytes](size=_KEYS, ttl=TTL_SECONDS, clock=clock)
        self._unsealers = ByRow[primitives.HpkePrivateKey](size=_KEYS, ttl=TTL_SECONDS, clock=clock)
        self._signers = ByRow[primitives.SigningKey](size=_KEYS, ttl=TTL_SECONDS, clock=clock)
        self._verifiers = ByRow[primitives.VerifyingKey](size=_KEYS, ttl=TTL_SECONDS, clock=clock)

    def forget(self) -> None:
        """Drop every key that is held, but those whose transaction may still be under way."""
        self._lists.clear()
        self._recipients.clear()
        self._secrets.clear()
        self._unsealers.clear()
        self._signers.clear()
        self._verifiers.clear()

    def forget_new(self) -> None:
        """Drop also the keys that were made here and are perhaps not stored yet."""
        self._new.clear()

    def hold(self, rows: Sequence[keys.KeyRow]) -> None:
        """Keep keys just made, so that they work before the transaction of their rows ends.

        Only for owners that are new with them: nothing else is held under these names yet.
        """
        for row in rows:
            self._new.put((row.org_id, row.purpose), [row])
            self._lists.put((row.org_id, row.purpose), [row])

    async def active(self, org_id: UUID | None, purpose: str) -> keys.KeyRow:
        """Return the key that seals now, or raise KeyMissing or KeyDestroyed."""
        row = await self._search(
            org_id, purpose, lambda row: row.state == keys.ACTIVE and bool(row.wrapped)
        )
        if row is None:
            gone = await self._search(org_id, purpose, lambda row: row.state == keys.DESTROYED)
            if gone is not None and keys.is_patients(purpose):
                raise faults.KeyDestroyed
            raise faults.KeyMissing(f"There is no active key for {purpose.partition(':')[0]}.")
        return row

    async def find(self, org_id: UUID | None, purpose: str, key_id: bytes) -> keys.KeyRow:
        """Return the wrapped key of an id, in any state, or raise CannotOpen or KeyDestroyed."""
        row = await self._search(
            org_id, purpose, lambda row: row.key_id == key_id and bool(row.wrapped)
        )
        if row is None:
            gone = await self._search(org_id, purpose, lambda row: row.key_id == key_id)
            destroyed = gone is not None and gone.state == keys.DESTROYED
            raise faults.KeyDestroyed if destroyed else faults.CannotOpen
        return row

    async def secret(self, row: keys.KeyRow) -> bytes:
        """Return a row's secret bytes or raise CannotOpen."""
        return self._secrets.get(row) or self._secrets.put(row, await self._unwrap(row))

    async def parent(self, org_id: UUID) -> keys.WrappingKey:
        """Return the organization's root key that wraps new keys."""
        row = await self.active(org_id, "ork")
        return keys.WrappingKey(row.key_id, await self.secret(row))

    async def wrapper(self, org_id: UUID | None, purpose: str) -> keys.Wrapper:
        """Return what wraps new keys of a purpose: the root key, or the organization's."""
        if org_id is None or purpose == "ork":
            return self._root.newest()
        return await self.parent(org_id)

    async def rewrapped(self, row: keys.KeyRow) -> keys.KeyRow:
        """Return a row under what wraps now, its public half attested by the newest root key."""
        if row.public is not None:
            # Attested before, or it is not attested now.
            self.attested(row)
            row = keys.attest(row, attest_key=self._root.derive("attest"))
        if not row.wrapped:
            return row
        parent = await self.wrapper(row.org_id, row.purpose)
        if sealed.key_id_of(row.wrapped) == parent.key_id:
            return row
        return keys.rewrap(parent, row, await self.secret(row))

    def attested(self, row: keys.KeyRow) -> bytes:
        """Return a row's public half, attested by a root key that still opens, or KeyRefused."""
        for attest_key in self._root.derived("attest"):
            try:
                return keys.public_half(attest_key, row)
            except faults.KeyRefused:
                continue
        raise faults.KeyRefused("A public key was not attested by this root key.")

    async def unsealer(self, org_id: UUID, key_id: bytes) -> primitives.HpkePrivateKey:
        """Return the private key a seal was made for or raise CannotOpen."""
        row = await self.find(org_id, "osk", key_id)
        found = self._unsealers.get(row)
        if found is None:
            found = self._unsealers.put(row, primitives.hpke_private(await self._unwrap(row)))
        return found

    async def signer(
        self, org_id: UUID | None, purpose: str = "sig"
    ) -> tuple[bytes, primitives.SigningKey]:
        """Return the id and the key an owner signs with or raise KeyMissing."""
        row = await self.active(org_id, purpose)
        return row.key_id, await self._signer(row)

    async def named_signer(self, org_id: UUID, key_id: bytes) -> primitives.SigningKey:
        """Return the signing key of an id that has not been refused, or raise CannotOpen."""
        return await self._signer(await self.find(org_id, "sig", key_id))

    async def _signer(self, row: keys.KeyRow) -> primitives.SigningKey:
        found = self._signers.get(row)
        if found is None:
            found = self._signers.put(row, primitives.signing_key(await self._unwrap(row)))
        return found

    async def publics(self, org_id: UUID | None, purpose: str) -> dict[bytes, bytes]:
        """Make the public halves of all signing keys of a purpose again, from the keys, by id.

        What is stored as public is not asked: whoever writes to the database writes that, too.
        """
        found: dict[bytes, bytes] = {}
        for row in await self._rows.keys(org_id, purpose):
            if row.state != keys.DESTROYED:
                found[row.key_id] = primitives.public_half(await self._unwrap(row))
        return found

    async def verifier(self, org_id: UUID, key_id: bytes) -> primitives.VerifyingKey:
        """Return the public key a signature names, of whatever age, or raise CannotOpen."""
        row = await self._search(org_id, "sig", lambda row: row.key_id == key_id)
        if row is None:
            raise faults.CannotOpen
        found = self._verifiers.get(row)
        if found is None:
            try:
                public = primitives.verifying_key(self.attested(row))
            except faults.KeyRefused:
                raise faults.CannotOpen from None
            found = self._verifiers.put(row, public)
        return found

    async def recipients(self, org_ids: Sequence[UUID]) -> list[Recipient]:
        """Return the public keys to seal to, each organization once, or raise KeyMissing."""
        held = {org_id: self._recipients.get(org_id) for org_id in org_ids}
        missing = [org_id for org_id, found in held.items() if found is None]
        asked = await self._rows.public_keys(missing) if missing else {}
        return [
            found or self._recipient(org_id, asked.get(org_id)) for org_id, found in held.items()
        ]

    def _recipient(self, org_id: UUID, row: keys.KeyRow | None) -> Recipient:
        if row is None:
            raise faults.KeyMissing(f"Organization {org_id} has no active public key.")
        if row.org_id != org_id or row.purpose != "osk":
            raise faults.KeyRefused("A public key belongs to another organization.")
        public = primitives.hpke_public(self.attested(row))
        return self._recipients.put(org_id, (row.key_id, public))

    async def openable(self, org_id: UUID | None, purpose: str) -> list[keys.KeyRow]:
        """Return every key of a purpose that still opens, the one that seals now first."""
        await self.active(org_id, purpose)
        rows = self._lists.get((org_id, purpose)) or await self._rows.keys(org_id, purpose)
        held = [row for row in rows if row.wrapped and row.state in (keys.ACTIVE, keys.EXPIRED)]
        return sorted(held, key=lambda row: (row.state != keys.ACTIVE, -row.version))

    async def tokens(self, org_id: UUID | None, field: str, normalized: str) -> list[blind.Token]:
        """Return the blind index of a value under every key that opens, the newest first."""
        purpose = "nbik" if org_id is None else f"bik:{field}"
        return [
            blind.Token(
                field=field,
                version=row.version,
                digest=blind.token(await self.secret(row), field, normalized),
            )
            for row in await self.openable(org_id, purpose)
        ]

    async def _search(
        self, org_id: UUID | None, purpose: str, fits: Callable[[keys.KeyRow], bool]
    ) -> keys.KeyRow | None:
        # What is held may be a minute old or another organization's view without wrapped
        # bytes, so nothing is called absent before the rows were asked again.
        held = self._lists.get((org_id, purpose)) or []
        row = next(filter(fits, held), None)
        if row is None:
            rows = self._lists.put((org_id, purpose), await self._known(org_id, purpose))
            row = next(filter(fits, rows), None)
        return row

    async def _known(self, org_id: UUID | None, purpose: str) -> list[keys.KeyRow]:
        # What is stored is the truth; only where nothing is yet, what was just made is.
        return await self._rows.keys(org_id, purpose) or self._new.get((org_id, purpose)) or []

    async def _unwrap(self, row: keys.KeyRow) -> bytes:
        if row.org_id is None or row.purpose == "ork":
            return keys.unwrap(self._root, row)
        parent = await self.find(row.org_id, "ork", sealed.key_id_of(row.wrapped))
        wrapper = keys.WrappingKey(parent.key_id, await self.secret(parent))
        return keys.unwrap(wrapper, row)
