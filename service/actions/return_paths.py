"""Where a mail comes back to: an address of its own for each delivery, which nobody can make up.

`bounces+TOKEN@DOMAIN`, the token being the delivery's id under a key of ours. So whatever comes to
it names its delivery without being read, and a bounce that nobody was sent cannot be told.
"""

from uuid import UUID

from crypto import token
from crypto.ports import Keyring

LOCAL = "bounces"
_LONGEST = 320


async def of(keys: Keyring, delivery_id: UUID, *, domain: str) -> str:
    """Return the return path of one delivery, always the same."""
    text = token.return_token(await keys.network_key("link"), delivery_id)
    return f"{LOCAL}+{text}@{domain}"


async def delivery_of(keys: Keyring, address: str, *, domain: str) -> UUID | None:
    """Return the delivery whose return path an address is, or None where it is none of ours."""
    if len(address) > _LONGEST:
        return None
    local, _, there = address.rpartition("@")
    name, _, text = local.partition("+")
    if there.lower() != domain.lower() or name.lower() != LOCAL:
        return None
    return token.open_return_token(await keys.network_key("link"), text)
