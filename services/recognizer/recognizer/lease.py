"""The sign of life of a job that is being executed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

LEASE_S = 6
"""How long a job counts as being worked on after its worker's last sign of life."""

RENEW_EVERY_S = 1.5
"""How often a worker gives that sign: often enough that a busy machine may swallow two of them."""

log = logging.getLogger(__name__)


@contextmanager
def renewing(renew: Callable[[], None], at_most_s: float) -> Iterator[None]:
    """Call `renew` every RENEW_EVERY_S from a thread while the context lasts, for `at_most_s` seconds."""
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, ended, at_most_s), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(renew: Callable[[], None], ended: threading.Event, at_most_s: float) -> None:
    left = int(at_most_s / RENEW_EVERY_S)
    while left > 0 and not ended.wait(RENEW_EVERY_S):
        left -= 1
        try:
            renew()
        except RedisError as error:
            log.warning("a sign of life did not reach Redis: %s", error)
