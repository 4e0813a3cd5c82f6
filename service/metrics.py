"""Counts for whoever watches, in the text format of Prometheus; labels are codes, never ids.

Every metric is a row of `ALL`, with the labels it may have: what is not in the table cannot be
counted, and the alert rules we ship are checked against it. Each process has its own counts.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What Prometheus calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One name, what it says, and the labels it has, in order; `bounds` in seconds."""

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


_REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DELIVERIES = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 86400.0)


def _counter(name: str, says: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.COUNTER, says=says, labels=labels)


def _gauge(name: str, says: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.GAUGE, says=says, labels=labels)


def _histogram(name: str, says: str, *labels: str, bounds: tuple[float, ...]) -> Metric:
    return Metric(name=name, kind=Kind.HISTOGRAM, says=says, labels=labels, bounds=bounds)


ALL = (
    _histogram(
        "lk_http_request_duration_seconds",
        "Answers of the web, by template of the route",
        "route",
        "method",
        "status",
        bounds=_REQUESTS,
    ),
    _counter("lk_sign_in_failures_total", "Proofs of a person that proved nothing"),
    _gauge("lk_redis_degraded", "1 while limits are kept by each process alone"),
    _counter("lk_effect_outcomes_total", "What became of tries to deliver", "kind", "outcome"),
    _histogram(
        "lk_delivery_latency_seconds",
        "From the moment it was due until the next hop took it",
        "channel",
        bounds=_DELIVERIES,
    ),
    _gauge("lk_outbox_oldest_seconds", "How long the oldest effect waits past its time"),
    _gauge("lk_effects", "Effects that are not over, and dead ones nobody saw to", "kind", "state"),
    _gauge("lk_open_loops", "Open referrals by age", "age"),
    _gauge("lk_loops_without_timer", "Open referrals that nothing waits for; must be 0"),
    _gauge("lk_timers_overdue", "Timers that should have fired a minute ago"),
    _gauge("lk_sealer_lag_seconds", "Age of the oldest line of the record that is not sealed"),
    _gauge("lk_breaker_open", "1 while a channel cannot be reached", "channel"),
    _gauge("lk_clock_frozen", "1 while a jump of the clock keeps timers from firing"),
    _gauge("lk_worker_silent_seconds", "Since a worker's last sign of life", "worker"),
    _gauge("lk_invariant_broken", "1 while an invariant does not hold", "invariant"),
    _gauge("lk_figures_age_seconds", "Since the figures of the database were last taken"),
    _gauge("lk_alarms_raised", "Alarms that are not cleared", "alarm"),
)
"""Everything that is counted anywhere."""

_KNOWN = {metric.name: metric for metric in ALL}
Values = tuple[str, ...]


class _Timed:
    """One histogram's counts for one set of labels."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.buckets = [0] * len(bounds)
        self.count = 0
        self.total = 0.0


class Registry:
    """The counts of one process."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[Values, float]] = {}
        self._timed: dict[str, dict[Values, _Timed]] = {}

    def add(self, name: str, by: float = 1.0, **labels: str) -> None:
        """Count something that happened."""
        found, values = self._numbers.setdefault(name, {}), _values(name, labels)
        found[values] = found.get(values, 0.0) + by

    def put(self, name: str, value: float, **labels: str) -> None:
        """Say how something stands."""
        self._numbers.setdefault(name, {})[_values(name, labels)] = float(value)

    def replace(self, name: str, rows: Mapping[Values, float]) -> None:
        """Say how all of something stands; what is not among it is gone."""
        width = len(_KNOWN[name].labels)
        if any(len(values) != width for values in rows):
            raise ValueError(f"{name} has {width} labels")
        self._numbers[name] = dict(rows)

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Count how long something took."""
        bounds = _KNOWN[name].bounds
        kept = self._timed.setdefault(name, {}).setdefault(_values(name, labels), _Timed(bounds))
        kept.count += 1
        kept.total += seconds
        for place, bound in enumerate(bounds):
            if seconds <= bound:
                kept.buckets[place] += 1

    def text(self) -> str:
        """Spell everything that was counted."""
        lines: list[str] = []
        for metric in ALL:
            timed, numbers = self._timed.get(metric.name), self._numbers.get(metric.name)
            if not timed and not numbers:
                continue
            lines += [f"# HELP {metric.name} {metric.says}.", f"# TYPE {metric.name} {metric.kind}"]
            for values, kept in sorted((timed or {}).items()):
                lines += _histogram_lines(metric, values, kept)
            for values, number in sorted((numbers or {}).items()):
                lines.append(f"{metric.name}{_braces(metric.labels, values)} {number:.12g}")
        return "\n".join(lines) + "\n"


def _values(name: str, labels: Mapping[str, str]) -> Values:
    """Put labels in their order; a KeyError names one that the table does not have."""
    wanted = _KNOWN[name].labels
    if set(labels) != set(wanted):
        raise KeyError(f"{name} has the labels {wanted}")
    return tuple(labels[each] for each in wanted)


def _braces(names: Values, values: Values, *more: str) -> str:
    said = [f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True)]
    return "{" + ",".join((*said, *more)) + "}" if said or more else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _histogram_lines(metric: Metric, values: Values, kept: _Timed) -> list[str]:
    said = _braces(metric.labels, values)
    bounds = [*(f"{bound:g}" for bound in metric.bounds), "+Inf"]
    counts = [*kept.buckets, kept.count]
    rows = [
        metric.name + "_bucket" + _braces(metric.labels, values, f'le="{bound}"') + f" {count}"
        for bound, count in zip(bounds, counts, strict=True)
    ]
    total = f"{metric.name}_sum{said} {kept.total:.6f}"
    return [*rows, total, f"{metric.name}_count{said} {kept.count}"]
