"""A decoded image of any mode as 8-bit pixels, strip by strip: what lies between is never as large as the image."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STRIP_PIXELS = 2**20
"""Pixels that are converted at a time."""

_OPAQUE = 255

Bytes = NDArray[np.uint8]


def eight_bit(image: Image.Image) -> Bytes:
    """The pixels of `image`, which is loaded: uint8 [H, W, 3] RGB or [H, W] grey.

    Behind what is transparent comes paper. Values of another depth are stretched to 0…255 where they go beyond it, or
    stay within 0…1.
    """
    if image.mode.startswith(("I", "F")):
        low, high = _extremes(image)
        return _assembled(image, lambda strip: _stretched(_numbers(strip), low, high))
    if image.has_transparency_data:
        paper = _paper(image)
        return _assembled(image, lambda strip: _on_paper(_rgba(strip), paper))
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return _assembled(image, lambda strip: np.asarray(strip.convert(mode)))


def _strips(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        bottom = min(image.height, top + rows)
        yield slice(top, bottom), image.crop((0, top, image.width, bottom))


def _assembled(image: Image.Image, convert: Callable[[Image.Image], Bytes]) -> Bytes:
    pixels: Bytes | None = None
    for rows, strip in _strips(image):
        converted = convert(strip)
        if pixels is None:
            pixels = np.empty((image.height, *converted.shape[1:]), np.uint8)
        pixels[rows] = converted
    assert pixels is not None
    return pixels


def _numbers(strip: Image.Image) -> NDArray[np.float32]:
    return np.nan_to_num(np.asarray(strip).astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _extremes(image: Image.Image) -> tuple[np.float32, np.float32]:
    """The lowest value, at most 0, and the highest."""
    found = [(values.min(), values.max()) for values in (_numbers(strip) for _, strip in _strips(image))]
    return min(np.float32(0), *(low for low, _ in found)), max(high for _, high in found)


def _stretched(values: NDArray[np.float32], low: np.float32, high: np.float32) -> Bytes:
    peak = float(high) - float(low)  # float32 would overflow where values fill it
    if 255 >= peak > 1 or peak < float(np.finfo(np.float32).tiny):
        return (values - low).astype(np.uint8)
    return ((values.astype(np.float64) - float(low)) * (255.0 / peak)).astype(np.uint8)


def _rgba(strip: Image.Image) -> Bytes:
    return np.asarray(strip.convert("RGBA"))


def _paper(image: Image.Image) -> float:
    """What goes behind transparent pixels: a drawing gets the opposite of its ink, a photo with holes its own mean."""
    opaque = ink = 0.0
    for _, strip in _strips(image):
        rgba = _rgba(strip)
        alpha = _alpha(rgba)
        opaque += float(alpha.sum())
        ink += float((rgba[..., :3] * alpha).sum())
    mean = ink / (3 * opaque) if opaque else 0.0
    is_drawing = opaque < 0.5 * image.width * image.height
    return (0.0 if mean > 127 else 255.0) if is_drawing else mean


def _on_paper(rgba: Bytes, paper: float) -> Bytes:
    if rgba[..., 3].min() == _OPAQUE:
        return rgba[..., :3]
    alpha = _alpha(rgba)
    return np.asarray(rgba[..., :3] * alpha + paper * (1 - alpha), dtype=np.uint8)


def _alpha(rgba: Bytes) -> NDArray[np.float32]:
    """How opaque the pixels are: [H, W, 1] in [0, 1]."""
    return rgba[..., 3:].astype(np.float32) / np.float32(_OPAQUE)
