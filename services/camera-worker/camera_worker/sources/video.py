"""A video file: every frame, at the file's own pace."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import cv2
from digitscribe.errors import CameraUnavailable

from camera_worker.sources.base import Shot
from camera_worker.sources.opencv import Capture


class VideoSource:
    """A file that FFmpeg can decode."""

    live = False

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    def shots(self) -> Generator[Shot]:
        """Every frame of the file, once."""
        empty = True
        with Capture(str(self._path), cv2.CAP_FFMPEG) as capture:
            lasts_s = 1.0 / capture.fps
            for image in capture.images():
                empty = False
                yield Shot(image, lasts_s)
        if empty:
            raise CameraUnavailable(f"{self.name} is no video that can be read; is it complete?")
