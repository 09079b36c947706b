"""Uneven light: what the empty paper would look like, and how much darker than it each pixel is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import shadows
from digitscribe.vision.arrays import at_least, closed, odd, reduced, u8

PAPER_SIDE = 160
"""Longest side of the image in which the paper is estimated: fine enough to follow the edge of a shadow."""

STROKE_SHARE = 0.2
"""Widest stroke, as a share of the image's longest side; dark things wider than this are shadow."""

SHADOW_SHARES = (0.08, 0.05)
"""Narrowest shadow, as the same share: of things between the two, `shadows` tells which they are. Shadows that are
narrower are looked for beside what is left: their strokes have to be narrower, too."""

BAR_SHARE = 0.032
"""Narrowest shadow of a bar, that of a window or of a pen, as the same share."""

SMOOTH = cv2.getGaussianKernel(9, 1.5)
"""Takes the corners out of the paper's estimate, which is made of rectangles."""


THIN = 0.027
"""Widest stroke, as the same share, where only thin ink is looked for."""

LEAST_THIN = round(5 / THIN)
"""In an image whose longest side is shorter than this, in pixels, that is less than five: no stroke is thinner."""


def thin_contrast_of(dark_ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker than what is right beside it each pixel is, whatever there is farther away.

    Shadows with sharp edges, stripes and patterns drop out, and so do thick strokes.

    Args:
        dark_ink: grey uint8 [H, W] with dark ink on light paper.

    Returns:
        uint8 [H, W] as from `contrast_of`.
    """
    smooth = u8(cv2.GaussianBlur(dark_ink, (0, 0), 1.0))
    reach = odd(int(THIN * max(dark_ink.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    paper = at_least(u8(cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, disc)), 1)
    return u8(cv2.bitwise_not(cv2.divide(smooth, paper, scale=255.0)))


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
    reach = odd(int(STROKE_SHARE * max(small.shape)))
    # what is dark at the border goes on beyond it: vignetting and table are wide, not strokes
    wider = u8(cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REPLICATE))
    paper = closed(wider, reach)
    for share in SHADOW_SHARES:
        paper = shadows.shaded(paper, wider, odd(int(share * max(small.shape))))
    inner = paper[reach:-reach, reach:-reach]
    paper = shadows.barred(inner, small, odd(int(BAR_SHARE * max(small.shape))))
    smooth = at_least(u8(cv2.sepFilter2D(paper, -1, SMOOTH, SMOOTH)), 1)
    return u8(cv2.resize(smooth, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def coarse(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey uint8 [H, W], reduced to what polarity and paper are told from: longest side `PAPER_SIDE` at most."""
    return reduced(grey, PAPER_SIDE)
