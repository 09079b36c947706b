"""A process that was started by the supervisor ends with it, even if that is killed: the pipe between them breaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import Thread
from typing import Final

LIFELINE: Final = "CAMERA_WORKER_LIFELINE"
"""Set by the supervisor: standard input is the pipe."""


def hold(on_break: Callable[[], None]) -> None:
    """Call `on_break` when the pipe breaks, if there is one."""
    if os.environ.get(LIFELINE):
        Thread(target=_wait, args=(on_break,), name="lifeline", daemon=True).start()


def _wait(on_break: Callable[[], None]) -> None:
    while sys.stdin.buffer.read(1):
        continue
    on_break()
