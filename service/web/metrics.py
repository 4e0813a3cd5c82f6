"""Counts for whoever watches: route templates, methods and classes of status, nothing finer."""

from collections import Counter

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""

Labels = tuple[str, str, str]


class Metrics:
    """How many requests there were and how long they took, since this process began."""

    def __init__(self) -> None:
        self._counts: Counter[Labels] = Counter()
        self._sums: dict[Labels, float] = {}
        self._buckets: dict[Labels, list[int]] = {}

    def took(self, route: str, method: str, *, status: int, seconds: float) -> None:
        """Count one answer."""
        labels = (route, method, f"{status // 100}xx")
        self._counts[labels] += 1
        self._sums[labels] = self._sums.get(labels, 0.0) + seconds
        buckets = self._buckets.setdefault(labels, [0] * len(BUCKETS))
        for place, bound in enumerate(BUCKETS):
            if seconds <= bound:
                buckets[place] += 1

    def text(self, gauges: dict[str, float]) -> str:
        """Spell everything in the text format of Prometheus; gauges are given by name."""
        name = "lk_http_request_duration_seconds"
        lines = [f"# TYPE {name} histogram"]
        for labels in sorted(self._counts):
            lines += self._histogram(name, labels)
        for gauge, value in gauges.items():
            lines += [f"# TYPE {gauge} gauge", f"{gauge} {value:g}"]
        return "\n".join(lines) + "\n"

    def _histogram(self, name: str, labels: Labels) -> list[str]:
        said = 'route="{}",method="{}",status="{}"'.format(*labels)
        rows = [
            f'{name}_bucket{{{said},le="{bound:g}"}} {count}'
            for bound, count in zip(BUCKETS, self._buckets[labels], strict=True)
        ]
        return [
            *rows,
            f'{name}_bucket{{{said},le="+Inf"}} {self._counts[labels]}',
            f"{name}_sum{{{said}}} {self._sums[labels]:.6f}",
            f"{name}_count{{{said}}} {self._counts[labels]}",
        ]
