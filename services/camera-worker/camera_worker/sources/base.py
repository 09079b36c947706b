"""What every source offers."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple, Protocol

from camera_worker.image import Image


class Shot(NamedTuple):
    """One frame, and how many seconds it lasts: 0 where the source itself waits for the next."""

    image: Image
    lasts_s: float = 0.0


class Source(Protocol):
    """A camera, or what stands in for one.

    A source holds no state between two calls of `shots`: a reader that hangs can be given up and another begun.
    """

    @property
    def name(self) -> str:
        """What to call it in logs; credentials left out."""
        ...

    @property
    def live(self) -> bool:
        """Whether only the newest frame counts; otherwise every frame is wanted, and the source waits."""
        ...

    def shots(self) -> Generator[Shot]:
        """Open the source and yield its frames, uint8 [H, W, 3] BGR; closing the generator closes the source.

        Ends where a file ends; a live source never ends by itself.

        Raises:
            CameraUnavailable: it cannot be opened, or has stopped delivering.
        """
        ...
