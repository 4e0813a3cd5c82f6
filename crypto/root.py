"""The root key: 32 bytes in a file that only its owner can read."""

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import Protocol

from crypto import faults, keys, primitives, sealed


class Root(keys.Wrapper, Protocol):
    """What a root key can do, wherever it lives."""

    def derive(self, label: str) -> bytes:
        """Return 32 bytes that belong to a label and to this root key alone."""
        ...


class RootKey:
    """A root key held in this process; it cannot be printed."""

    __slots__ = ("_raw", "_wrapping")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != primitives.KEY_SIZE:
            raise faults.RootKeyRefused("The root key must be 32 bytes.")
        self._raw = raw
        # One key, one use: wrapping, naming and deriving each have a key of their own.
        self._wrapping = keys.WrappingKey(
            self.derive("id")[: sealed.KEY_ID_SIZE], self.derive("wrap")
        )

    def __repr__(self) -> str:
        return f"<root key {self.key_id.hex()}>"

    @property
    def key_id(self) -> bytes:
        """The 8-byte id that wrapped values carry; it says nothing about the key."""
        return self._wrapping.key_id

    def derive(self, label: str) -> bytes:
        """Return 32 bytes that belong to a label and to this root key alone."""
        return primitives.hkdf_sha256(self._raw, info=b"lk1/root/" + label.encode())

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the wrapped bytes, this key's id among them."""
        return self._wrapping.wrap(plaintext, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what was wrapped or raise CannotOpen."""
        return self._wrapping.unwrap(wrapped, aad)


def key_id(root: Root) -> bytes:
    """Return a root key's 8-byte id."""
    return root.key_id


def load(path: Path) -> RootKey:
    """Read a root key from its file (base64 text, mode 0600) or raise RootKeyRefused."""
    try:
        # Without waiting: a named pipe must be refused, not sat in front of.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise faults.RootKeyRefused(
            f"The root key file {path} cannot be read ({error.strerror}). Put the key of"
            " this database there, or name its file in LOOPKEEPER_ROOT_KEY_FILE."
        ) from None
    try:
        # Look at the open file, not at the path: the path may point elsewhere by now.
        _refuse_open_to_others(path, os.fstat(descriptor).st_mode)
        return RootKey(_decode(path, os.read(descriptor, 1024)))
    finally:
        os.close(descriptor)


def create(path: Path) -> RootKey:
    """Make a new root key and write it; a file that is there already is RootKeyRefused.

    Call it only where there is no data yet: a new key opens nothing that an old one sealed.
    """
    raw = primitives.random_bytes(primitives.KEY_SIZE)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise faults.RootKeyRefused(
            f"The root key file {path} cannot be made ({error.strerror})."
            " Remove nothing before you know what the old key opens."
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(raw) + b"\n")
        file.flush()
        # A key lost to a power cut is all data lost: on disk before anything is sealed.
        os.fsync(file.fileno())
    return RootKey(raw)


def _refuse_open_to_others(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise faults.RootKeyRefused(f"The root key file {path} is not a regular file.")
    if mode & 0o077:
        raise faults.RootKeyRefused(
            f"The root key file {path} is open to others. Run: chmod 600 {path}"
        )


def _decode(path: Path, text: bytes) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != primitives.KEY_SIZE:
        raise faults.RootKeyRefused(f"The root key file {path} does not hold 32 bytes in base64.")
    return raw
