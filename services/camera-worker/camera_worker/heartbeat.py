"""A sign of life, for whoever asks whether the supervisor still does its work: a container's health check, say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

HEARTBEAT: Final = "CAMERA_WORKER_HEARTBEAT"
"""Environment variable: the file that each beat touches; unset: none."""


def beat() -> None:
    """Touch the file, if there is to be one."""
    if path := os.environ.get(HEARTBEAT):
        Path(path).touch()
