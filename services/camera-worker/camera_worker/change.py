"""Decides which frames are worth sending: pure, on small grey thumbnails."""

from __future__ import annotations

from enum import Enum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_worker.image import Image

THUMBNAIL_SIDE: Final = 96
"""A pen's stroke darkens a cell of this grid clearly; a sensor's noise averages out in it."""

THRESHOLD: Final = 8.0
"""Grey levels (of 255) by which one cell must differ for the frame to count as changed."""

SETTLE_FRAMES: Final = 3
"""Frames sent after the picture has come to rest: a reading is steady after three like results."""

HEARTBEAT_S: Final = 2.0
"""An unchanged frame is sent this often all the same: the gateway takes a silent camera for gone."""

Thumbnail = NDArray[np.float32]


class Verdict(Enum):
    """Why a frame is sent, or that it is not."""

    CHANGED = "changed"
    SETTLING = "settling"
    HEARTBEAT = "heartbeat"
    UNCHANGED = "unchanged"

    @property
    def worth_sending(self) -> bool:
        """Whether the frame goes to the gateway."""
        return self is not Verdict.UNCHANGED


def thumbnail(image: Image) -> Thumbnail:
    """A small grey picture of `image` (uint8 [H, W, 3], BGR): float32 [h, w], its longer side 96."""
    height, width = image.shape[:2]
    scale = THUMBNAIL_SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Shrinking first and turning grey then touches each pixel of the large picture once only.
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def difference(one: Thumbnail, other: Thumbnail) -> float:
    """The largest difference between cells in grey levels, after evening out brightness; infinite for other shapes."""
    if one.shape != other.shape:
        return float("inf")
    difference = one - other
    # The median is the change of light or exposure; what moved covers less than half of the picture or shows anyway.
    return float(np.abs(difference - np.median(difference)).max())


class ChangeDetector:
    """Compares each frame with the last one that was sent, so that slow drift adds up until it is seen."""

    def __init__(
        self, threshold: float = THRESHOLD, settle_frames: int = SETTLE_FRAMES, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        self._threshold = threshold
        self._settle_frames = settle_frames
        self._heartbeat_s = heartbeat_s
        self._sent: Thumbnail | None = None
        self._sent_at_s = float("-inf")
        self._settling = 0

    def judge(self, picture: Thumbnail, now_s: float) -> Verdict:
        """What to do with a frame whose thumbnail is `picture`, seen at `now_s` (any steady clock)."""
        if self._sent is None or difference(picture, self._sent) > self._threshold:
            return Verdict.CHANGED
        if self._settling > 0:
            return Verdict.SETTLING
        return Verdict.HEARTBEAT if now_s - self._sent_at_s >= self._heartbeat_s else Verdict.UNCHANGED

    def sent(self, picture: Thumbnail, verdict: Verdict, now_s: float) -> None:
        """Note that the frame was sent; a frame that was lost on the way is not noted, and so is tried again."""
        self._settling = self._settle_frames if verdict is Verdict.CHANGED else max(0, self._settling - 1)
        self._sent, self._sent_at_s = picture, now_s
