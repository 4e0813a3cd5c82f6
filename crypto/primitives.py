"""The only calls into `cryptography`; every size and parameter is argued here.

We write no primitive. What is not here, the product does not use.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable

from cryptography.exceptions import InvalidKey, InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from crypto import faults

Entropy = Callable[[int], bytes]
HpkePrivateKey = hpke.MLKEM768X25519PrivateKey
HpkePublicKey = hpke.MLKEM768X25519PublicKey
SigningKey = ed25519.Ed25519PrivateKey
VerifyingKey = ed25519.Ed25519PublicKey

KEY_SIZE = 32  # AES-256: a 128-bit margin is left after Grover's algorithm.
NONCE_SIZE = 12  # The one nonce size GCM uses unhashed (SP 800-38D).
TAG_SIZE = 16  # The full tag; shorter ones make forgery a matter of patience.
SIGNATURE_SIZE = 64
HPKE_OVERHEAD = 1120 + TAG_SIZE  # ML-KEM-768 ciphertext 1,088, X25519 share 32.

_MLKEM_SEED = 64
_MLKEM_PUBLIC = 1184
_HPKE_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

# OWASP's second choice: 19 MiB, two passes, one lane; about 25 ms of one core. The limiter
# stands in front of it, because two cores check only some 80 passwords a second.
_ARGON_MEMORY_KIB = 19 * 1024
_ARGON_PREFIX = f"$argon2id$v=19$m={_ARGON_MEMORY_KIB},t=2,p=1$"


def random_bytes(count: int) -> bytes:
    """Return bytes from the operating system's generator."""
    return secrets.token_bytes(count)


def sha256(data: bytes) -> bytes:
    """Return the 32-byte SHA-256 digest."""
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA-256."""
    return hmac.digest(key, data, "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Compare in time that does not depend on where the first difference is."""
    return hmac.compare_digest(one, other)


def hkdf_sha256(secret: bytes, *, info: bytes, length: int = KEY_SIZE, salt: bytes = b"") -> bytes:
    """Derive a key from a secret (RFC 5869, extract and expand).

    `info` is a label of ours; more than 255 hashes of output is a ValueError.
    """
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt or None, info=info).derive(
        secret
    )


def hkdf_expand_sha512(key: bytes, *, info: bytes, length: int) -> bytes:
    """Expand a uniformly random key; SHA-512 gives 64 bytes in one block.

    Extract is left out on purpose: the input is a random key already (RFC 5869, 3.3).
    """
    return HKDFExpand(algorithm=hashes.SHA512(), length=length, info=info).derive(key)


class Aead:
    """AES-256-GCM under one key, with nonces the caller answers for."""

    __slots__ = ("_gcm",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError("An AES-256 key has 32 bytes.")
        self._gcm = AESGCM(key)

    def seal(self, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return ciphertext and tag; a nonce that is not 12 bytes is a ValueError."""
        if len(nonce) != NONCE_SIZE:
            raise ValueError("A GCM nonce has 12 bytes.")
        return self._gcm.encrypt(nonce, plaintext, aad)

    def open(self, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """Return the plaintext or raise CannotOpen."""
        if len(nonce) != NONCE_SIZE:
            raise faults.CannotOpen
        try:
            return self._gcm.decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise faults.CannotOpen from None


def aead_seal(
    key: bytes, plaintext: bytes, *, aad: bytes, entropy: Entropy = random_bytes
) -> bytes:
    """Seal under a random nonce and return nonce, ciphertext and tag.

    Random 96-bit nonces are safe for 2^32 values under one key (SP 800-38D, 8.3).
    """
    nonce = entropy(NONCE_SIZE)
    return nonce + Aead(key).seal(nonce, plaintext, aad)


def aead_open(key: bytes, sealed: bytes, *, aad: bytes) -> bytes:
    """Open what `aead_seal` made or raise CannotOpen."""
    return Aead(key).open(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], aad)


def hpke_generate() -> tuple[bytes, bytes]:
    """Make a hybrid key pair: 96 private bytes (ML-KEM seed, X25519) and 1,216 public ones."""
    lattice = mlkem.MLKEM768PrivateKey.generate()
    curve = x25519.X25519PrivateKey.generate()
    private = lattice.private_bytes_raw() + curve.private_bytes_raw()
    public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return private, public


def hpke_private(raw: bytes) -> HpkePrivateKey:
    """Parse a private key once; it costs about 80 microseconds, so keep the object."""
    try:
        return HpkePrivateKey(
            mlkem.MLKEM768PrivateKey.from_seed_bytes(raw[:_MLKEM_SEED]),
            x25519.X25519PrivateKey.from_private_bytes(raw[_MLKEM_SEED:]),
        )
    except ValueError:
        raise faults.CannotOpen from None


def hpke_public(raw: bytes) -> HpkePublicKey:
    """Parse a public key once; a malformed one raises KeyRefused."""
    try:
        return HpkePublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC]),
            x25519.X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]),
        )
    except ValueError:
        raise faults.KeyRefused("This public key is not a sound key.") from None


def hpke_seal(public: HpkePublicKey, plaintext: bytes, *, info: bytes) -> bytes:
    """Seal to a public key (RFC 9180 base mode, single shot, no AAD).

    The library has no AAD here, so all context goes into `info`; an empty one would be the
    same as none and is a ValueError. A low-order X25519 key raises KeyRefused.
    """
    if not info:
        raise ValueError("HPKE needs a typed info.")
    try:
        return _HPKE_SUITE.encrypt(plaintext, public, info)
    except ValueError:
        raise faults.KeyRefused("This public key is not a sound key.") from None


def hpke_open(private: HpkePrivateKey, sealed: bytes, *, info: bytes) -> bytes:
    """Open what was sealed to a key or raise CannotOpen."""
    try:
        return _HPKE_SUITE.decrypt(sealed, private, info)
    except InvalidTag:
        raise faults.CannotOpen from None


def sign_generate() -> tuple[bytes, bytes]:
    """Make an Ed25519 pair: 32 private bytes (the seed) and 32 public ones."""
    key = SigningKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def signing_key(raw: bytes) -> SigningKey:
    """Parse a signing key; a wrong length raises CannotOpen."""
    try:
        return SigningKey.from_private_bytes(raw)
    except ValueError:
        raise faults.CannotOpen from None


def public_half(raw: bytes) -> bytes:
    """Return the 32 public bytes of a private signing key; a wrong length raises CannotOpen."""
    return signing_key(raw).public_key().public_bytes_raw()


def verifying_key(raw: bytes) -> VerifyingKey:
    """Parse a public signing key; a malformed one raises KeyRefused."""
    try:
        return VerifyingKey.from_public_bytes(raw)
    except ValueError:
        raise faults.KeyRefused("This public key is not a sound key.") from None


def sign(key: SigningKey, data: bytes) -> bytes:
    """Return the 64-byte Ed25519 signature."""
    return key.sign(data)


def verify(key: VerifyingKey, signature: bytes, data: bytes) -> None:
    """Return if the signature holds, raise CannotOpen if not."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        raise faults.CannotOpen from None


def password_hash(password: str) -> str:
    """Return the Argon2id hash of a password as a PHC string, with a fresh 16-byte salt."""
    return _argon2(random_bytes(16)).derive_phc_encoded(_password_bytes(password))


def password_verify(password: str, phc: str | None) -> bool:
    """Say whether a password matches; without a hash, spend the same time and say no.

    A string with other costs than ours is refused before it can cost memory.
    """
    if phc is None or not phc.startswith(_ARGON_PREFIX):
        _argon2(bytes(16)).derive(_password_bytes(password))
        return False
    try:
        Argon2id.verify_phc_encoded(_password_bytes(password), phc)
    except (InvalidKey, ValueError):
        return False
    return True


def _argon2(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=_ARGON_MEMORY_KIB)


def _password_bytes(password: str) -> bytes:
    # The same password typed on two keyboards may arrive composed or decomposed.
    return unicodedata.normalize("NFKC", password).encode()
