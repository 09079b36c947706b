"""Waiting, pacing and schedules, with a clock and a chance of the test's own."""

from __future__ import annotations

import pytest
from camera_worker.pacing import Pacer, Schedule
from digitscribe.backoff import Backoff
from hypothesis import given
from hypothesis import strategies as st


def test_waits_double_until_the_cap() -> None:
    backoff = Backoff(first_s=1, cap_s=10, rng=lambda: 1.0)
    assert [backoff.fail() for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_a_success_begins_the_row_again() -> None:
    backoff = Backoff(first_s=1, cap_s=10, rng=lambda: 1.0)
    backoff.fail()
    backoff.fail()
    backoff.succeed()
    assert backoff.fail() == 1


def test_jitter_takes_away_at_most_half() -> None:
    assert Backoff(first_s=4, cap_s=10, rng=lambda: 0.0).fail() == 2


@given(st.integers(1, 5000), st.floats(0, 1))
def test_no_number_of_failures_waits_longer_than_the_cap(failures: int, chance: float) -> None:
    backoff = Backoff(first_s=0.5, cap_s=15, rng=lambda: chance)
    waits = [backoff.fail() for _ in range(failures)]
    assert all(0.25 <= wait <= 15 for wait in waits)


@pytest.mark.parametrize(
    ("camera_fps", "wanted_fps", "expected"), [(30, 5, 50), (10, 10, 100), (3, 5, 30), (25, 10, 100)]
)
def test_a_pacer_lets_through_what_was_asked_for(camera_fps: int, wanted_fps: int, expected: int) -> None:
    pacer = Pacer(wanted_fps)
    taken = sum(pacer.due(number / camera_fps) for number in range(10 * camera_fps))
    assert abs(taken - expected) <= 1


def test_a_jittering_camera_at_the_wanted_pace_loses_nothing() -> None:
    pacer = Pacer(10)
    early_and_late = [number / 10 + (0.01 if number % 2 else -0.01) for number in range(100)]
    assert all(pacer.due(moment) for moment in early_and_late)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.floats(0.5, 60))
def test_no_second_lets_through_more_than_the_pace_and_one(moments: list[float], fps: float) -> None:
    pacer = Pacer(fps)
    taken = [moment for moment in sorted(moments) if pacer.due(moment)]
    for start in taken:
        assert sum(start <= moment < start + 1 for moment in taken) <= fps + 2.5


def test_a_file_is_played_at_its_own_pace() -> None:
    schedule = Schedule()
    assert [round(schedule.wait_s(now, 0.1), 6) for now in (0.0, 0.02, 0.12)] == [0, 0.08, 0.08]


def test_a_file_that_was_held_up_does_not_hurry_afterwards() -> None:
    schedule = Schedule()
    schedule.wait_s(0.0, 0.1)
    waits = [schedule.wait_s(now, 0.1) for now in (5.0, 5.0, 5.1)]
    assert waits == pytest.approx([0, 0.1, 0.1])
