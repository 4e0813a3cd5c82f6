"""Where the parts of a picture stand: numbers in, coordinates out, in a box of `WIDTH` by `HEIGHT`.

Pictures are drawn as SVG in the page: they print, need no script, and beside each stand the same
numbers as a table.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH = 600.0
HEIGHT = 200.0
_LEFT, _BOTTOM = 36.0, 24.0


def stack(parts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Lay parts of a whole side by side, as wide as they are many; none where nothing is."""
    whole, x, laid = sum(parts.values()), 0.0, list[dict[str, Any]]()
    for code, number in parts.items():
        width = WIDTH * number / whole if whole else 0.0
        if number:
            laid.append({"code": code, "x": round(x, 1), "width": round(width, 1)})
        x += width
    return laid


def bars(numbers: Iterable[int]) -> list[float]:
    """Give the width of each bar; the largest fills the box."""
    found = list(numbers)
    most = max(found, default=0)
    return [round(WIDTH * number / most, 1) if most else 0.0 for number in found]


def lines(series: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """Draw lines over the same steps; where a value is missing, its line has a gap.

    Gives `ticks` (label, y), `xs` (x of each step) and per series its `code`, its `pieces` (the
    points of each unbroken stretch, as SVG has them) and its `dots`.
    """
    steps = max((len(values) for values in series.values()), default=0)
    most = _round_up(
        max((v for values in series.values() for v in values if v is not None), default=0)
    )
    xs = [_x(at, steps) for at in range(steps)]
    return {
        "xs": xs,
        "ticks": [
            {"label": _plain(most * part / 4), "y": _y(most * part / 4, most)} for part in range(5)
        ],
        "series": [_line(code, values, xs, most) for code, values in series.items()],
    }


def _line(
    code: str, values: Sequence[float | None], xs: Sequence[float], most: float
) -> dict[str, Any]:
    dots: list[tuple[float, float]] = []
    pieces: list[list[str]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            pieces.append([])
            continue
        dots.append((x, _y(value, most)))
        pieces[-1].append(f"{x},{_y(value, most)}")
    return {
        "code": code,
        "dots": dots,
        "pieces": [" ".join(each) for each in pieces if len(each) > 1],
    }


def _x(at: int, steps: int) -> float:
    room = WIDTH - _LEFT - 10
    return round(_LEFT + (room * at / (steps - 1) if steps > 1 else room / 2), 1)


def _y(value: float, most: float) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - 10) * value / most, 1)


def _round_up(value: float) -> float:
    """Give the next number that divides well by four: the top of an axis."""
    for size in (4, 8, 12, 20, 40, 60, 80, 120, 200, 400):
        if value <= size:
            return float(size)
    return float(-(-int(value + 1) // 400) * 400)


def _plain(value: float) -> str:
    return f"{value:g}"
