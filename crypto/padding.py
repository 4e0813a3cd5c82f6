"""Padding that hides most of a length: a size that is seen says little about the text.

Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PoPETs 2019) leaks
O(log log n) bits of a length and costs at most 12 %, less as it grows. Below 256 bytes it
hides next to nothing ("yes" and "no, never" would differ), so everything starts there.
The true length stands in front of the text, under the same encryption.
"""

from crypto import faults, layout

FLOOR = 256
_LENGTH_SIZE = 8


def padded_length(length: int) -> int:
    """Return the size that a text with its length field is padded to."""
    if length <= FLOOR:
        return FLOOR
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (length + mask) & ~mask


def pad(plaintext: bytes) -> bytes:
    """Return length, text and zeros."""
    body = layout.u64(len(plaintext)) + plaintext
    return body + bytes(padded_length(len(body)) - len(body))


def unpad(padded: bytes) -> bytes:
    """Return the text; anything but what `pad` makes of it raises CannotOpen."""
    end = _LENGTH_SIZE + int.from_bytes(padded[:_LENGTH_SIZE], "big")
    if end > len(padded) or padded_length(end) != len(padded):
        raise faults.CannotOpen
    if padded.count(0, end) != len(padded) - end:
        raise faults.CannotOpen
    return padded[_LENGTH_SIZE:end]
