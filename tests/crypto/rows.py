"""Key rows kept in memory, and a network of three organizations to seal between."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crypto import keyring, primitives, root
from crypto.keys import ACTIVE, KeyRow, SealRow

NORTH = UUID(int=0xA1)
SOUTH = UUID(int=0xB2)
WEST = UUID(int=0xC3)
REFERRAL = UUID(int=0xD4)
MESSAGE = UUID(int=0xE5)
PATIENT = UUID(int=0xF6)


class MemoryRows:
    """The same promise as the store's, over a list; it counts how often it was asked."""

    def __init__(self) -> None:
        self.rows: list[KeyRow] = []
        self.asked = 0
        self.moved = 0

    async def keys(self, org_id: UUID | None, purpose: str) -> list[KeyRow]:
        self.asked += 1
        return [row for row in self.rows if (row.org_id, row.purpose) == (org_id, purpose)]

    async def public_keys(self, org_ids: Sequence[UUID]) -> dict[UUID, KeyRow]:
        self.asked += 1
        return {
            row.org_id: msgspec.structs.replace(row, wrapped=b"")
            for row in self.rows
            if row.org_id in org_ids and row.purpose == "osk" and row.state == ACTIVE
        }

    async def generation(self) -> int:
        return self.moved

    def change(self, org_id: UUID | None, purpose: str, **changes: object) -> None:
        self.rows = [
            msgspec.structs.replace(row, **changes)
            if (row.org_id, row.purpose) == (org_id, purpose)
            else row
            for row in self.rows
        ]


class World:
    """A root key, rows, and a keyring whose clock stands still until it is moved."""

    def __init__(self) -> None:
        self.root = root.RootKey(primitives.random_bytes(32))
        self.rows = MemoryRows()
        self.now = 1000.0
        self.ring = self.another_process()

    def another_process(self) -> keyring.LocalKeyring:
        return keyring.LocalKeyring(self.root, self.rows, clock=lambda: self.now)

    async def found(self) -> "World":
        for org_id in (NORTH, SOUTH, WEST):
            self.rows.rows += await self.ring.new_organization(org_id)
        self.rows.rows += await self.ring.new_network()
        return self

    async def epoch(self, *org_ids: UUID, sensitivity: str = "general", number: int = 1):
        return await self.ring.new_epoch(REFERRAL, sensitivity, epoch=number, org_ids=org_ids)

    async def send(self, own: SealRow, text: bytes = b"a narrative") -> bytes:
        return await self.ring.seal_content(
            own,
            message_id=MESSAGE,
            revision=1,
            content_type="text/plain",
            plaintext=text,
            created_ms=1_700_000_000_000,
            recipients=[NORTH, SOUTH],
        )
