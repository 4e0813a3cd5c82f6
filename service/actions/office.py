"""What every action works with: the store, the keys and the service's own address."""

import msgspec

from crypto.ports import Keyring
from service.store.pool import Pool

WRITES_PER_EPOCH = 2**20
"""How many writes one epoch takes before the next one opens.

Each wraps fewer than sixteen message keys under the epoch's key: 2^24 in all, where random nonces
are safe for 2^32 (SP 800-38D, 8.3).
"""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """Passed to every action first; joined together once, in `service.app`."""

    db: Pool
    keys: Keyring
    public_url: str
    demo: bool = False
    writes_per_epoch: int = WRITES_PER_EPOCH
