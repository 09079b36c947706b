"""How long to wait before trying again: arithmetic without a clock of its own.

The Python client carries this file under a name of its own: it imports the standard library only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_S = 0.5
"""The wait after the first failure, before jitter, unless told otherwise."""

CAP_S = 15.0
"""No wait is longer, unless told otherwise: somebody who plugs a camera in again should not wait a minute for it."""

_MOST_DOUBLINGS = 64
"""Beyond any cap; without the limit something that is away for weeks overflows the float."""


class Backoff:
    """Waits that double with each failure up to a cap, each shortened at random.

    The jitter keeps many that lost one server together from coming back together.

    Args:
        first_s: The wait after the first failure, before jitter.
        cap_s: No wait is longer.
        rng: Random numbers in [0, 1).
    """

    def __init__(
        self, first_s: float = FIRST_S, cap_s: float = CAP_S, rng: Callable[[], float] = random.random
    ) -> None:
        self._first_s, self._cap_s, self._rng = first_s, cap_s, rng
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def fail(self) -> float:
        """Note a failure; returns the seconds to wait, between half of the doubled wait and all of it."""
        wait_s = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, _MOST_DOUBLINGS))
        self._failures += 1
        return wait_s * (0.5 + 0.5 * self._rng())

    def succeed(self) -> None:
        """Note a success: the next failure waits shortly again."""
        self._failures = 0


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The header Retry-After in seconds, given as a number or as a date; None if it is absent or not understood."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000": UTC, as RFC 5322 has it
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
