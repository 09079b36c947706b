"""What people said the digits of recognitions are, beside the recognitions and for as long as these are kept.

The corrections that a retrain learns from lie on their own volume; this is for whoever looks at a reading again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from redis import Redis

from digitscribe.queueing import keys


class Labels:
    """Labels of digits by recognition; None says that it is no digit."""

    def __init__(self, redis: Redis, ttl_s: int) -> None:
        self._redis, self._ttl_s = redis, ttl_s

    def add(self, recognition_id: str, index: int, label: int | None) -> None:
        """Remember what digit `index` is; what was said of it before is forgotten."""
        key = keys.labels(recognition_id)
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(key, str(index), json.dumps(label))
            pipeline.expire(key, self._ttl_s)
            pipeline.execute()

    def of(self, recognition_ids: Sequence[str]) -> dict[str, dict[int, int | None]]:
        """Labels by recognition and digit; recognitions of which nothing was said are absent."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for each in recognition_ids:
                pipeline.hgetall(keys.labels(each))
            answers = pipeline.execute()
        said = zip(recognition_ids, answers, strict=True)
        return {each: _parsed(labels) for each, labels in said if labels}


def _parsed(labels: dict[bytes, bytes]) -> dict[int, int | None]:
    return {int(index): json.loads(label) for index, label in sorted(labels.items())}
