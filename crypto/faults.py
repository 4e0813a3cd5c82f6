"""What can go wrong with keys and sealed bytes; no message ever carries a value."""


class CannotOpen(Exception):
    """This value cannot be opened.

    The one answer to a wrong key, a wrong place, a changed byte, a truncated or foreign
    value and a forged cursor: a caller that could tell them apart would be an oracle.
    """

    def __init__(self) -> None:
        super().__init__("This value cannot be opened with the keys at hand.")


class KeyDestroyed(CannotOpen):
    """The key of this value was here and was destroyed; no other key opens it.

    Told apart because people have to be told: it says something of the key's row and nothing of
    the bytes, and every check of the bytes still raises `CannotOpen` alone.
    """


class KeyMissing(Exception):
    """An organization, or the network, has no active key for a purpose."""


class KeyRefused(Exception):
    """A public key was not attested by this root key, or is not a sound key."""


class RootKeyRefused(Exception):
    """The root key file is missing, malformed, already there or readable by others."""


class NotIndexable(ValueError):
    """A value does not have the form its blind index needs."""
