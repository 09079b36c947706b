"""The course of a line, fitted to what has been found of it."""

from __future__ import annotations

import numpy as np
import pytest
from digitscribe.vision import courses
from numpy.polynomial import Polynomial


@pytest.mark.parametrize("count", [1, 2, 3, 4, 80])
def test_a_course_without_outliers_is_the_fit_of_numpy(count: int) -> None:
    rng = np.random.default_rng(count)
    xs = np.sort(rng.choice(640, count, replace=False)) + 0.5
    ys, weights = 100 + 0.1 * xs + rng.uniform(-0.5, 0.5, count), rng.uniform(1, 100, count)
    course = courses.fitted(xs, ys, weights)
    assert course == Polynomial.fit(xs, ys, min(3, count - 1), w=weights)


def test_what_lies_off_a_course_does_not_bend_it() -> None:
    xs = np.arange(200.0)
    ys = np.where(np.arange(200) % 10, 50.0, 80.0)
    assert courses.fitted(xs, ys, np.ones(200))(xs) == pytest.approx(np.full(200, 50.0))
