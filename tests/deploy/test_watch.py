"""What a start tells of its services while they run."""

from __future__ import annotations

from deploy.local.supervisor import ServiceState
from deploy.local.watch import SECOND_CHANCE_S, Watch


def _at(state: str, pid: int = 0) -> dict[str, ServiceState]:
    return {"gateway": ServiceState("gateway", state, pid, "")}


def test_services_that_run_are_no_news() -> None:
    watch = Watch()
    assert [watch.news(_at("RUNNING", 7)), watch.news(_at("RUNNING", 7))] == [[], []]


def test_a_restart_is_told_in_both_its_steps() -> None:
    watch = Watch()
    seen = [watch.news(each) for each in (_at("RUNNING", 7), _at("STARTING", 8), _at("RUNNING", 8))]
    assert "has ended" in seen[1][0]
    assert "runs again" in seen[2][0]


def test_a_restart_between_two_looks_is_told() -> None:
    watch = Watch()
    watch.news(_at("RUNNING", 7))
    (words,) = watch.news(_at("RUNNING", 8))
    assert "runs again" in words


def test_a_service_that_was_given_up_is_started_again_after_a_rest_and_not_before() -> None:
    watch = Watch()
    chances = [
        watch.due_a_second_chance(_at("FATAL"), time_s) for time_s in (0.0, SECOND_CHANCE_S - 1, SECOND_CHANCE_S)
    ]
    assert chances == [[], [], ["gateway"]]


def test_a_service_that_came_back_by_itself_rests_anew_the_next_time() -> None:
    watch = Watch()
    watch.due_a_second_chance(_at("FATAL"), 0.0)
    watch.due_a_second_chance(_at("RUNNING", 7), 1.0)
    assert watch.due_a_second_chance(_at("FATAL"), SECOND_CHANCE_S + 1) == []
