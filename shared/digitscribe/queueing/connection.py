"""Connections to Redis with explicit time-outs.

redis-py 8 reads with a five-second socket time-out and ten retries unless told otherwise: a blocking read that is
longer than that would hang and then raise. Every blocking read here is shorter than SOCKET_TIMEOUT_S.
"""

from __future__ import annotations

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

SOCKET_TIMEOUT_S = 15.0
"""Longest silence of Redis that is waited for."""

BLOCK_MS = 5_000
"""Longest blocking read that a caller may ask for."""

RESTART_RETRIES = 30
"""How often those who have work in hand try a command again: for about half a minute, while Redis restarts."""


def connect(url: str, *, retries: int = 3) -> Redis:
    """A thread-safe, lazily connected client of the Redis at `url`; values are bytes."""
    return Redis.from_url(
        url,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=3.0,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), retries),
    )
