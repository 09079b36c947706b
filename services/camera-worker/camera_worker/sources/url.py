"""A camera on the network: RTSP, MJPEG or anything else that FFmpeg can read from a URL."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import cv2
from digitscribe.contracts.camera_definition import URL_SCHEMES
from digitscribe.errors import CameraUnavailable

from camera_worker.redact import redact
from camera_worker.sources.base import Shot
from camera_worker.sources.opencv import Capture

SCHEMES: Final = frozenset(URL_SCHEMES)
"""What a source's URL may begin with; FFmpeg's others read local files or start programs' pipes."""


class UrlSource:
    """A network camera; only its newest frame counts."""

    live = True

    def __init__(self, url: str, stall_s: float) -> None:
        self.name = redact(url)
        self._url = url
        limit_ms = round(stall_s * 1000)
        self._parameters = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit_ms)

    def shots(self) -> Generator[Shot]:
        """Frames as they arrive; a silence longer than `stall_s` is an error."""
        with Capture(self._url, cv2.CAP_FFMPEG, self._parameters) as capture:
            if not capture.opened:
                raise CameraUnavailable(f"{self.name} does not open; check the address, the password and the network")
            for image in capture.images():
                yield Shot(image)
        raise CameraUnavailable(f"{self.name} stopped delivering frames")
