"""The memory that threads share for decoding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MemoryBudget:
    """Lets work begin while what all of it needs fits into `size` bytes; what needs more than that runs alone.

    Example:
        with budget.taken(8 * width * height):
            ...
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, count: int) -> Iterator[None]:
        """Hold `count` bytes, as soon as they are free."""
        count = min(count, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + count <= self._size)
            self._taken += count
        try:
            yield
        finally:
            with self._changed:
                self._taken -= count
                self._changed.notify_all()
