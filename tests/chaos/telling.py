"""What a run of the crash test prints before its verdict: a row a fact."""

from collections import Counter

from tests.chaos import reckoning, text_reckoning
from tests.chaos.client import End, Notes
from tests.chaos.post_office import PostOffice
from tests.chaos.reckoning import Ledger, Verdict
from tests.chaos.text_reckoning import Outside, TextLedger

DRAIN_S = 30.0
"""Everything that is due is done so long after the last fault."""

_SHOWN = 20


def requests(ledger: Ledger, notes: Notes) -> list[tuple[str, str]]:
    """Tell what clients were answered."""
    acknowledged = [each for each in notes.told if each.end is End.ACKNOWLEDGED]
    stored = {row["key"] for row in ledger.keys}
    left = [each for each in notes.told if each.end is End.LEFT]
    whole = sum(each.key in stored for each in left)
    return [
        ("requests acknowledged", str(len(acknowledged))),
        ("  only after another try", str(sum(each.tries > 1 for each in acknowledged))),
        ("  replayed from their key", str(sum(each.replayed for each in acknowledged))),
        ("refused: somebody else was first", str(notes.count(End.REFUSED))),
        ("left without waiting, stored whole", f"{len(left)}, {whole}"),
        ("no answer; turned away (503, 429)", f"{notes.unknown}; {notes.turned_away}"),
        ("referrals", str(len(ledger.referrals))),
    ]


def effects(ledger: Ledger, mail: PostOffice, *, begun: float) -> list[tuple[str, str]]:
    """Tell how effects ended, and how mails went."""
    states = ", ".join(f"{times} {state}" for state, times in sorted(ledger.states.items()))
    again = reckoning.again(ledger, mail.taken, begun=begun)
    return [
        ("effects", states),
        ("mails taken, taken again", f"{len(mail.taken)}, {mail.twice()}"),
        *(("  taken at", line) for line in again[:_SHOWN]),
    ]


def texts(ledger: TextLedger, outside: Outside, *, begun: float) -> list[tuple[str, str]]:
    """Tell how texts went."""
    again = [each for each in outside.taken.values() if len(each) > 1]
    unknown = sum(row["delivery"] == "unknown" for row in ledger.sent.values())
    kept = sum(each.kept_at is not None for each in outside.written.values())
    stops = sum(each.stops for each in outside.written.values())
    by = Counter(each.provider for takings in outside.taken.values() for each in takings)
    return [
        ("texts taken, taken again", f"{len(outside.taken)}, {sum(len(e) - 1 for e in again)}"),
        *(("  taken at", moments([each.moment for each in e], begun)) for e in again[:_SHOWN]),
        ("  by provider", ", ".join(f"{count} {name}" for name, count in sorted(by.items()))),
        ("  nobody answered for", str(unknown)),
        ("  begun before a stop, taken after", str(text_reckoning.in_hand(ledger, outside))),
        ("  waiting until it is day", str(ledger.asleep)),
        ("reports taken", str(len(outside.reported))),
        ("words from phones, of them stops", f"{kept}, {stops}"),
    ]


def moments(at: list[float], begun: float) -> str:
    """Say when something happened, in seconds since the first fault."""
    return ", ".join(f"{each - begun:.1f}" for each in at) + " s"


def ways(fell: str, drained_s: float | None, verdict: Verdict) -> list[tuple[str, str]]:
    """Tell how it ended."""
    drained = f"after {drained_s:.1f} s" if drained_s is not None else f"not in {DRAIN_S:.0f} s"
    return [
        ("processes that fell by themselves", fell),
        ("drained", drained),
        (
            "due and not done: mails, texts",
            f"{verdict.owed - verdict.owed_texts}, {verdict.owed_texts}",
        ),
    ]
