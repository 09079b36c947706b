"""What Prometheus is told. Counters are this process's own; what is in Redis is asked when it is scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate

from digitscribe.contracts import CameraState, LatencyHistogram
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_IMAGES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Gauges = dict[str, float]


class Metrics:
    """The gateway's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("route", "method", "status")
        self._requests = Counter("digitscribe_gateway_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "digitscribe_gateway_request_seconds",
            "Time until the answer began, streams included",
            ("route", "method"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._batches = Histogram(
            "digitscribe_gateway_batch_images", "Images in a batch", ("queue",), buckets=_IMAGES, registry=self.registry
        )
        self._accepted = Counter(
            "digitscribe_gateway_images_accepted", "Images stored for reading", ("source",), registry=self.registry
        )
        self.streams = Gauge(
            "digitscribe_gateway_streams", "Open streams, by what they carry", ("kind",), registry=self.registry
        )

    def note_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request; `route` is the rule, not the path, so that labels stay few."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route, known).observe(seconds)

    def note_batch(self, queue: str, sources: Iterable[str]) -> None:
        """Count a stored batch, one entry in `sources` for each image."""
        count = 0
        for source in sources:
            self._accepted.labels(source).inc()
            count += 1
        self._batches.labels(queue).observe(count)

    def ask_at_scrape(self, ask: Callable[[], Gauges]) -> None:
        """Let `ask` give more gauges, by name, at each scrape."""
        self.registry.register(_Asked(ask))

    def watch_cameras(self, ask: Callable[[], Iterable[CameraState]]) -> None:
        """Let `ask` give the cameras at each scrape."""
        self.registry.register(CameraCollector(ask))

    def render(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self.registry)


class CameraCollector(Collector):
    """What the cameras' workers have told, as metrics; `ask` gives the cameras at each scrape."""

    def __init__(self, ask: Callable[[], Iterable[CameraState]]) -> None:
        self._ask = ask

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before the first scrape."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Frames by what became of them, whether each camera is online, and its latencies."""
        try:
            cameras = list(self._ask())
        except RedisError:
            return
        yield from camera_metrics(cameras)


def camera_metrics(cameras: Iterable[CameraState]) -> list[Metric]:
    """Counters and latencies of `cameras`; they begin at zero again with each camera's worker."""
    online = GaugeMetricFamily("digitscribe_camera_online", "Frames arrive", labels=["camera"])
    events = CounterMetricFamily(
        "digitscribe_camera_events", "What a camera's worker counts, by its names", labels=["camera", "event"]
    )
    latency = HistogramMetricFamily(
        "digitscribe_camera_latency_seconds", "From capture until the result", labels=["camera"]
    )
    for camera in cameras:
        online.add_metric([camera.name], float(camera.online))
        for name, count in {**camera.counters, "late": camera.dropped}.items():
            events.add_metric([camera.name, name], count)
        if camera.latency:
            latency.add_metric([camera.name], _cumulative(camera.latency), camera.latency.sum_ms / 1000)
    return [online, events, latency]


def _cumulative(latency: LatencyHistogram) -> list[tuple[str, float]]:
    """Prometheus's buckets: each counts all latencies up to its bound in seconds, the last (+Inf) all."""
    finite = sorted((each.le_ms, each.count) for each in latency.buckets if each.le_ms is not None)
    counts = list(accumulate(count for _, count in finite))
    total = sum(each.count for each in latency.buckets)
    bounds = [str(bound / 1000) for bound, _ in finite]
    return [*zip(bounds, map(float, counts), strict=True), ("+Inf", float(total))]


class _Asked(Collector):
    def __init__(self, ask: Callable[[], Gauges]) -> None:
        self._ask = ask

    def describe(self) -> Iterable[Metric]:
        return ()  # or it would be asked at once, when Redis may be away

    def collect(self) -> Iterable[Metric]:
        try:
            gauges = self._ask()
        except RedisError:
            return  # absent is the truth: nobody knows
        for name, value in gauges.items():
            yield GaugeMetricFamily(f"digitscribe_gateway_{name}", name.replace("_", " "), value=value)
