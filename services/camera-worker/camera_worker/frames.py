"""From a captured picture to what goes on the wire: the digits' crops and boxes, and a small preview."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from digitscribe.contracts import CameraFrame, FrameDigit
from digitscribe.contracts.camera import MAX_FRAME_DIGITS
from digitscribe.vision import paths
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import Proposal, propose

from camera_worker.image import Captured, Image, fit

PREVIEW_SIDE: Final = 400
"""Longer side of the preview in pixels: enough to see what lies under the camera, 10 to 25 kB."""

PREVIEW_QUALITY: Final = 70


def to_frame(captured: Captured, profile: Profile, counters: Mapping[str, int], reading: str | None) -> CameraFrame:
    """What the gateway is sent of `captured`, prepared by `profile`; `counters` and `reading` so far go with it."""
    height, width = captured.image.shape[:2]
    return CameraFrame(
        captured_at=captured.captured_at,
        width=width,
        height=height,
        digits=digits_of(captured.image, profile),
        preview=preview_of(captured.image),
        counters=dict(counters),
        reading=reading,
        profile=profile,
    )


def digits_of(image: Image, profile: Profile) -> tuple[FrameDigit, ...]:
    """The digits in `image` (uint8 [H, W, 3], BGR) in reading order, at most `MAX_FRAME_DIGITS`."""
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    proposal = propose(DecodedImage.from_pixels(rgb), profile)
    return tuple(_digit(proposal, i) for i in primary(proposal)[:MAX_FRAME_DIGITS])


def primary(proposal: Proposal) -> list[int]:
    """The crops of `proposal` that are not rivals: the likeliest cut of each row before a classifier is asked."""
    unasked = np.ones((len(proposal.hypotheses), 10), np.float32)
    return [choice.index for choice in paths.best(proposal.hypotheses, unasked, min_confidence=0.0)]


def preview_of(image: Image) -> str:
    """`image` (uint8 [H, W, 3], BGR) as a small JPEG in base64."""
    _, jpeg = cv2.imencode(".jpg", fit(image, PREVIEW_SIDE), [cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY])
    return base64.b64encode(jpeg.tobytes()).decode("ascii")


def _digit(proposal: Proposal, index: int) -> FrameDigit:
    image = base64.b64encode(proposal.crops[index].tobytes()).decode("ascii")
    return FrameDigit(box=proposal.boxes[index], row=proposal.rows[index], image=image)
