"""What the server counts, in TensorFlow Serving's names and text format.

The names begin with a colon and the buckets grow by 1.8, which the usual Prometheus client would not print.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

_LATENCY_BUCKETS = tuple(10 * 1.8**power for power in range(33))
_COUNT_BUCKETS = tuple(float(2**power) for power in range(14))


class Counter:
    """A number that grows, for each combination of label values."""

    kind = "counter"

    def __init__(self, name: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self._labels = tuple(labels)
        self._values: dict[tuple[str, ...], int] = {}
        self._lock = threading.Lock()

    def increment(self, *labels: str, by: int = 1) -> None:
        """Count `by` more under these label values."""
        with self._lock:
            self._values[labels] = self._values.get(labels, 0) + by

    def lines(self) -> list[str]:
        """The samples, one a line."""
        with self._lock:
            values = sorted(self._values.items())
        return [f"{self.name}{{{_pairs(self._labels, labels)}}} {value}" for labels, value in values]


@dataclass
class _Distribution:
    counts: list[int]
    total: float = 0.0


class Histogram:
    """How values are distributed, for each combination of label values."""

    kind = "histogram"

    def __init__(self, name: str, labels: Sequence[str] = (), buckets: Sequence[float] = _LATENCY_BUCKETS) -> None:
        self.name = name
        self._labels = tuple(labels)
        self._buckets = buckets
        self._values: dict[tuple[str, ...], _Distribution] = {}
        self._lock = threading.Lock()

    def observe(self, value: float, *labels: str) -> None:
        """Add `value` to the distribution under these label values."""
        bucket = bisect_left(self._buckets, value)
        with self._lock:
            found = self._values.get(labels)
            if found is None:
                found = self._values[labels] = _Distribution([0] * (len(self._buckets) + 1))
            found.counts[bucket] += 1
            found.total += value

    def lines(self) -> list[str]:
        """The samples: cumulative buckets, sum and count."""
        with self._lock:
            values = sorted((labels, list(found.counts), found.total) for labels, found in self._values.items())
        return [line for labels, counts, total in values for line in self._sample(labels, counts, total)]

    def _sample(self, labels: tuple[str, ...], counts: Sequence[int], total: float) -> list[str]:
        pairs = _pairs(self._labels, labels)
        limits = [f"{limit:g}" for limit in self._buckets] + ["+Inf"]
        separator = "," if pairs else ""
        lines = [
            f'{self.name}_bucket{{{pairs}{separator}le="{limit}"}} {sum(counts[: index + 1])}'
            for index, limit in enumerate(limits)
        ]
        return [*lines, f"{self.name}_sum{{{pairs}}} {total:.0f}", f"{self.name}_count{{{pairs}}} {sum(counts)}"]


def _pairs(names: Sequence[str], values: Sequence[str]) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in zip(names, values, strict=True))


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass(frozen=True)
class Metrics:
    """Everything that is counted; latencies in microseconds."""

    load_attempts: Counter = field(
        default_factory=lambda: Counter(":tensorflow:cc:saved_model:load_attempt_count", ["model_path", "status"])
    )
    load_latency: Counter = field(
        default_factory=lambda: Counter(":tensorflow:cc:saved_model:load_latency", ["model_path"])
    )
    queuing_latency: Histogram = field(
        default_factory=lambda: Histogram(":tensorflow:serving:batching_session:queuing_latency")
    )
    batches: Counter = field(default_factory=lambda: Counter(":tensorflow:serving:batching_session:wrapped_run_count"))
    warmup_latency: Histogram = field(
        default_factory=lambda: Histogram(":tensorflow:serving:model_warmup_latency", ["model_path", "status"])
    )
    warmup_records: Counter = field(
        default_factory=lambda: Counter(":tensorflow:serving:model_warmup_records_read", ["model_path"])
    )
    requests: Counter = field(
        default_factory=lambda: Counter(":tensorflow:serving:request_count", ["model_name", "status"])
    )
    examples: Counter = field(
        default_factory=lambda: Counter(":tensorflow:serving:request_example_count_total", ["model_name"])
    )
    example_counts: Histogram = field(
        default_factory=lambda: Histogram(
            ":tensorflow:serving:request_example_counts", ["model_name"], buckets=_COUNT_BUCKETS
        )
    )
    request_latency: Histogram = field(
        default_factory=lambda: Histogram(":tensorflow:serving:request_latency", ["model_name", "API", "entrypoint"])
    )
    runtime_latency: Histogram = field(
        default_factory=lambda: Histogram(":tensorflow:serving:runtime_latency", ["model_name", "API", "runtime"])
    )

    def count_examples(self, model: str, rows: int) -> None:
        """Note that a request for `model` held `rows` rows."""
        self.examples.increment(model, by=rows)
        self.example_counts.observe(rows, model)

    def render(self) -> str:
        """All metrics in Prometheus's text format; names without samples too, as TensorFlow Serving does."""
        found: list[Counter | Histogram] = sorted(vars(self).values(), key=lambda metric: str(metric.name))
        return "".join(
            line + "\n" for metric in found for line in (f"# TYPE {metric.name} {metric.kind}", *metric.lines())
        )
