"""A camera at this machine: `0`, `1`, … or `/dev/video0`."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import cv2
from digitscribe.errors import CameraUnavailable

from camera_worker.sources.base import Shot
from camera_worker.sources.opencv import Capture

_LINUX = sys.platform.startswith("linux")


class DeviceSource:
    """A USB or built-in camera; only its newest frame counts."""

    live = True

    def __init__(self, device: str) -> None:
        self.name = f"/dev/video{device}" if device.isdecimal() and _LINUX else device
        self._address: str | int = int(device) if device.isdecimal() else device

    def shots(self) -> Generator[Shot]:
        """Frames as the camera delivers them."""
        if _LINUX:
            check_device(Path(self.name))
        with Capture(self._address, cv2.CAP_V4L2 if _LINUX else cv2.CAP_ANY) as capture:
            if not capture.opened:
                raise CameraUnavailable(f"Camera {self.name} does not open; is another program using it?")
            for image in capture.images():
                yield Shot(image)
        raise CameraUnavailable(f"Camera {self.name} stopped delivering frames; is it still plugged in?")


def check_device(path: Path) -> None:
    """Raise CameraUnavailable, saying what to do, where OpenCV would only say no."""
    if not path.exists():
        raise CameraUnavailable(
            f"There is no camera at {path}; plug one in (in a container: start with compose.camera.yml)"
        )
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraUnavailable(f"Camera {path} may not be opened; let this user into the group `video`")
