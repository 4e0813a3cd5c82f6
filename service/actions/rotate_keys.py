"""Give a purpose its next key, refuse old versions, and destroy those that nothing hangs on.

The operator's acts, beside running processes: these notice within a second, because every act
moves the generation of the keys.
"""

from uuid import UUID

import msgspec

from crypto import keys as key_rows
from crypto.ports import Keyring
from service import faults
from service.actions.permission import OPERATOR
from service.store import audit, rotating, shredding
from service.store.pool import Connection, Pool, Scope
from service.store.rotating import Hanging
from service.store.rows import AuditRow

PURPOSES: dict[str, tuple[str, ...]] = {
    "organization": ("ork", "osk"),
    "signing": ("sig",),
    "index": tuple(f"bik:{name}" for name in key_rows.INDEX_FIELDS),
    "field": ("field",),
}
"""What is rotated together, in this order: an organization's root key before what it wraps."""

NETWORK_PURPOSES = ("nbik", "netfield")
"""What is rotated of the network's own: the index of sign-in addresses, and what seals them."""

GRACE_SECONDS = 600.0
"""How long a key is refused before it is destroyed: longer than any memory and any transaction."""


class StillNeeded(faults.Fault):
    """Something still opens with that key only."""

    kind, slug = faults.Kind.CONFLICT, "still-needed"
    advice = "Run `loopkeeper keys rewrap` to its end first; `loopkeeper keys status` counts."


class Workshop(msgspec.Struct, frozen=True):
    """What keys are changed with: the role that may, and a keyring that sees its rows."""

    keeper: Pool
    keys: Keyring


async def rotate(shop: Workshop, org_id: UUID, *, what: str) -> dict[str, int]:
    """Give an organization its next keys of a sort and return their versions; raises Missing.

    Each is stored as pending and made active in a second transaction; who was stopped between
    them goes on with the pending one.
    """
    async with shop.keeper.transaction(Scope(org_id=org_id)) as connection:
        if not await rotating.organizations(connection, org_id):
            raise faults.Missing
    return {purpose: await _next(shop, org_id, purpose) for purpose in PURPOSES[what]}


async def rotate_network(shop: Workshop) -> dict[str, int]:
    """Give the network the next keys of its own, as an organization gets its; their versions."""
    return {purpose: await _next(shop, None, purpose) for purpose in NETWORK_PURPOSES}


async def _next(shop: Workshop, org_id: UUID | None, purpose: str) -> int:
    await shop.keys.forget()
    async with shop.keeper.transaction(Scope(org_id=org_id)) as connection:
        version, state = await rotating.newest(connection, org_id, purpose)
        if state != key_rows.PENDING:
            version += 1
            await rotating.insert(
                connection, await shop.keys.new_version(org_id, purpose, version=version)
            )
    async with shop.keeper.transaction(Scope(org_id=org_id)) as connection:
        await rotating.promote(connection, org_id, purpose, version=version)
        await shredding.bump(connection)
        await _note(connection, "key.rotate", org_id, purpose=purpose, version=version)
    await shop.keys.forget()
    return version


async def raise_floor(shop: Workshop, org_id: UUID | None, purpose: str, *, version: int) -> int:
    """Refuse the versions below this one, and count what changed; raises StillNeeded.

    A lower floor lets them in again, until they are destroyed. Without an organization it is a key
    of the network's own.
    """
    async with shop.keeper.transaction(Scope(org_id=org_id)) as connection:
        if purpose == "nbik":
            # An address that is being written under the older key only is counted, not missed.
            await rotating.hold_logins(connection)
        known = [
            each
            for each in await rotating.hanging(connection, org_id)
            if (each.org_id, each.purpose) == (org_id, purpose)
        ]
        below = [each for each in known if each.version < version and each.state != "destroyed"]
        if any(each.hanging != 0 or each.state != key_rows.EXPIRED for each in below):
            raise StillNeeded
        changed = await rotating.floor(connection, org_id, purpose, version=version)
        if changed:
            if purpose == "nbik":
                # People who came while both opened have a token of each.
                await rotating.drop_logins(connection)
            await shredding.bump(connection)
            await _note(connection, "key.floor", org_id, purpose=purpose, version=version)
    return changed


async def destroy_refused(
    shop: Workshop, org_id: UUID | None = None, *, grace: float = GRACE_SECONDS
) -> list[Hanging]:
    """Destroy the versions that were refused long enough and that nothing hangs on."""
    done: list[Hanging] = []
    async with shop.keeper.transaction(Scope(org_id=org_id)) as connection:
        for each in await rotating.hanging(connection, org_id):
            refused = each.state == key_rows.EXPIRED and not each.openable
            if not refused or each.hanging != 0 or each.seconds < grace:
                continue
            if await rotating.destroy(connection, each):
                done.append(each)
                await _note(
                    connection,
                    "key.destroy",
                    each.org_id,
                    purpose=each.purpose,
                    version=each.version,
                )
        if done:
            await shredding.bump(connection)
    return done


async def _note(
    connection: Connection, action: str, org_id: UUID | None, *, purpose: str, version: int
) -> None:
    note = AuditRow(
        org_id=org_id,
        action=action,
        resource_kind="key",
        resource_id=org_id,
        detail={"purpose": purpose, "version": version},
    )
    await audit.insert(connection, OPERATOR, note)
