"""The root key: 32 bytes in a file that only its owner can read.

While it is rotated the file holds two, a line each: the first wraps, derives and attests, and the
others still open. Who holds the file open looks again whenever it changed.
"""

import base64
import binascii
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from crypto import faults, keys, primitives, sealed


class Root(keys.Wrapper, Protocol):
    """What a root key can do, wherever it lives."""

    def derive(self, label: str) -> bytes:
        """Return 32 bytes that belong to a label and to the root key that wraps now."""
        ...

    def derived(self, label: str) -> tuple[bytes, ...]:
        """Return the same of every root key that still opens, the one that wraps first."""
        ...

    def newest(self) -> keys.Wrapper:
        """Return the root key that wraps now, as one that does not change under its user."""
        ...


_PROBE = b"this root key opens this database"


def probe(root: Root) -> bytes:
    """Make bytes to keep in a database, which only this root key opens."""
    return root.newest().wrap(_PROBE, b"lk1/probe")


def is_probe(root: Root, given: bytes) -> bool:
    """Say whether this root key made a probe."""
    try:
        return primitives.same(root.unwrap(given, b"lk1/probe"), _PROBE)
    except faults.CannotOpen:
        return False


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

    def derived(self, label: str) -> tuple[bytes, ...]:
        """Return the same; a key alone is all there is."""
        return (self.derive(label),)

    def newest(self) -> "RootKey":
        """Return this key."""
        return self

    def line(self) -> bytes:
        """Return the key as a line of its file, for nothing but writing that file."""
        return base64.b64encode(self._raw) + b"\n"

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the wrapped bytes, this key's id among them."""
        return self._wrapping.wrap(plaintext, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what was wrapped or raise CannotOpen."""
        return self._wrapping.unwrap(wrapped, aad)


class RootFile:
    """The root keys of a file; a file that was replaced is read again before it is used."""

    __slots__ = ("_keys", "_path", "_stamp")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self._keys = _read(path)

    def __repr__(self) -> str:
        return f"<root keys {', '.join(each.key_id.hex() for each in self._keys)}>"

    @property
    def every(self) -> tuple[RootKey, ...]:
        """Every root key that opens, the one that wraps first; raises RootKeyRefused."""
        found = _stamp(self._path)
        # Gone or not to be looked at: what is held opens what it opened a moment ago.
        if found is not None and found != self._stamp:
            self._keys = _read(self._path)
            self._stamp = found
        return self._keys

    @property
    def key_id(self) -> bytes:
        """The id of the key that wraps now."""
        return self.newest().key_id

    def newest(self) -> RootKey:
        """Return the key that wraps now."""
        return self.every[0]

    def derive(self, label: str) -> bytes:
        """Return 32 bytes that belong to a label and to the key that wraps now."""
        return self.newest().derive(label)

    def derived(self, label: str) -> tuple[bytes, ...]:
        """Return the same of every key that still opens, the one that wraps first."""
        return tuple(each.derive(label) for each in self.every)

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the bytes wrapped under the key that wraps now."""
        return self.newest().wrap(plaintext, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what one of these keys wrapped or raise CannotOpen."""
        wanted = sealed.key_id_of(wrapped)
        for each in self.every:
            if primitives.same(each.key_id, wanted):
                return each.unwrap(wrapped, aad)
        raise faults.CannotOpen


def load(path: Path) -> RootFile:
    """Read the root keys of a file (base64 text, mode 0600) or raise RootKeyRefused."""
    return RootFile(path)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> tuple[RootKey, ...]:
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
        text = os.read(descriptor, 1024)
    finally:
        os.close(descriptor)
    return tuple(RootKey(_decode(path, line)) for line in text.strip().split(b"\n"))


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
    made = RootKey(raw)
    _store(descriptor, made.line())
    return made


def add(path: Path) -> RootKey:
    """Put a new root key in front of those of a file; from then on it wraps and they open."""
    held = _read(path)
    made = RootKey(primitives.random_bytes(primitives.KEY_SIZE))
    _replace(path, [made, *held])
    return made


def retire(path: Path) -> Path:
    """Leave only the first key in a file and return where the others are kept for backups."""
    newest, *older = _read(path)
    kept = path.with_name(f"{path.name}.{older[0].key_id.hex()}.retired")
    # The old ones are on disk elsewhere before they go from here.
    _replace(kept, older)
    _replace(path, [newest])
    return kept


def _replace(path: Path, held: Sequence[RootKey]) -> None:
    """Write a key file beside its place and move it there: never half of one is seen."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _store(descriptor, b"".join(each.line() for each in held))
        os.replace(beside, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise faults.RootKeyRefused(
            f"The root key file {path} cannot be written ({error.strerror}). Put the new key before"
            " the old one in it, a line each, and run `loopkeeper keys rewrap`."
        ) from None


def _store(descriptor: int, text: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        # A key lost to a power cut is all data lost: on disk before anything is sealed.
        os.fsync(file.fileno())


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
