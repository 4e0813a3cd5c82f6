"""What every action works with: the store, the keys and the service's own address."""

import msgspec

from crypto.ports import Keyring
from service.store.pool import Pool


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """Passed to every action first; joined together once, in `service.app`."""

    db: Pool
    keys: Keyring
    public_url: str
    demo: bool = False
