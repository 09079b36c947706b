"""How patiently a request is repeated: arithmetic without a clock of its own."""

from __future__ import annotations

from .backoff import Backoff

FIRST_S = 0.1
"""The pause after the first failure, before jitter."""

CAP_S = 5.0
"""No pause is longer, unless the gateway asks for a longer one: whoever restarts it should not wait for its clients."""


class Patience:
    """How long failures are borne: from the first one on, `seconds`.

    Args:
        seconds: How long a gateway that is away or busy is asked again; 0 asks once.
        backoff: The pauses between.
    """

    def __init__(self, seconds: float, backoff: Backoff | None = None) -> None:
        self._left_s = seconds
        self._backoff = backoff or Backoff(FIRST_S, CAP_S)

    def pause_s(self, asked_s: float | None = None) -> float | None:
        """Seconds until the next try, at least the `asked_s` of a Retry-After; None: the patience is at its end."""
        pause_s = max(self._backoff.fail(), asked_s or 0.0)
        if pause_s > self._left_s:
            return None
        return pause_s

    def spend(self, seconds: float) -> None:
        """Note that so much time has passed since the last failure, or in a pause."""
        self._left_s -= seconds
