"""The sheet that is written on, where the picture shows more: a table, a wall, a frame.

The sheet differs from what lies along the border of the picture, and it has four straight sides, of which the picture
shows three at least: the edge of a shadow has one or two. As in document scanners, but for regions, not for lines:
pencil and rules draw lines as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import edges, quadrilateral, regions
from digitscribe.vision.arrays import block, halved, median, reduced, u8
from digitscribe.vision.components import Blob, ink_on
from digitscribe.vision.quadrilateral import Corners

SIDE = 120
"""Longest side of the picture in which the sheet is looked for."""

INK = 0.04
"""Widest stroke that is no region of its own, as a share of the longest side."""

SMALLEST_PICTURE = 64
"""In pictures that are narrower than this, in pixels, no sheet is looked for: there a digit may fill a quarter."""

ANOTHER = 0.3
"""What lies beside the sheet and is at least as large as this share of it is another one."""

EXACT = 0.9
"""What fills its four sides so well beside a sheet is another one, though one side be lost in a shadow or a pattern."""

GOOD = 0.95
"""What fills and parts so well, each as a share and multiplied, is a sheet: what overlaps it is not looked at."""

MARGIN = 0.01
"""The edge of the sheet is left out by this share of its longest side: it is darker or lighter than paper."""

RIM = 0.012
"""So near to the edge of the sheet, as a share of its longest side, there may be some of what it lies on, or its
shadow: the corners are found in a small picture."""

RIMMED = 0.6
"""What has this share of its ink there is no writing; a digit only comes near."""

SPREAD = 0.06
"""How far paper is painted beyond the sheet, as a share of the longest side."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet in a picture of `width` × `height`, or several notes: their corners, float64 [N, 4, 2] in pixels."""

    corners: NDArray[np.float64]
    width: int
    height: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what is to be looked at."""
        left, top = np.maximum(0, np.floor(self.corners.min(axis=(0, 1)))).astype(int).tolist()
        right, bottom = np.ceil(self.corners.max(axis=(0, 1))).astype(int).tolist()
        return left, top, min(self.width, right), min(self.height, bottom)

    @property
    def share(self) -> float:
        """How much of the picture it takes up, from 0 to 1."""
        return sum(map(quadrilateral.area, self.corners)) / (self.width * self.height)

    def holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, [N, 2] in pixels, lie on it, bool [N]."""
        on_each = [quadrilateral.holds(corners, points) for corners in self.corners]
        return np.asarray(np.any(on_each, axis=0), np.bool_)

    def cover(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Where the sheet is in the picture, which has been resized to `shape`: uint8 [H, W], 1 up to its edge."""
        return _filled(self.corners, np.array([shape[1] / self.width, shape[0] / self.height]), shape)

    def mask(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Where the sheet is inside of `box`, which has been resized to `shape`: uint8 [H, W], 1 without its edge."""
        left, top, right, bottom = self.box
        scale = np.array([shape[1] / (right - left), shape[0] / (bottom - top)])
        return _shrunk(_filled(self.corners - [left, top], scale, shape), MARGIN)


def _filled(sheets: NDArray[np.float64], scale: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The insides of sheets with these corners, [N, 4, 2], times `scale`: uint8 [H, W] of 0 and 1."""
    mask = np.zeros(shape[:2], np.uint8)
    for corners in np.round(sheets * scale).astype(np.int32):
        cv2.fillConvexPoly(mask, corners, 1)
    return mask


def alone(grey: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey uint8 [H, W] with all that is outside of the sheet (`mask` uint8 [H, W], 1 is sheet) painted like it."""
    size = _size(grey.shape)
    within = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) * within
    spread = SPREAD * max(size)
    near, weight = (cv2.GaussianBlur(each, (0, 0), spread) for each in (small, within))
    painted = cv2.resize(near / np.maximum(weight, 1e-6), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return u8(cv2.copyTo(grey, mask, np.clip(painted, 0, 255).astype(np.uint8)))


def without_rim(blobs: list[Blob], mask: NDArray[np.uint8]) -> list[Blob]:
    """Drop the pieces of ink that lie along the edge of the sheet (`mask` uint8 [H, W], 1 is sheet)."""
    within = _shrunk(mask, RIM)
    return [blob for blob in blobs if ink_on(within, blob) > (1 - RIMMED) * blob.area]


def _shrunk(mask: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    edge = block(2 * max(1, round(share * max(mask.shape))) + 1)
    return u8(cv2.erode(mask, edge, borderType=cv2.BORDER_CONSTANT, borderValue=0))


def find(pixels: NDArray[np.uint8], halves: NDArray[np.uint8] | None = None) -> Sheet | None:
    """The sheet in a picture; nothing where all of it may be written on.

    Args:
        pixels: RGB uint8 [H, W, 3] or grey uint8 [H, W].
        halves: the same picture, `halved` but no smaller than `SIDE`, if that is known.
    """
    if min(pixels.shape[:2]) < SMALLEST_PICTURE:
        return None
    colours = _colours(halved(pixels if halves is None else halves, SIDE))
    if _is_one_thing(colours):
        return None
    small = reduced(colours, SIDE)
    flat = u8(cv2.medianBlur(small, round(INK * max(small.shape)) * 2 + 1))
    sheets = _sheets(flat)
    if not sheets:
        return None
    corners = np.array([edges.refined(corners, flat) for corners in sheets])
    scale = np.array(pixels.shape[1::-1]) / flat.shape[1::-1]
    return Sheet((corners + 0.5) * scale, pixels.shape[1], pixels.shape[0])


def _sheets(flat: NDArray[np.uint8]) -> list[Corners]:
    """The corners of the sheets in a picture, L*a*b* uint8 [h, w, 3], without its strokes.

    Notes that touch are one thing, beside a bright one a pale one is part of the table, and edges of two that lie level
    go on in one another: so it is looked again where those that were found are gone.
    """
    found: list[Corners] = []
    rest = flat
    while more := _clearest(rest, found):
        found += more
        rest = _taken_out(rest, found)
    return found


def _taken_out(flat: NDArray[np.uint8], sheets: list[Corners]) -> NDArray[np.uint8]:
    """The picture with what lies along its border painted over sheets and their edges."""
    place = np.zeros(flat.shape[:2], np.uint8)
    for corners in np.round(sheets).astype(np.int32):
        cv2.fillConvexPoly(place, corners, 1)
    painted = flat.copy()
    painted[cv2.dilate(place, block(regions.NEAR)) > 0] = median(regions.border_of(flat))
    return painted


def _clearest(flat: NDArray[np.uint8], known: list[Corners]) -> list[Corners]:
    """The four sides that part the picture (L*a*b* uint8 [h, w, 3], without strokes) best, and those of notes beside.

    There may be none. Those that are `known` already are not told again.
    """
    fits: list[tuple[float, Corners]] = []
    good = list(known)
    for mask in regions.regions_of(flat):
        for corners, filled in regions.quadrilaterals_of(mask, flat[..., 0]):
            if any(quadrilateral.overlap(corners, other) for other in good):
                continue
            unseen = 1 if known and filled >= EXACT else 0
            fits.append((filled * edges.fit(corners, flat, unseen), corners))
            if fits[-1][0] >= GOOD:
                good.append(corners)
    found = list(known)
    for fit, corners in sorted(fits, key=lambda each: -each[0]):
        if fit and not any(quadrilateral.overlap(corners, other) for other in found):
            found.append(corners)
    least = ANOTHER * quadrilateral.area(found[0]) if found else 0.0
    return [each for each in found[len(known) :] if quadrilateral.area(each) >= least]


def _is_one_thing(colours: NDArray[np.uint8]) -> bool:
    """Whether too little is different from what lies along the border to be a sheet: a quick look, at a small size."""
    size = tuple(max(8, side // 4) for side in _size(colours.shape))
    flat = u8(cv2.medianBlur(u8(cv2.resize(colours, size, interpolation=cv2.INTER_AREA)), 5))
    away = regions.total(regions.differences_of(flat))
    return int(np.count_nonzero(away > regions.LEAST[0])) < regions.SMALLEST * away.size


def _colours(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB uint8 [H, W, 3] or grey uint8 [H, W] as L*a*b* uint8 [H, W, 3]."""
    rgb = pixels if pixels.ndim == 3 else u8(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB))
    return u8(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB))


def _size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Width and height that a picture [H, W, ...] is reduced to."""
    factor = max(1.0, max(shape[:2]) / SIDE)
    return max(1, round(shape[1] / factor)), max(1, round(shape[0] / factor))
