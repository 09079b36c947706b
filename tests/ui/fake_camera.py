"""A Chromium whose camera plays a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserType

from tests.ui.conftest import CHROMIUM_FLAGS

Frame = NDArray[np.uint8]


def write_mjpeg(path: Path, frames: Iterable[Frame]) -> Path:
    """Write `frames` (uint8 [h, w, 3] BGR) one after the other as JPEGs: what Chromium plays as a camera, in a loop."""
    pictures = (cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes() for frame in frames)
    path.write_bytes(b"".join(pictures))
    return path


@contextmanager
def browser_with_camera(chromium: BrowserType, film: Path | None, *flags: str) -> Iterator[Browser]:
    """A browser that sees `film`; None: it has no camera at all."""
    camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"] if film else []
    browser = chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, *camera, *flags])
    try:
        yield browser
    finally:
        browser.close()
