"""What every action works with: the store, the keys and the service's own address."""

import msgspec

from crypto.ports import Keyring
from service import faults
from service.store.blobs import Blobs
from service.store.pool import Pool

WRITES_PER_EPOCH = 2**18
"""How many writes one epoch takes before the next one opens.

Each wraps fewer than sixteen message keys under the epoch's key: 2^22 in all. A file wraps two and
is no write, so six million files still fit below 2^24; random nonces are safe for 2^32 (SP 800-38D,
8.3).
"""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """Passed to every action first; joined together once, in `service.app`."""

    db: Pool
    keys: Keyring
    public_url: str
    demo: bool = False
    writes_per_epoch: int = WRITES_PER_EPOCH
    blobs: Blobs | None = None
    region: str = "US"

    @property
    def files(self) -> Blobs:
        """Where files lie; raises Broken where this process was given no place for them."""
        if self.blobs is None:
            raise faults.Broken("There is no place for files here.")
        return self.blobs
