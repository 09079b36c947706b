"""Is the service in this container well? Asked by Docker; exits 0 for yes.

healthcheck.py http PORT PATH    it answers 200
healthcheck.py worker            an RQ worker of this container shows signs of life in Redis
healthcheck.py camera            the gateway got something from this camera lately
"""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request
from collections.abc import Callable

_TIMEOUT_S = 4


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


def camera_is_seen() -> bool:
    """Whether the gateway knows this camera."""
    name = os.environ.get("DIGITSCRIBE_CAMERA_NAME", "demo")
    url = f"{os.environ['DIGITSCRIBE_GATEWAY_URL']}/v1/cameras"
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:  # noqa: S310 - the address is a setting
        return name in json.dumps(json.load(response))


CHECKS: dict[str, Callable[..., bool]] = {"http": http_answers, "worker": worker_lives, "camera": camera_is_seen}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]](*sys.argv[2:]) else 1)
