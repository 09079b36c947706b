"""What stands before Chromium's camera where there is none: a sheet of the demo clip, played in a loop."""

from __future__ import annotations

from pathlib import Path

import cv2
from camera_worker import demo

LIES_STILL = range(24, 42)
"""Frames of the demo clip in which its first sheet is not moved."""

WRITTEN = demo.SHEETS[0]
"""What is written on that sheet."""


def write_film(path: Path) -> Path:
    """Write the frames one after the other as JPEGs (the suffix must be `.mjpeg`); returns `path`."""
    path.write_bytes(b"".join(cv2.imencode(".jpg", demo.frame(number))[1].tobytes() for number in LIES_STILL))
    return path


def camera_flags(film: Path) -> list[str]:
    """Chromium's flags for a camera that plays `film`."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
