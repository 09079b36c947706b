"""Is the service in this container well? Asked by Docker; exits 0 for yes.

healthcheck.py http PORT PATH    it answers 200
healthcheck.py worker            an RQ worker of this container shows signs of life in Redis
healthcheck.py camera            the supervisor has looked after its cameras lately
"""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

_TIMEOUT_S = 4

_BEAT_S = 30
"""The supervisor looks twice a second, but waits for a gateway that does not answer."""


def http_answers(port: str, path: str) -> bool:
    """Whether the service answers on `port`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=_TIMEOUT_S) as response:
        return bool(response.status == 200)


def worker_lives() -> bool:
    """Whether one of the workers that are registered in Redis, and have not expired, runs on this host."""
    from redis import Redis

    redis = Redis.from_url(os.environ["DIGITSCRIBE_REDIS_URL"], socket_timeout=_TIMEOUT_S, decode_responses=True)
    keys = redis.smembers("rq:workers")
    return any(redis.hget(key, "hostname") == socket.gethostname() for key in keys)


def supervisor_beats() -> bool:
    """Whether the supervisor of cameras has touched its file lately.

    Not whether pictures come: a camera that is unplugged is told on the page, and is no fault of this container.
    """
    return time.time() - Path(os.environ["CAMERA_WORKER_HEARTBEAT"]).stat().st_mtime < _BEAT_S


CHECKS: dict[str, Callable[..., bool]] = {"http": http_answers, "worker": worker_lives, "camera": supervisor_beats}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]](*sys.argv[2:]) else 1)
