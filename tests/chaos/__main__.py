"""`python -m tests.chaos --faults n --seed s [--twin]`: its last line is the verdict."""

import argparse
import signal
import sys

from tests.chaos.client import End
from tests.chaos.run import Outcome, Wish, perform

_SHOWN = 12


def main() -> int:
    """Run it and print the verdict; 0 says that the promise held (of the twin: that it broke)."""
    wish = _wish()
    # Whoever asks us to stop gets everything we started stopped as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcome = perform(wish, lambda line: print(line, flush=True))
    except KeyboardInterrupt:
        print("chaos: stopped before its end; nothing is left running", flush=True)
        return 130
    for name, value in outcome.rows:
        print(f"  {name:<36}{value}")
    return _twin(outcome) if wish.twin else _verdict(outcome)


def _wish() -> Wish:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=4.0, help="longest seconds between faults")
    parser.add_argument("--twin", action="store_true", help="without the outbox: it must lose")
    given = parser.parse_args()
    return Wish(faults=given.faults, seed=given.seed, twin=given.twin, gap=given.gap)


def _verdict(outcome: Outcome) -> int:
    wrongs = outcome.wrongs
    for line in wrongs[:_SHOWN]:
        print(f"  ! {line}")
    if len(wrongs) > _SHOWN:
        print(f"  ! and {len(wrongs) - _SHOWN} more")
    if outcome.logs is not None:
        print(f"  the logs are in {outcome.logs}")
    drained = f"{outcome.drained_s:.1f}s" if outcome.drained_s is not None else "no"
    print(
        f"chaos: {'BROKEN' if wrongs else 'HELD'} faults={outcome.wish.faults}"
        f" seed={outcome.wish.seed} acknowledged={outcome.notes.count(End.ACKNOWLEDGED)}"
        f" lost={len(outcome.verdict.lost)} half={len(outcome.verdict.half)}"
        f" doubled={len(outcome.verdict.doubled)} mails={outcome.mails} texts={outcome.texts}"
        f" duplicates={outcome.mails_again}+{outcome.texts_again} allowed={outcome.allowed}"
        f" drained={drained}"
        f" other={len(wrongs) - _counted(outcome)}",
        flush=True,
    )
    return 1 if wrongs else 0


def _counted(outcome: Outcome) -> int:
    verdict = outcome.verdict
    return len(verdict.lost) + len(verdict.half) + len(verdict.doubled)


def _twin(outcome: Outcome) -> int:
    """Print what the twin lost; a twin that lost no text, or no mail, shows nothing of them."""
    verdict = outcome.verdict
    mails = verdict.owed - verdict.owed_texts
    print(f"twin: LOST {verdict.owed} mails={mails} texts={verdict.owed_texts}", flush=True)
    return 0 if mails and verdict.owed_texts else 1


if __name__ == "__main__":
    sys.exit(main())
