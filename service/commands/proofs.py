"""Check the proof of one line of the record with a public key that was pinned, and nothing else."""

from collections.abc import Sequence

import click

from service import faults


class NotACheckpoint(faults.Fault):
    """This file does not hold what was expected."""

    kind, slug = faults.Kind.INVALID, "not-a-checkpoint"
    advice = "Give the lines that `loopkeeper audit checkpoint` or `loopkeeper audit key` printed."


class KeyNeeded(faults.Fault):
    """A proof is checked with a key that was pinned."""

    kind, slug = faults.Kind.INVALID, "key-needed"
    advice = "Give --public-key what `loopkeeper audit key` printed."


class NotProved(faults.Fault):
    """This proof does not hold."""

    kind, slug = faults.Kind.INVALID, "not-proved"
    advice = "The line, its place or the checkpoint is not what was signed."


_SAYS = ("act", "outcome", "request")
_PLACES = (9, 10, 15)
"""Where a line's columns say what was done, how it ended, and in which request."""


def tell(text: bytes, *, pinned: Sequence[str] | None, kept: Sequence[str]) -> None:
    """Check a proof and say what it proves; raises KeyNeeded, NotACheckpoint, NotProved.

    A checkpoint of the same number that was kept elsewhere must be the one in the proof.
    """
    import msgspec

    from crypto import checkpoint, inclusion, layout
    from crypto.faults import CannotOpen, KeyRefused

    if pinned is None:
        raise KeyNeeded
    try:
        keys = dict(checkpoint.read_key(line) for line in pinned if line.strip())
        known = [checkpoint.read(line).checkpoint for line in kept if line.strip()]
    except (CannotOpen, KeyRefused):
        raise NotACheckpoint from None
    try:
        proof = msgspec.json.decode(text, type=inclusion.Proof)
        made = inclusion.check(proof, keys).checkpoint
    except (CannotOpen, msgspec.DecodeError):
        raise NotProved from None
    if any(each.number == made.number and each != made for each in known):
        raise NotProved("The checkpoint in it is not the one kept outside.")
    columns = layout.split_columns(proof.line)
    said = zip(_SAYS, (columns[place] for place in _PLACES), strict=True)
    words = "".join(f", {name} {value.decode()}" for name, value in said if value is not None)
    click.echo(f"holds  Line {proof.seq} of {proof.size} of log {proof.log_id} is {proof.audit_id}")
    click.echo(f"       under checkpoint {made.number}{words}.")
