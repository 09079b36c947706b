"""One place for one frame, between the thread that captures and the thread that works."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds at most one item. Live sources overwrite it, files wait until it is empty: memory never grows."""

    def __init__(self) -> None:
        self._item: T | None = None
        self._changed = Condition()

    def put_newest(self, item: T) -> bool:
        """Put `item` in at once; returns whether an older one was lost by it."""
        with self._changed:
            overtaken = self._item is not None
            self._item = item
            self._changed.notify_all()
            return overtaken

    def put_waiting(self, item: T, timeout_s: float) -> bool:
        """Put `item` in once there is room; returns False if there was none for `timeout_s`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._item is None, timeout_s):
                return False
            self._item = item
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> T | None:
        """Take the item out; None if none came for `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item
