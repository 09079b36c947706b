"""How patiently a request is repeated: arithmetic without a clock of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_S = 0.1
"""The pause after the first failure, before jitter."""

CAP_S = 5.0
"""No pause is longer, unless the gateway asks for a longer one: whoever restarts it should not wait for its clients."""


class Backoff:
    """Pauses that double with each failure up to a cap, each shortened at random.

    The jitter keeps clients that lost one gateway together from coming back together.
    """

    def __init__(
        self, first_s: float = FIRST_S, cap_s: float = CAP_S, rng: Callable[[], float] = random.random
    ) -> None:
        self._first_s, self._cap_s, self._rng = first_s, cap_s, rng
        self._failures = 0

    def fail(self) -> float:
        """Note a failure; returns the seconds to wait, between half of the doubled pause and all of it."""
        pause_s = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return pause_s * (0.5 + 0.5 * self._rng())

    def succeed(self) -> None:
        """Note a success: the next failure waits shortly again."""
        self._failures = 0


class Patience:
    """How long failures are borne: from the first one on, `seconds`.

    Args:
        seconds: How long a gateway that is away or busy is asked again; 0 asks once.
        backoff: The pauses between.
    """

    def __init__(self, seconds: float, backoff: Backoff | None = None) -> None:
        self._left_s = seconds
        self._backoff = backoff or Backoff()

    def pause_s(self, asked_s: float | None = None) -> float | None:
        """Seconds until the next try, at least the `asked_s` of a Retry-After; None: the patience is at its end."""
        pause_s = max(self._backoff.fail(), asked_s or 0.0)
        if pause_s > self._left_s:
            return None
        return pause_s

    def spend(self, seconds: float) -> None:
        """Note that so much time has passed since the last failure, or in a pause."""
        self._left_s -= seconds


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
