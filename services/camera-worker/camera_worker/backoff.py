"""How long to wait before trying again, and when a frame is due: arithmetic without a clock of its own."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_S = 0.5
"""The wait after the first failure, before jitter."""

CAP_S = 15.0
"""No wait is longer: somebody who plugs the camera in again should not wait a minute for it."""


class Backoff:
    """Waits that double with each failure up to a cap, each shortened at random.

    The jitter keeps many cameras that lost one gateway together from coming back together.
    """

    def __init__(
        self, first_s: float = FIRST_S, cap_s: float = CAP_S, rng: Callable[[], float] = random.random
    ) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._rng = rng
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def fail(self) -> float:
        """Note a failure; returns the seconds to wait, between half of the doubled wait and all of it."""
        # 2**64 is beyond any cap; without the limit a camera that is away for weeks overflows the float.
        wait_s = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 64))
        self._failures += 1
        return wait_s * (0.5 + 0.5 * self._rng())

    def succeed(self) -> None:
        """Note a success: the next failure waits shortly again."""
        self._failures = 0


class Pacer:
    """Lets through at most `fps` moments a second."""

    def __init__(self, fps: float) -> None:
        self._period_s = 1.0 / fps
        self._next_s = float("-inf")

    def due(self, now_s: float) -> bool:
        """Whether a frame of the moment `now_s` is wanted; asking counts as taking it."""
        # A camera's frames arrive a little early as often as a little late; without the slack, a source at exactly
        # `fps` would lose every other frame.
        if now_s < self._next_s - 0.25 * self._period_s:
            return False
        on_time = now_s - self._next_s < self._period_s
        self._next_s = (self._next_s if on_time else now_s) + self._period_s
        return True


class Schedule:
    """The moments at which a file's frames are shown, each lasting its own time.

    Someone who comes late is not hurried afterwards: the rest of the file moves back, and no burst follows a pause.
    """

    def __init__(self) -> None:
        self._next_s = float("-inf")

    def wait_s(self, now_s: float, lasts_s: float) -> float:
        """Seconds from `now_s` until the next frame, which lasts `lasts_s`, is shown."""
        self._next_s = max(self._next_s, now_s)
        wait_s = self._next_s - now_s
        self._next_s += lasts_s
        return wait_s
