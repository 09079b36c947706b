"""Counters and latencies."""

from __future__ import annotations

from threading import Thread

import pytest
from camera_worker.counters import Counters, Histogram
from hypothesis import given
from hypothesis import strategies as st


def test_counters_begin_at_nothing() -> None:
    assert Counters().snapshot() == {"captured": 0, "skipped": 0, "sent": 0, "dropped": 0, "reconnects": 0}


def test_an_unknown_counter_is_refused() -> None:
    with pytest.raises(KeyError):
        Counters().add("eaten")


def test_no_count_is_lost_between_threads() -> None:
    counters = Counters()

    def count() -> None:
        for _ in range(2000):
            counters.add("sent")

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.snapshot()["sent"] == 8000


def test_no_latency_has_no_quantile() -> None:
    assert Histogram().quantile_ms(0.5) is None


def test_a_latency_beyond_all_buckets_is_unbounded() -> None:
    histogram = Histogram()
    histogram.note(60_000)
    assert histogram.quantile_ms(0.5) == float("inf")


@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_bounds_its_share(latencies: list[float], share: float) -> None:
    histogram = Histogram()
    for latency in latencies:
        histogram.note(latency)
    bound = histogram.quantile_ms(share)
    assert bound is not None
    assert sum(latency <= bound for latency in latencies) >= share * len(latencies) - 1e-6
