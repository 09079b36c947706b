"""OpenCV's VideoCapture as a generator of frames; the one place that holds one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final, cast

import cv2

from camera_worker.image import Image

FALLBACK_FPS: Final = 25.0
"""The pace of a file that does not state its own."""

FASTEST_FPS: Final = 240.0
"""Files that state more than this have a broken header."""


class Capture:
    """An open VideoCapture, closed by `with`."""

    def __init__(self, address: str | int, backend: int, parameters: Sequence[int] = ()) -> None:
        if backend == cv2.CAP_FFMPEG:
            # Each of FFmpeg's decoding threads holds frames of its own: at 4K, 12 MB apiece.
            parameters = (*parameters, cv2.CAP_PROP_N_THREADS, 1)
        self._capture = cv2.VideoCapture(address, backend, list(parameters))

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.release()

    @property
    def opened(self) -> bool:
        """Whether there is anything to read from."""
        return bool(self._capture.isOpened())

    @property
    def fps(self) -> float:
        """The pace that the file states, or 25 where it states none that makes sense."""
        stated = float(self._capture.get(cv2.CAP_PROP_FPS))
        return stated if 0 < stated <= FASTEST_FPS else FALLBACK_FPS

    def images(self) -> Generator[Image]:
        """Frames, uint8 [H, W, 3] BGR, until one fails to come."""
        while True:
            delivered, image = self._capture.read()
            if not delivered:
                return
            yield cast(Image, image)
