"""Recovery codes: ten, each good once in place of the authenticator; shown once, kept as hashes."""

import re
from uuid import UUID

from crypto import token
from service import clock
from service.store import recovery_codes
from service.store.people import PersonRow
from service.store.pool import Connection

HOW_MANY = 10
_SHAPE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_LOOKALIKE = str.maketrans("OIL", "011")


def tidy(text: str) -> str | None:
    """Spell what somebody typed as a code, or None where it has not the shape of one."""
    bare = "".join(each for each in text.upper() if each.isalnum()).translate(_LOOKALIKE)
    return bare if _SHAPE.fullmatch(bare) else None


async def write(connection: Connection, person_id: UUID) -> tuple[str, ...]:
    """Make a new set in the person's scope and return it, this once; the one before ends."""
    codes = tuple(token.new_recovery_code() for _ in range(HOW_MANY))
    hashes = [token.recovery_hash(person_id, code) for code in codes]
    await recovery_codes.replace(connection, person_id, hashes=hashes, now=clock.real_now())
    return codes


async def spend(connection: Connection, person: PersonRow, *, code: str) -> bool:
    """Use a tidied code up in the person's scope; False for a wrong or used one."""
    digest = token.recovery_hash(person.id, code)
    return await recovery_codes.spend(connection, person.id, code_hash=digest, now=clock.real_now())
