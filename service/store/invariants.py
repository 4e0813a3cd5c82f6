"""What must hold in every database at every moment, one statement each.

Run as the role ``lk_check``, which sees every row and no sealed column. Of the design's list one
is not here: I13 (nothing readable outside the columns meant for it) is a test of the whole house,
``tests/loop/test_canaries.py``, because this role cannot see what it would have to search. That the
trees of I12 verify is reckoned by ``loopkeeper audit verify``, which reads every line.
"""

from collections.abc import Sequence

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("invariants")


class Invariant(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence that must be true; `running` ones hold only while the workers run."""

    id: str
    says: str
    query: str
    running: bool = False


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sentence is not true: the row's id, and what is wrong, in codes and counts."""

    subject: str
    detail: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What came of checking one invariant; at most 20 breaches are listed."""

    invariant: Invariant
    breaches: tuple[Breach, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was found against it."""
        return not self.breaches


def _one(number: str, says: str, query: str, *, running: bool = False) -> Invariant:
    return Invariant(id=number, says=says, query=query, running=running)


INVARIANTS = (
    _one("I1", "Every acknowledged key has exactly one act.", "i01_keys"),
    _one("I2", "No effect is without a cause.", "i02_effects_have_a_cause"),
    _one("I3", "Every history has no gap and replays to what is.", "i03_history_replays"),
    _one("I4", "Only rules occur.", "i04_only_rules"),
    _one("I5", "Every open referral has an owner and a wait.", "i05_somebody_owns_it"),
    _one("I6", "Every effect ends.", "i06_effects_end", running=True),
    _one("I6a", "No reminder waits past its digest.", "i06_digests_leave", running=True),
    _one("I7", "Every delivery ends.", "i07_deliveries_end", running=True),
    _one("I8", "One recipient at most is at work.", "i08_one_acceptance"),
    _one("I9", "Keys reach parties only.", "i09_keys_reach_parties_only"),
    _one("I10", "Every seal is a disclosure.", "i10_seals_are_disclosures"),
    _one("I11", "References stay with parties.", "i11_references_stay_with_parties"),
    _one("I12", "Every act has its line in the record.", "i12_record"),
    _one("I12a", "Every line has its number.", "i12_numbered", running=True),
    _one("I14", "A link that ended has no session.", "i14_links_end"),
    _one("I15", "Timers fire.", "i15_timers_fire", running=True),
    _one("I16", "One key a purpose is active.", "i16_one_active_key"),
    _one("I17", "The sums agree.", "i17_sums"),
    _one("I18", "Who left has no way in.", "i18_leavers"),
    _one("I19", "Nobody is texted without leave.", "i19_texts_with_leave"),
    _one("I20", "Nobody is texted at night.", "i20_texts_by_day"),
    _one("I21", "Nobody is texted twice a day.", "i21_texts_in_measure"),
    _one("I22", "What nobody reported is called so.", "i22_unknown_in_time", running=True),
    _one("I23", "Every event has its numbers.", "i23_events_are_numbered", running=True),
)
"""In the order of the design's list; after it, what was found to need watching since."""

READS = {each.query: Breach for each in INVARIANTS}
"""Which Struct the columns of a query feed; a test compares them."""


async def check(
    connection: Connection, invariants: Sequence[Invariant] = INVARIANTS
) -> list[Finding]:
    """Ask each of them in one transaction of the role lk_check."""
    return [
        Finding(
            invariant=each,
            breaches=tuple(
                Breach(subject=row["subject"], detail=row["detail"])
                for row in await connection.fetch(getattr(Q, each.query))
            ),
        )
        for each in invariants
    ]
