"""Verify the record: every number, leaf, tree and signature is reckoned again from the lines.

Nothing that is stored beside a line is believed. What the database alone cannot tell, that its end
was cut off together with the checkpoints of it, a checkpoint kept elsewhere tells.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from crypto import checkpoint, merkle
from crypto.checkpoint import Way
from crypto.faults import CannotOpen
from crypto.primitives import VerifyingKey
from service.store import record_reading
from service.store.pool import Connection, Pool, Scope
from service.store.record_reading import Grown, Line, Named

LATE_SECONDS = 300.0
"""How old a line without a number may be; older ones mean that no sealer is at work."""

MOST = 20
"""How many findings of one log are listed; the others are counted."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it was signed; `log_id` is None where it concerns the chain."""

    says: str
    log_id: UUID | None = None
    seq: int | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was read and what was found; `more` findings are not listed."""

    checkpoints: int
    logs: int
    lines: int
    unsealed: int
    found: tuple[Found, ...]
    more: int = 0
    newest: str | None = None

    @property
    def sound(self) -> bool:
        """Whether the record is what was signed."""
        return not self.found


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What is known without the database: the keys, and checkpoints that were kept elsewhere."""

    keys: Mapping[bytes, VerifyingKey]
    kept: Sequence[checkpoint.Signed] = ()


class _Findings:
    """Findings as they come, of each log no more than can be read."""

    def __init__(self) -> None:
        self.listed: list[Found] = []
        self.more = 0
        self._counts: dict[UUID | None, int] = {}

    def add(self, says: str, *, log_id: UUID | None = None, seq: int | None = None) -> None:
        count = self._counts[log_id] = self._counts.get(log_id, 0) + 1
        if count > MOST:
            self.more += 1
        else:
            self.listed.append(Found(says=says, log_id=log_id, seq=seq))


Told = Callable[[int, int], None]


def _to_nobody(_done: int, _of: int) -> None:
    pass


async def verify_record(
    pool: Pool, outside: Outside, *, only: UUID | None = None, told: Told = _to_nobody
) -> Report:
    """Verify all logs, or one, as they stand at one moment."""
    async with pool.transaction(Scope()) as connection:
        await record_reading.hold_still(connection)
        return await reckon(connection, outside, only=only, told=told)


async def reckon(
    connection: Connection, outside: Outside, *, only: UUID | None = None, told: Told = _to_nobody
) -> Report:
    """Reckon in a transaction that is there; `told` hears how many lines of how many are done."""
    findings = _Findings()
    counts = await record_reading.counts(connection)
    chain = await _chain(connection, outside, findings)
    logs = chain.sizes if only is None else {only: chain.sizes.get(only, 0)}
    done = 0
    for log_id, size in sorted(logs.items()):
        async for count in _log(connection, log_id, size=size, findings=findings):
            done += count
            told(done, counts.leaves)
    if only is None:
        _strays(counts, chain, done, findings)
    waiting = await record_reading.unsealed(connection, log_id=only)
    if waiting.count and waiting.seconds > LATE_SECONDS:
        age = f"the oldest for {waiting.seconds:.0f} s"
        findings.add(f"{waiting.count} lines have no number, {age}. Does the sealer work?")
    return Report(
        checkpoints=chain.number,
        logs=len(logs),
        lines=done,
        unsealed=waiting.count,
        found=tuple(findings.listed),
        more=findings.more,
        newest=chain.newest.line() if chain.newest else None,
    )


class _Chain(msgspec.Struct):
    """How far the chain was followed, and the size of every log at its end."""

    number: int = 0
    heads: int = 0
    digest: bytes = checkpoint.FIRST
    newest: checkpoint.Signed | None = None
    sizes: dict[UUID, int] = {}


async def _chain(connection: Connection, outside: Outside, findings: _Findings) -> _Chain:
    chain = _Chain()
    kept: dict[int, list[checkpoint.Signed]] = {}
    for each in outside.kept:
        number = each.checkpoint.number
        kept.setdefault(number, []).append(each)
        if not _signed(each, outside):
            findings.add(f"Checkpoint {number} kept outside is signed by no key known here.")
    async for each in record_reading.checkpoints(connection):
        _link(chain, each, outside, findings)
        for other in kept.pop(chain.number, ()):
            if other.checkpoint != each.signed.checkpoint:
                findings.add(f"Checkpoint {chain.number} is not the one kept outside.")
    for number in sorted(kept):
        findings.add(f"Checkpoint {number} is kept outside and missing here.")
    return chain


def _link(chain: _Chain, each: Named, outside: Outside, findings: _Findings) -> None:
    made = each.signed.checkpoint
    where = f"Checkpoint {made.number}"
    if made.number != chain.number + 1:
        findings.add(f"{where} follows {chain.number}: what was between is missing.")
    if made.previous != chain.digest:
        findings.add(f"{where} does not name the one before it.")
    if not _signed(each.signed, outside):
        findings.add(f"{where} is signed by no key known here.")
    named = checkpoint.after(made.previous, each.heads, number=made.number, at_us=made.at_us)
    if named != made:
        findings.add(f"{where} names other heads than are stored.")
    if _astray(each):
        findings.add(f"{where} keeps a way to a head that does not lead there.")
    for head in each.heads:
        if head.size <= chain.sizes.get(head.log_id, 0):
            findings.add(f"{where} names a log that did not grow.", log_id=head.log_id)
        chain.sizes[head.log_id] = head.size
    chain.number, chain.digest = made.number, made.digest()
    chain.newest = each.signed
    chain.heads += len(each.heads)


def _astray(each: Named) -> bool:
    ways = zip(each.ways, checkpoint.ways(each.heads), strict=True)
    # Heads of before such ways were kept have no place.
    return any(way != Way(-1, b"") and way != leads for way, leads in ways)


def _signed(each: checkpoint.Signed, outside: Outside) -> bool:
    try:
        each.check(outside.keys)
    except CannotOpen:
        return False
    return True


async def _log(
    connection: Connection, log_id: UUID, *, size: int, findings: _Findings
) -> AsyncIterator[int]:
    """Grow a log's tree again and compare it at every head; says how many lines each page had."""
    tree = _Tree(log_id, findings)
    heads = record_reading.heads(connection, log_id)
    head = await anext(heads, None)
    async for page in record_reading.lines(connection, log_id):
        for line in page:
            tree.add(line)
            while head is not None and head.size <= tree.size:
                tree.compare(head)
                head = await anext(heads, None)
        yield len(page)
    if tree.size != size:
        tree.say(f"{tree.size} lines are numbered, {size} are signed for.")


class _Tree:
    """One log's tree as it grows again from its lines."""

    def __init__(self, log_id: UUID, findings: _Findings) -> None:
        self._log_id = log_id
        self._findings = findings
        self._frontier = merkle.Frontier()
        self._good = 0
        self._broken = False
        self._clean = True
        self.size = 0

    def say(self, says: str, *, seq: int | None = None) -> None:
        """Note what is not as it was signed."""
        self._clean = False
        self._findings.add(says, log_id=self._log_id, seq=seq)

    def add(self, line: Line) -> None:
        """Add the line that is there now, whatever is kept of it."""
        if line.seq != self.size + 1:
            self.say(f"Numbers {self.size + 1} to {line.seq - 1} are missing.", seq=line.seq)
        self.size = line.seq
        if line.leaf is None:
            self.say("The line is gone, or stands in another log.", seq=line.seq)
        elif line.leaf != line.kept:
            self.say("The line was changed.", seq=line.seq)
        node = self._frontier.push(line.leaf or line.kept)
        if self._clean and line.node != (None if line.seq & 1 else node):
            self.say("The node kept beside the line was changed.", seq=line.seq)

    def compare(self, head: Grown) -> None:
        """Compare with what was signed at this size; the first difference says where to look."""
        if head.size == self._frontier.size and head.root == self._frontier.root():
            self._good = head.size
        elif not self._broken:
            self._broken = True
            says = (
                f"Lines {self._good + 1} to {head.size} are not those of checkpoint {head.number}."
            )
            self.say(says, seq=head.size)


def _strays(counts: record_reading.Counts, chain: _Chain, lines: int, findings: _Findings) -> None:
    if counts.leaves != lines:
        findings.add(f"{counts.leaves - lines} numbers stand in logs that no checkpoint names.")
    if counts.heads != chain.heads:
        findings.add(f"{counts.heads - chain.heads} heads stand under no checkpoint.")
