"""Pictures of how images were read, kept for a moment: whoever asked for them is waiting."""

from __future__ import annotations

from typing import cast

from redis import Redis

from digitscribe.queueing import keys

TTL_S = 120
"""How long the pictures of a reading are kept."""

KEPT = 50
"""Readings whose pictures are kept at once; the oldest go first. Each takes up to a megabyte."""

# KEYS: steps of this reading, order; ARGV: id, document, TTL in s, readings kept, prefix of steps' keys
_KEEP = """
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('LREM', KEYS[2], 0, ARGV[1])
redis.call('LPUSH', KEYS[2], ARGV[1])
for _, id in ipairs(redis.call('LRANGE', KEYS[2], ARGV[4], -1)) do redis.call('DEL', ARGV[5] .. id) end
redis.call('LTRIM', KEYS[2], 0, ARGV[4] - 1)
return 1
"""


class StepStore:
    """The steps of the newest readings that were asked for with them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._keep = redis.register_script(_KEEP)

    def keep(self, recognition_id: str, document: bytes) -> None:
        """Keep `document` (ReadingSteps as JSON) for `TTL_S`, or until `KEPT` newer ones have come."""
        self._keep(
            keys=[keys.steps(recognition_id), keys.STEPS_ORDER],
            args=[recognition_id, document, TTL_S, KEPT, keys.STEPS_PREFIX],
        )

    def get(self, recognition_id: str) -> bytes | None:
        """ReadingSteps as JSON; None if there are none (any more)."""
        return cast(bytes | None, self._redis.get(keys.steps(recognition_id)))
