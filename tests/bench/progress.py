"""How far the run is, on standard error; silent where nobody watches."""

import sys
import time


class Progress:
    """One line that is drawn anew; `parts` is how many steps the whole run has."""

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self._done = 0
        self._begun = time.monotonic()
        self._drawn = 0.0
        self._said = ""

    def begin(self, said: str) -> None:
        """Say what is measured next."""
        self._said = said
        self._draw()

    def tick(self) -> None:
        """Show that something still happens; cheap enough to call for every request."""
        if time.monotonic() - self._drawn > 0.5:
            self._draw()

    def done(self) -> None:
        """Count one part as done."""
        self._done += 1
        self._draw()

    def end(self) -> None:
        """Leave the line."""
        self._said = "done"
        self._draw()
        if sys.stderr.isatty():
            sys.stderr.write("\n")

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if not sys.stderr.isatty():
            return
        full = 24 * self._done // max(1, self._parts)
        seconds = self._drawn - self._begun
        bar = "#" * full + "." * (24 - full)
        sys.stderr.write(f"\r[{bar}] {self._done}/{self._parts} {seconds:4.0f} s  {self._said:<44}")
        sys.stderr.flush()
