"""When batches go, what is in them, and that nothing handed in is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs
from digitscribe.queueing.store import Submission
from gateway.batching import (
    HOLD_S,
    JOBS_PER_READER,
    QUIET_S,
    BatchLimits,
    Collector,
    InFlight,
    JobImages,
    Lane,
    Parcel,
    cut,
)
from gateway.errors import GatewayBusy
from hypothesis import given
from hypothesis import strategies as st

LIMITS = BatchLimits(images=4, pixels=1000, window_s=0.5)
PATIENT = BatchLimits(images=64, pixels=10**9, window_s=1000.0)


def submission() -> Submission:
    return Submission(Recognition(id=jobs.new_id(), status=RecognitionStatus.QUEUED, created_at=now()), b"image")


def parcel(images: int = 1, pixels: int = 1, arrived: float = 0.0) -> Parcel:
    """A request; its first image has all `pixels`."""
    return Parcel([submission() for _ in range(images)], [pixels, *[0] * (images - 1)], arrived)


def fresh(images: int = 1) -> Parcel:
    return parcel(images, arrived=time.monotonic())


def until_waiting(lane: Lane, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(lane._collector) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def collector(*parcels: Parcel) -> Collector:
    collected = Collector(LIMITS)
    for each in parcels:
        collected.add(each)
    return collected


def test_nothing_is_due_where_nothing_waits() -> None:
    assert collector().due_in(now=0.0, jobs=0) is None


def test_an_idle_system_does_not_wait() -> None:
    assert collector(parcel()).due_in(now=0.0, jobs=0) == 0


def test_a_busy_system_waits_for_the_rest_of_the_window_of_the_oldest() -> None:
    assert collector(parcel(arrived=1.0), parcel(arrived=1.3)).due_in(now=1.2, jobs=1) == pytest.approx(0.3)


@pytest.mark.parametrize("parcels", [(4,), (2, 2), (3, 2)])
def test_a_full_batch_does_not_wait(parcels: tuple[int, ...]) -> None:
    assert collector(*map(parcel, parcels)).due_in(now=0.0, jobs=1) == 0


def test_a_batch_heavy_with_pixels_does_not_wait() -> None:
    assert collector(parcel(pixels=600), parcel(pixels=600)).due_in(now=0.0, jobs=1) == 0


def test_a_parcel_larger_than_the_limits_goes_alone() -> None:
    heavy, light = parcel(pixels=5000), parcel()
    assert collector(heavy, light).take() == [heavy]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 1000)), max_size=30))
def test_batches_keep_order_and_limits_and_lose_nothing(sizes: list[tuple[int, int]]) -> None:
    parcels = [parcel(images, pixels) for images, pixels in sizes]
    collected, batches = collector(*parcels), []
    while len(collected):
        batches.append(collected.take())
    assert [each for batch in batches for each in batch] == parcels
    for batch in batches:
        assert sum(len(each.submissions) for each in batch) <= LIMITS.images
        assert sum(sum(each.pixels) for each in batch) <= LIMITS.pixels
        assert len(cut(batch, LIMITS)) == 1


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=30))
def test_a_request_is_cut_in_order_into_jobs_that_fit(pixels: list[int]) -> None:
    submissions = [submission() for _ in pixels]
    jobs = cut([Parcel(submissions, pixels)], LIMITS)
    assert [each for job in jobs for each in job] == submissions
    left = iter(pixels)
    for job in jobs:
        assert len(job) <= LIMITS.images
        assert sum(next(left) for _ in job) <= LIMITS.pixels or len(job) == 1


def test_while_the_readers_have_enough_to_do_more_is_collected_for_longer() -> None:
    limits = BatchLimits(images=64, pixels=10**9, window_s=0.001)
    collected = Collector(limits)
    collected.add(parcel(arrived=1.0))
    assert collected.due_in(now=1.0, jobs=JOBS_PER_READER * 3 - 1, readers=3) == pytest.approx(0.001)
    assert collected.due_in(now=1.0, jobs=JOBS_PER_READER * 3, readers=3) == pytest.approx(QUIET_S)


def test_images_that_keep_coming_are_held_back_for_so_long_and_no_longer() -> None:
    limits = BatchLimits(images=64, pixels=10**9, window_s=0.001)
    collected = Collector(limits)
    for number in range(20):
        collected.add(parcel(arrived=1.0 + number * QUIET_S / 2))
    assert collected.due_in(now=1.0, jobs=JOBS_PER_READER) == pytest.approx(min(HOLD_S, 10.5 * QUIET_S))


def test_a_job_is_in_flight_until_its_last_image_is_read() -> None:
    in_flight = InFlight()
    in_flight.add(["a", "b"], now=0.0)
    assert not in_flight.remove("a")
    assert len(in_flight) == 1
    assert in_flight.remove("b")
    assert len(in_flight) == 0


def test_what_was_never_sent_ends_nothing() -> None:
    in_flight = InFlight()
    in_flight.add(["a"], now=0.0)
    assert not in_flight.remove("x")
    assert len(in_flight) == 1


def test_a_job_in_flight_for_too_long_is_no_longer_counted() -> None:
    in_flight = InFlight(ttl_s=60)
    in_flight.add(["a", "b"], now=0.0)
    in_flight.forget_old(now=59.0)
    assert len(in_flight) == 1
    in_flight.forget_old(now=61.0)
    assert len(in_flight) == 0
    assert not in_flight.remove("a")


class Store:
    """Notes the batches that it is given; refuses if told to; waits at a gate if it has one."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.refuse_with: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)

    def accept(self, batch: Sequence[JobImages]) -> None:
        self.entered.release()
        self.gate.wait(10)
        if self.refuse_with:
            raise self.refuse_with
        self.batches.append([each.recognition.id for job in batch for each in job])


def test_what_arrives_while_a_batch_is_stored_goes_together() -> None:
    store = Store()
    lane = Lane("test", store.accept, BatchLimits(images=64, pixels=10**9, window_s=0.0))
    store.gate.clear()
    with ThreadPoolExecutor(6) as requests:
        first = requests.submit(lane.submit, fresh())
        store.entered.acquire()
        others = [requests.submit(lane.submit, fresh()) for _ in range(5)]
        until_waiting(lane, 5)
        store.gate.set()
        for each in (first, *others):
            each.result(10)
    lane.close()
    assert [len(batch) for batch in store.batches] == [1, 5]


def test_a_waiting_batch_goes_as_soon_as_the_readers_have_nothing_left() -> None:
    store = Store()
    lane = Lane("test", store.accept, PATIENT)
    read = fresh()
    lane.submit(read)
    with ThreadPoolExecutor(1) as requests:
        waiting = requests.submit(lane.submit, fresh())
        until_waiting(lane, 1)
        assert not waiting.done()
        lane.ended(read.submissions[0].recognition.id)
        waiting.result(10)
    lane.close()
    assert len(store.batches) == 2


def test_a_request_larger_than_a_job_is_stored_at_once_with_all_its_jobs() -> None:
    stored: list[list[int]] = []
    lane = Lane("test", lambda batch: stored.append([len(job) for job in batch]), LIMITS)
    lane.submit(Parcel([submission() for _ in range(3)], [500, 500, 500]))
    lane.close()
    assert stored == [[2, 1]]


def test_a_request_larger_than_a_job_does_not_wait() -> None:
    assert collector(parcel(pixels=2000)).due_in(now=0.0, jobs=1) == 0


def test_what_the_store_refuses_is_refused_to_each_who_waits() -> None:
    store = Store()
    store.refuse_with = RuntimeError("full")
    lane = Lane("test", store.accept, LIMITS)
    with ThreadPoolExecutor(3) as requests:
        waiting = [requests.submit(lane.submit, fresh()) for _ in range(3)]
    assert [str(each.exception()) for each in waiting] == ["full"] * 3
    lane.close()


def test_a_refused_batch_does_not_count_as_being_read() -> None:
    store = Store()
    lane = Lane("test", store.accept, PATIENT)
    store.refuse_with = RuntimeError("full")
    with pytest.raises(RuntimeError):
        lane.submit(fresh())
    store.refuse_with = None
    lane.submit(fresh())  # would wait for the window, longer than this test may take
    lane.close()


def test_closing_stores_what_waits() -> None:
    store = Store()
    lane = Lane("test", store.accept, PATIENT)
    lane.submit(fresh())
    with ThreadPoolExecutor(3) as requests:
        waiting = [requests.submit(lane.submit, fresh()) for _ in range(3)]
        until_waiting(lane, 3)
        lane.close()
        for each in waiting:
            each.result(10)
    assert sum(map(len, store.batches)) == 4


def test_after_closing_whoever_comes_is_turned_away() -> None:
    lane = Lane("test", Store().accept, LIMITS)
    lane.close()
    with pytest.raises(GatewayBusy):
        lane.submit(fresh())


def test_many_requests_at_once_are_each_stored_once() -> None:
    store = Store()
    lane = Lane("test", store.accept, BatchLimits(images=8, pixels=10**9, window_s=0.001))
    parcels = [fresh(images=1 + number % 3) for number in range(300)]
    with ThreadPoolExecutor(32) as requests:
        list(requests.map(lane.submit, parcels))
    lane.close()
    stored = sorted(each for batch in store.batches for each in batch)
    assert stored == sorted(each.recognition.id for one in parcels for each in one.submissions)
