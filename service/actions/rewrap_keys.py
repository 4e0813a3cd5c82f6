"""Move everything that hangs on old keys to the new ones, in batches, while the service runs.

Content is never touched: keys are wrapped anew, epochs' keys and small values sealed anew, tokens
reckoned anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from crypto import root
from crypto.keys import KeyRow
from crypto.sealed import Place
from service.actions import identities, reseal_values
from service.actions.permission import OPERATOR
from service.actions.rotate_keys import Workshop
from service.store import audit, patients, rotating, shredding
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow

BATCH = 100
"""How much one transaction moves: few enough that nobody waits for it, about 50 ms."""

ROOT_GRACE_SECONDS = 60.0
"""How long the old root key stays in its file after nothing is wrapped by it any more."""

Progress = Callable[[str, int], None]
"""Is told what was moved, and how many, after every batch."""


SETTLE_SECONDS = 3.0
"""How long a key is in use before what is left of the one before is moved: longer than another
process may take to notice it, so that nothing is left behind and nobody asks for what is gone."""


async def rewrap(
    shop: Workshop, root_key: root.Root, *, progress: Progress, settle: float = SETTLE_SECONDS
) -> None:
    """Move everything to the keys in use; stopped at any moment, it goes on when run again."""
    await _settled(shop, settle)
    await shop.keys.forget()
    await _drain(shop, "keys under the root key", _Rooted(root_key.newest().key_id), progress)
    await _drain(shop, "keys under an organization's", _owned, progress)
    await _attest(shop, progress)
    await _root(shop, root_key.newest().key_id)
    await _drain(shop, "seals", _seals, progress)
    await _drain(shop, "patients' tokens", _tokens, progress)
    await _drain(shop, "other systems' ids", _names, progress)
    await reseal_values.reindex(shop, progress=progress)
    await reseal_values.reseal(shop, progress=progress)


async def _settled(shop: Workshop, settle: float) -> None:
    async with shop.keeper.transaction(Scope()) as connection:
        age = await rotating.youngest(connection)
    # A moment in the future is a clock that was set back: no longer than it takes to settle.
    await asyncio.sleep(min(max(settle - age, 0), settle))


Work = Callable[[Workshop, Connection], Awaitable[int]]


async def _drain(shop: Workshop, what: str, work: Work, progress: Progress) -> None:
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            moved = await work(shop, connection)
        if not moved:
            return
        progress(what, moved)


class _Rooted(msgspec.Struct, frozen=True):
    key_id: bytes

    async def __call__(self, shop: Workshop, connection: Connection) -> int:
        found = await rotating.under_old_root(connection, self.key_id, limit=BATCH)
        return await _stored(shop, connection, found)


async def _owned(shop: Workshop, connection: Connection) -> int:
    return await _stored(shop, connection, await rotating.under_old_ork(connection, limit=BATCH))


async def _stored(shop: Workshop, connection: Connection, found: list[KeyRow]) -> int:
    for row in found:
        await rotating.store(connection, row, await shop.keys.rewrapped(row))
    return len(found)


async def _attest(shop: Workshop, progress: Progress) -> None:
    last: KeyRow | None = None
    while True:
        async with shop.keeper.transaction(Scope()) as connection:
            found = await rotating.shown(connection, last, limit=BATCH)
            changed = 0
            for row in found:
                after = await shop.keys.rewrapped(row)
                if after.public != row.public:
                    await rotating.attest(connection, after)
                    changed += 1
        if not found:
            return
        last = found[-1]
        if changed:
            progress("public halves", changed)


async def _root(shop: Workshop, key_id: bytes) -> None:
    probe = await shop.keys.root_probe()
    async with shop.keeper.transaction(Scope()) as connection:
        if await rotating.rooted(connection, key_id=key_id, probe=probe):
            await shredding.bump(connection)
            note = AuditRow(
                org_id=None, action="key.rotate", resource_kind="key", detail={"purpose": "root"}
            )
            await audit.insert(connection, OPERATOR, note)


async def _seals(shop: Workshop, connection: Connection) -> int:
    found = await rotating.old_seals(connection, None, limit=BATCH)
    for seal in found:
        await rotating.store_seal(connection, seal, await shop.keys.resealed(seal))
    return len(found)


async def _tokens(shop: Workshop, connection: Connection) -> int:
    found = await rotating.indexed_by_old(connection, limit=BATCH)
    for org_id, row in found:
        identity = await identities.opened(shop.keys, org_id, row=row)
        tokens = await identities.tokens(shop.keys, org_id, identity=identity)
        await patients.replace_index(connection, org_id, patient_id=row.id, tokens=tokens)
    return len(found)


async def _names(shop: Workshop, connection: Connection) -> int:
    found = await rotating.named_by_old(connection, limit=BATCH)
    for row in found:
        place = Place(
            table="external_id", column="sealed", row_id=row.subject_id, org_id=row.org_id
        )
        value = (await shop.keys.open_field(row.org_id, row.sealed, place=place)).decode()
        newest, *_ = await shop.keys.indexes(row.org_id, "external_id", (row.system, value))
        await rotating.store_name(connection, row, token=newest.digest, version=newest.version)
    return len(found)


async def retire_root(
    shop: Workshop, root_file: root.RootFile, path: Path, *, grace: float = ROOT_GRACE_SECONDS
) -> Path | None:
    """Take older root keys out of the file once nothing needs them; where to, or None for not yet.

    Whoever was making a key as the file changed has stored it by then, and it is counted.
    """
    if len(root_file.every) < 2:
        return None
    newest = root_file.newest().key_id
    async with shop.keeper.transaction(Scope()) as connection:
        key_id, seconds = await rotating.root_since(connection)
        left = await rotating.under_old_root(connection, newest, limit=1)
    if left or key_id != newest or seconds < grace:
        return None
    return root.retire(path)
