"""Random steps by random hands on a real database: what must hold holds after each of them."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from service import faults
from service.domain.facts import LegFacts
from service.domain.people import Mode
from service.domain.rules import Step
from tests.store import random_network
from tests.store.random_network import ACTORS, World

RECIPIENTS = st.lists(
    st.sampled_from(["account", "link", "intake"]), min_size=1, max_size=3, unique=True
)
RARE = {Step.VOID, Step.DISCARD, Step.WITHDRAW, Step.RECALL, Step.END_UNRESPONSIVE, Step.REOPEN}
"""Open nearly always and the end of much: taken seldom, so that stories grow."""
EVERY_STEP = st.sampled_from([step for step in Step if step is not Step.CREATE])


class RandomSteps(RuleBasedStateMachine):
    """Pushes one referral about; the test opens the one loop and the pools for all runs."""

    runner: asyncio.Runner
    world: World

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.world.all_invariants())

    def leg(self, choice: int) -> LegFacts | None:
        """Choose a leg, or the order itself."""
        legs = self.world.model.legs if self.world.model is not None else ()
        place = choice % (len(legs) + 1)
        return legs[place - 1] if place else None

    @initialize(recipients=RECIPIENTS, mode=st.sampled_from(Mode), send=st.integers(0, 3))
    def a_draft(self, recipients: list[str], mode: Mode, send: int) -> None:
        self.run(self.world.begin(recipients, mode))
        if send:
            self.world.keep(self.run(self.world.take("sender", Step.SEND, None)))
        self.run(self.world.holds())

    @rule(seconds=st.sampled_from([1, 11, 600, 901, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.world.wait(seconds))

    @rule(which=st.integers(0, 2**16), rare=st.integers(0, 9))
    def something_that_is_open(self, which: int, rare: int) -> None:
        found = self.run(self.world.choices())
        steps = sorted({each.step for each in found if rare == 0 or each.step not in RARE})
        if steps:
            # By step first: the many ways to log a call must not crowd out one acceptance.
            step = steps[which % len(steps)]
            ways = [each for each in found if each.step is step]
            way = ways[which // len(steps) % len(ways)]
            self.attempt(way.who, step, way.leg, on_behalf=way.on_behalf, is_open=True)

    @rule(who=st.sampled_from(ACTORS), step=EVERY_STEP, choice=st.integers(0, 3))
    def anything_at_all(self, who: str, step: Step, choice: int) -> None:
        leg = self.leg(choice)
        names = {each.step for each in self.run(self.world.open(who, leg))}
        self.attempt(who, step, leg, on_behalf=False, is_open=step in names)

    def attempt(
        self, who: str, step: Step, leg: LegFacts | None, *, on_behalf: bool, is_open: bool
    ) -> None:
        before = self.run(self.world.counts())
        try:
            taken = self.run(self.world.take(who, step, leg, on_behalf=on_behalf))
        except random_network.REFUSALS as refusal:
            assert self.run(self.world.counts()) == before
            self.says_what_is_open(refusal, who, leg, on_behalf=on_behalf, is_open=is_open)
        else:
            assert is_open
            self.world.keep(taken)
        self.run(self.world.holds())

    def says_what_is_open(
        self,
        refusal: faults.Fault,
        who: str,
        leg: LegFacts | None,
        *,
        on_behalf: bool,
        is_open: bool,
    ) -> None:
        if isinstance(refusal, faults.StepRefused):
            found = self.run(self.world.open(who, leg, on_behalf=on_behalf))
            assert refusal.extra["open_steps"] == sorted({str(each.step) for each in found})
            assert not is_open
        if isinstance(refusal, faults.Invalid):
            # Only these are not carried by every step of this test: three logged attempts, and
            # a recipient for a draft whose every leg was taken back.
            (error,) = refusal.extra["errors"]
            assert error["field"] in ("attempts", "recipients")


SHORT = settings(
    max_examples=30,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_random_steps_by_random_hands_break_nothing(fresh_database: str) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        RandomSteps.runner = runner
        RandomSteps.world = runner.run(random_network.opened(stack, fresh_database))
        try:
            run_state_machine_as_test(RandomSteps, settings=SHORT)
        finally:
            runner.run(stack.aclose())
