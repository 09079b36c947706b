"""The demo camera: sheets of MNIST test digits that slide over a desk, drawn as they are needed."""

from __future__ import annotations

from collections.abc import Generator

from camera_worker.demo import FPS, clip
from camera_worker.sources.base import Shot


class DemoSource:
    """A camera that needs no camera; it begins again for ever."""

    name = "demo"
    live = True

    def shots(self) -> Generator[Shot]:
        """The demo clip, round after round."""
        while True:
            for image in clip():
                yield Shot(image, 1.0 / FPS)
