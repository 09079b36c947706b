"""Uneven light: what the empty paper would look like, and how much darker than it each pixel is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import shadows
from digitscribe.vision.arrays import at_least, block, closed, reduced, u8

PAPER_SIDE = 160
"""Longest side of the image in which the paper is estimated: fine enough to follow the edge of a shadow."""

POLARITY_SIDE = 64
"""Longest side of the image in which polarity is told."""

STROKE_SHARE = 0.2
"""Widest stroke, as a share of the image's longest side; dark things wider than this are shadow."""

SHADOW_SHARE = 0.08
"""Narrowest shadow, as the same share: of things between the two, `shadows` tells which they are."""

SMOOTH = cv2.getGaussianKernel(9, 1.5)
"""Takes the corners out of the paper's estimate, which is made of rectangles."""

SURROUNDINGS = (0.3, 0.15)
"""A pixel is compared with the median of a window as wide as this share of the longest side: a wide one first, which
no thick stroke fills, then a narrower one, which finds the paper also where a small sheet lies on a desk."""

CLEAR = 0.8
"""Even surroundings decide if all but a tenth of what stands out there says the same."""

RESIDUE_SHARE = 0.25
"""Deviations from the paper count towards polarity from this share of the largest on."""


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey uint8 [H, W] of RGB uint8 [H, W, 3] or of grey uint8 [H, W]."""
    if pixels.ndim == 2:
        return pixels
    return u8(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def is_light_on_dark(grey: NDArray[np.uint8]) -> bool:
    """Whether what stands out from its near surroundings in grey uint8 [H, W] is mostly lighter than they are.

    Only where the surroundings are even, if there is anything: the corner of a sheet on a dark table is no ink. The
    image may be `coarse` already.
    """
    small = reduced(coarse(grey), POLARITY_SIDE)
    unclear = 0.0
    for share in SURROUNDINGS:
        verdict, clear = _verdict(small, _odd(round(share * max(small.shape))))
        if clear:
            return verdict > 0
        unclear = max(unclear, verdict, key=abs)
    return unclear > 0


def _verdict(small: NDArray[np.uint8], window: int) -> tuple[float, bool]:
    """What stands out from a window's median: from −1 (all darker) to 1 (all lighter), and whether that is clear."""
    around = u8(cv2.medianBlur(small, window))
    residue = small.astype(np.int16) - around.astype(np.int16)
    floor = RESIDUE_SHARE * float(np.abs(residue).max())
    stands_out = np.where(np.abs(residue) > floor, residue, 0)
    near = block(window // 2 | 1)
    even = cv2.subtract(u8(cv2.dilate(around, near)), u8(cv2.erode(around, near))) < floor
    inside = _balance(stands_out[even])
    return (inside, True) if abs(inside) > CLEAR else (_balance(stands_out), False)


def _balance(residue: NDArray[np.int16]) -> float:
    weight = int(np.abs(residue).sum())
    return int(residue.sum()) / weight if weight else 0.0


def contrast_of(dark_ink: NDArray[np.uint8], small: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """How much darker than its paper each pixel is.

    Args:
        dark_ink: grey uint8 [H, W] with dark ink on light paper.
        small: the same image, `coarse`, if that is known.

    Returns:
        uint8 [H, W]: 0 is paper, 255 is black; relative to the paper, so that shadow drops out.
    """
    paper = _paper(coarse(dark_ink) if small is None else small, dark_ink.shape)
    share = cv2.divide(dark_ink, paper, dst=paper, scale=255.0)
    return u8(cv2.bitwise_not(share, dst=share))


def _paper(small: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The paper's brightness, at least 1, from a coarse image: uint8 of that shape."""
    reach = _odd(int(STROKE_SHARE * max(small.shape)))
    # what is dark at the border goes on beyond it: vignetting and table are wide, not strokes
    wider = u8(cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REPLICATE))
    paper = shadows.shaded(closed(wider, reach), wider, _odd(int(SHADOW_SHARE * max(small.shape))))
    smooth = at_least(u8(cv2.sepFilter2D(paper[reach:-reach, reach:-reach], -1, SMOOTH, SMOOTH)), 1)
    return u8(cv2.resize(smooth, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def coarse(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey uint8 [H, W], reduced to what polarity and paper are told from: longest side `PAPER_SIDE` at most."""
    return reduced(grey, PAPER_SIDE)


def _odd(value: int) -> int:
    return max(3, value | 1)
