"""Figures: medians of rounds, their ratio to the floor of the same run, and where they are kept."""

import statistics
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table; `baseline` and `ratio` are null where nothing is measured beside it.

    `goal` is the least ratio, or for a time the most milliseconds, or where something was measured
    beside it the greatest ratio; above a thousand, the least rate; null for what only informs.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    goal: float | None = None
    holds: bool | None = None


class Rounds(msgspec.Struct):
    """What each round measured, of the product and of what stands beside it."""

    product: list[float] = msgspec.field(default_factory=list)
    floor: list[float] = msgspec.field(default_factory=list)
    auto: list[float] = msgspec.field(default_factory=list)


def beside(name: str, rounds: Rounds, *, goal: float) -> list[Figure]:
    """Make the figures of something that has a floor; the ratio is the median of the rounds'."""
    ratios = [ours / theirs for ours, theirs in zip(rounds.product, rounds.floor, strict=True)]
    ratio = statistics.median(ratios)
    main = Figure(
        name=name,
        value=round(statistics.median(rounds.product), 1),
        unit="1/s",
        baseline=round(statistics.median(rounds.floor), 1),
        ratio=round(ratio, 3),
        goal=goal,
        holds=ratio >= goal,
    )
    if not rounds.auto:
        return [main]
    auto = statistics.median(rounds.auto)
    beside_it = Figure(
        name=f"{name}: floor as one autocommit CTE", value=round(auto, 1), unit="1/s"
    )
    return [main, beside_it]


def times(
    name: str, ours: list[float], beside: list[float], *, goal: float | None = None
) -> Figure:
    """Make the figure of a time that has another beside it; both in milliseconds, by round."""
    ratio = statistics.median(one / other for one, other in zip(ours, beside, strict=True))
    return Figure(
        name=name,
        value=round(statistics.median(ours), 2),
        unit="ms",
        baseline=round(statistics.median(beside), 2),
        ratio=round(ratio, 3),
        goal=goal,
        holds=None if goal is None else ratio <= goal,
    )


def within(name: str, milliseconds: float, *, goal: float) -> Figure:
    """Make the figure of a time that must not be exceeded."""
    return Figure(
        name=name, value=round(milliseconds, 1), unit="ms", goal=goal, holds=milliseconds <= goal
    )


def at_least(name: str, rate: float, *, beside: float, goal: float) -> Figure:
    """Make the figure of a rate that must be reached, whatever the ratio to what is beside it."""
    return Figure(
        name=name,
        value=round(rate, 1),
        unit="1/s",
        baseline=round(beside, 1),
        ratio=round(rate / beside, 3),
        goal=goal,
        holds=rate >= goal,
    )


def told(name: str, value: float, unit: str) -> Figure:
    """Make a figure that only informs."""
    return Figure(name=name, value=round(value, 2), unit=unit)


def table(figures: list[Figure]) -> str:
    """Spell figures as a table that reads well as text and as Markdown."""
    rows = [("figure", "value", "floor", "ratio", "goal", "holds")]
    rows.append(("---", "---:", "---:", "---:", "---:", "---"))
    rows += [_row(each) for each in figures]
    widths = [max(len(row[place]) for row in rows) for place in range(6)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, str, str, str, str, str]:
    sign = "<=" if figure.unit == "ms" else ">="
    goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
    holds = {None: "", True: "yes", False: "no"}[figure.holds]
    return (
        figure.name,
        f"{figure.value:,.2f} {figure.unit}",
        "" if figure.baseline is None else f"{figure.baseline:,.1f}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        goal,
        holds,
    )


def keep(figures: list[Figure]) -> None:
    """Write the results for programs to read."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


def publish(figures: list[Figure], *, surroundings: str) -> None:
    """Put the table between the marks of its page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    told_here = f"{BEGIN}\n\n{surroundings}\n\n{table(figures)}\n\n{END}"
    PAGE.write_text(before + told_here + after, encoding="utf-8")
