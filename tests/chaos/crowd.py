"""Several clients at once, in a thread of their own, until told that the last fault is over."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from threading import Event, Thread

from tests.chaos import stories
from tests.chaos.cast import Cast
from tests.chaos.client import Client, Moved, Notes
from tests.chaos.exchange import Exchange

CLIENTS = 6
THOUGHT_S = 0.5
"""The longest time a client thinks between two stories; the machine has other work too."""


class Crowd:
    """The clients, and what they wrote down."""

    def __init__(self, cast: Cast, phones: Exchange, *, port: int, seed: int) -> None:
        self.notes = Notes()
        self.failure: BaseException | None = None
        self._cast, self._phones = cast, phones
        self._port, self._seed = port, seed
        self._home = Event()
        self._late = Event()
        self._thread = Thread(target=self._run, name="crowd", daemon=True)

    def start(self) -> None:
        """Let them begin."""
        self._thread.start()

    def send_home(self, *, seconds: float, meanwhile: Callable[[], None]) -> None:
        """Let every story end; after so long what is not answered stays unanswered."""
        self._home.set()
        limit = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < limit:
            meanwhile()
        self._late.set()
        self._thread.join(timeout=10)
        if self.failure is not None:
            raise self.failure

    def leave(self) -> None:
        """Go at once."""
        self._home.set()
        self._late.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            asyncio.run(self._everybody())
        except BaseException as failure:  # noqa: BLE001 - told to the main thread, which raises it
            self.failure = failure

    async def _everybody(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(self._live(number))

    async def _live(self, number: int) -> None:
        dice = random.Random(f"{self._seed} {number}")
        client = Client(self._port, self.notes, dice, stop=self._late)
        try:
            while not self._home.is_set():
                with contextlib.suppress(Moved):
                    await stories.one(client, self._cast, self._phones)
                await asyncio.sleep(client.dice.uniform(0, THOUGHT_S))
        finally:
            client.hang_up()


def started(crowd: Crowd, *, seconds: float) -> None:
    """Wait until somebody was answered; raises TimeoutError."""
    limit = time.monotonic() + seconds
    while not crowd.notes.told:
        if crowd.failure is not None:
            raise crowd.failure
        if time.monotonic() > limit:
            raise TimeoutError("no client was answered before the first fault")
        time.sleep(0.05)
