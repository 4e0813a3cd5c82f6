"""An epoch's key (REK), sealed to one organization with HPKE.

    HPKE(REK | SHA-256("lk1/rek" | REK) | context_id | class | epoch;
         info = "lk1/rek" | suite | context | class | epoch | org | key id)

The library's HPKE is base mode without additional data: the context stands in `info`, and
again inside, so that a seal which opens under a confused `info` is still refused.
"""

from uuid import UUID

import msgspec

from crypto import classes, faults, keys, layout, primitives

_LABEL = b"lk1/rek"


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One period of one class in one referral or thread; it has one key."""

    context_id: UUID
    sensitivity: str
    epoch: int

    def encoded(self) -> bytes:
        """Return context, class and epoch as 21 bytes."""
        code = bytes([classes.code_of(self.sensitivity)])
        return self.context_id.bytes + code + layout.u32(self.epoch)


def epoch_of(seal: keys.SealRow) -> Epoch:
    """Return the epoch a seal says it belongs to."""
    return Epoch(context_id=seal.context_id, sensitivity=seal.sensitivity, epoch=seal.epoch)


def seal_rek(
    rek: bytes, public: primitives.HpkePublicKey, *, epoch: Epoch, org_id: UUID, key_id: bytes
) -> keys.SealRow:
    """Seal an epoch's key to one organization's public key."""
    encoded = epoch.encoded()
    info = _info(encoded, org_id, key_id)
    return keys.SealRow(
        context_id=epoch.context_id,
        sensitivity=epoch.sensitivity,
        epoch=epoch.epoch,
        org_id=org_id,
        key_id=key_id,
        sealed=primitives.hpke_seal(public, rek + _digest(rek) + encoded, info=info),
    )


def open_rek(seal: keys.SealRow, private: primitives.HpkePrivateKey) -> bytes:
    """Return the epoch's key from a seal or raise CannotOpen."""
    encoded = epoch_of(seal).encoded()
    info = _info(encoded, seal.org_id, seal.key_id)
    inner = primitives.hpke_open(private, seal.sealed, info=info)
    rek = inner[: primitives.KEY_SIZE]
    if not primitives.same(inner, rek + _digest(rek) + encoded):
        raise faults.CannotOpen
    return rek


def _digest(rek: bytes) -> bytes:
    return primitives.sha256(_LABEL + rek)


def _info(encoded: bytes, org_id: UUID, key_id: bytes) -> bytes:
    # Every part has a fixed size, so that joining them is unambiguous.
    return _LABEL + bytes([classes.DEFAULT_SUITE]) + encoded + org_id.bytes + key_id
