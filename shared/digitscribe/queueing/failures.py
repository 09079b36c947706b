"""What failed and was not retried since, newest first, page by page; moving pictures' frames are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from redis import Redis

from digitscribe.contracts.recognition import Recognition, RecognitionStatus
from digitscribe.queueing import keys
from digitscribe.queueing.history import HistoryPage

KEPT = 1000
"""Failed recognitions that are listed at most; older ones are still found by their id."""

Records = Callable[[Sequence[str]], Sequence[Recognition | None]]
"""The records of some recognitions, in order; None for what has expired."""


class Failures:
    """The failures, as they are listed; `scripts.FINISH` notes them."""

    def __init__(self, redis: Redis, records: Records) -> None:
        self._redis, self._records = redis, records

    def page(self, limit: int, before: str | None = None) -> HistoryPage:
        """The newest `limit`, or those after an earlier page whose `next` was `before`."""
        last, skipped = _place_of(before)
        listed: Any = self._redis.zrevrangebyscore(keys.FAILED, last, "-inf", skipped, limit + 1, withscores=True)
        found = [(each.decode(), int(moment)) for each, moment in cast(list[tuple[bytes, float]], listed)]
        shown = found[:limit]
        records = self._records([each for each, _ in shown])
        failed = [each for each in records if each and each.status is RecognitionStatus.FAILED]
        return HistoryPage(tuple(failed), _place_after(shown, before) if len(found) > limit else None)


def _place_of(before: str | None) -> tuple[int | str, int]:
    """When the last of a page failed, in ms, and how many of that millisecond it and earlier pages had."""
    if before is None:
        return "+inf", 0
    moment, shown = before.split("-")
    return int(moment), int(shown)


def _place_after(found: Sequence[tuple[str, int]], before: str | None) -> str:
    last = found[-1][1]
    shown = sum(moment == last for _, moment in found)
    began, earlier = _place_of(before)
    return f"{last}-{shown + (earlier if began == last else 0)}"
