"""One tree of errors, each of which knows how it is told."""

from __future__ import annotations

import inspect

import pytest
from digitscribe import errors
from digitscribe.errors import DigitscribeError, QueueFull

ALL = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, DigitscribeError)]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_each_error_is_drawn_in_the_tree(error: type[DigitscribeError]) -> None:
    assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_each_error_becomes_a_problem_with_its_message(error: type[DigitscribeError]) -> None:
    raised = QueueFull("what to do", 1) if error is QueueFull else error("what to do")
    problem = raised.to_problem()
    assert (problem.detail, problem.status) == ("what to do", error.status)


def test_no_two_errors_share_a_type() -> None:
    assert len({error.slug for error in ALL}) == len(ALL)
