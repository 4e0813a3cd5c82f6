"""Sensitivity classes and cipher suites, with the one byte each has in sealed bytes."""

from enum import StrEnum

import msgspec


class Sensitivity(StrEnum):
    """How protected a piece of content is; each class has keys of its own."""

    GENERAL = "general"
    BEHAVIORAL = "behavioral"
    PART2 = "part2"
    PSYCHOTHERAPY = "psychotherapy"
    SOCIAL_SENSITIVE = "social_sensitive"


# Written into headers for ever: append, never renumber. Zero stays free, so that a
# buffer of zeros is no class.
CODES: dict[str, int] = {
    Sensitivity.GENERAL: 1,
    Sensitivity.BEHAVIORAL: 2,
    Sensitivity.PART2: 3,
    Sensitivity.PSYCHOTHERAPY: 4,
    Sensitivity.SOCIAL_SENSITIVE: 5,
}
NAMES: dict[int, Sensitivity] = {code: Sensitivity(name) for name, code in CODES.items()}


def code_of(sensitivity: str) -> int:
    """Return the byte of a class; an unknown class is a ValueError."""
    code = CODES.get(sensitivity)
    if code is None:
        raise ValueError("There is no such sensitivity class.")
    return code


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the suite table; `live` suites may seal and open."""

    code: int
    name: str
    live: bool


# 0x01 is a hybrid because health records stay secret for decades: what is recorded today
# must survive a quantum computer later, and the X25519 half holds if ML-KEM should fall.
# 0x02 and 0x03 keep their numbers for later and are refused until then.
SUITES: dict[int, Suite] = {
    0x01: Suite(code=0x01, name="MLKEM768-X25519/HKDF-SHA256/AES-256-GCM/Ed25519", live=True),
    0x02: Suite(code=0x02, name="X25519/HKDF-SHA256/AES-256-GCM/Ed25519", live=False),
    0x03: Suite(code=0x03, name="P-256/HKDF-SHA256/AES-256-GCM/ECDSA-P256", live=False),
}
DEFAULT_SUITE = 0x01


def is_live(code: int) -> bool:
    """Say whether a suite byte is on the allow-list."""
    suite = SUITES.get(code)
    return suite is not None and suite.live
