"""The last hour of the system: kept in Redis, once, whoever of the gateways takes the sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from digitscribe.contracts import Latency, SystemSample
from digitscribe.contracts.document import now
from digitscribe.queueing import keys
from digitscribe.queueing.store import RecognitionStore
from flask import Flask
from flask.testing import FlaskClient
from gateway.history import CAUGHT_UP, PERIOD_S, SAMPLES_KEPT, HistoryBook, Peaks, Sampler, to_sample
from gateway.statistics import Sample, Statistics, count_ends
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from tests.gateway.conftest import Finisher


def sample(end_s: int, failed: int = 0) -> SystemSample:
    return to_sample(end_s, count_ends([Sample(end_s - 1, None)] * failed), Peaks(), [])


def told(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    return client.get(f"/v1/system/history{query}").json["samples"]  # type: ignore[index,no-any-return]


@pytest.fixture
def sampler(redis: Redis, store: RecognitionStore) -> Sampler:
    sampler = Sampler(redis, store, Statistics())
    sampler.close()  # its thread looks by Redis's clock; the tests look by their own
    return sampler


@pytest.fixture
def end_s() -> int:
    """The end of the last ten seconds that are over."""
    return int(time.time()) // PERIOD_S * PERIOD_S


def test_of_several_gateways_the_first_ones_sample_stays(redis: Redis, end_s: int) -> None:
    one, other = HistoryBook(redis), HistoryBook(redis)
    assert [one.add(end_s, sample(end_s, failed=3)), other.add(end_s, sample(end_s))] == [True, False]
    assert [each.failed for each in other.read(60).samples] == [3]


def test_a_restarted_gateway_knows_the_hour(make_app: Callable[..., Flask], redis: Redis, end_s: int) -> None:
    HistoryBook(redis).add(end_s, sample(end_s, failed=2))
    assert [each["failed"] for each in told(make_app().test_client())] == [2]
    assert [each["failed"] for each in told(make_app().test_client())] == [2]


def test_an_hour_is_kept_and_no_more(redis: Redis, end_s: int) -> None:
    book = HistoryBook(redis)
    for number in range(SAMPLES_KEPT + 5, 0, -1):
        book.add(end_s - number * PERIOD_S, sample(end_s - number * PERIOD_S))
    assert redis.xlen(keys.SAMPLES) == SAMPLES_KEPT


def test_less_can_be_asked_for(client: FlaskClient, redis: Redis, end_s: int) -> None:
    for ago_s in (600, 30):
        HistoryBook(redis).add(end_s - ago_s, sample(end_s - ago_s, failed=ago_s // 30))
    assert [each["failed"] for each in told(client, "?minutes=2")] == [1]


def test_the_deepest_queue_of_ten_seconds_is_told(sampler: Sampler, store: RecognitionStore, redis: Redis) -> None:
    redis.hset(keys.PENDING, "a", "5 job 0")
    sampler.look(1000.0)
    redis.delete(keys.PENDING)
    sampler.look(1005.0)
    sampler.look(1011.5)
    _, fields = redis.xrange(keys.SAMPLES)[-1]
    kept = SystemSample.model_validate_json(fields[b"sample"])
    assert (kept.pending_images, kept.at.timestamp()) == (1, 1010.0)


def test_a_sample_waits_until_everybody_has_heard_of_its_end(sampler: Sampler, redis: Redis) -> None:
    sampler.look(1009.0)
    sampler.look(1010.5)
    assert newest_end(redis) == 1000.0


def test_ten_seconds_without_a_look_have_a_sample_too(sampler: Sampler, redis: Redis) -> None:
    for now_s in (1009.0, 1031.5):
        sampler.look(now_s)
    assert redis.xlen(keys.SAMPLES) == 3 + CAUGHT_UP
    assert newest_end(redis) == 1030.0


def test_after_a_long_pause_it_goes_on_with_the_present(sampler: Sampler, redis: Redis) -> None:
    for now_s in (1009.0, 9_999.5, 10_011.5):
        sampler.look(now_s)
    assert redis.xlen(keys.SAMPLES) == 2 * (1 + CAUGHT_UP) + 1
    assert newest_end(redis) == 10_010.0


def newest_end(redis: Redis) -> float:
    """The end of the newest sample, s."""
    place, _ = redis.xrevrange(keys.SAMPLES, count=1)[0]
    return int(place.decode().partition("-")[0]) / 1000


def test_a_running_gateway_tells_what_it_read(client: FlaskClient, png: bytes, recognizer: Finisher) -> None:
    client.post("/v1/recognitions?wait=30&source=canvas", data=png, content_type="image/png")
    deadline = time.monotonic() + 30
    while not (samples := [each for each in told(client) if each.get("read")]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (samples[0]["read"], samples[0]["latency_ms"]["p99"]) == ({"canvas": 1}, 4.0)


def test_ends_are_counted_by_how_they_ended() -> None:
    ends = count_ends(
        [Sample(1, 10.0, "canvas"), Sample(2, 30.0, "camera"), Sample(3, None), Sample(4, None, "camera", late=True)]
    )
    assert (ends.read, ends.failed, ends.late) == ({"canvas": 1, "camera": 1}, 1, 1)
    assert ends.latency == Latency(count=2, p50=10.0, p95=30.0, p99=30.0)


@given(st.lists(st.tuples(st.floats(0, 1e6) | st.none(), st.booleans()), max_size=50))
def test_each_end_is_counted_once(ends: list[tuple[float | None, bool]]) -> None:
    samples = [Sample(0, ms, late=late and ms is None) for ms, late in ends]
    counted = count_ends(samples)
    assert sum(counted.read.values()) + counted.failed + counted.late == len(samples)


def test_a_moment_is_told_in_utc(redis: Redis, end_s: int) -> None:
    HistoryBook(redis).add(end_s, sample(end_s))
    assert HistoryBook(redis).read(1).samples[0].at <= now()
