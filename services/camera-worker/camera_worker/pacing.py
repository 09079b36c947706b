"""When a frame is due: arithmetic without a clock of its own."""

from __future__ import annotations


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
