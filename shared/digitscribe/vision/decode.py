"""From an image file's bytes to its pixels, upright and no larger than reading needs."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from digitscribe.errors import CorruptImage, ImageTooLarge, InvalidImage, UnsupportedImage

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "HEIF")
"""What is read; HEIF is what iPhones keep photos in. A short list: every decoder is a way in for a hostile file."""

WORKING_SIDE = 1600
"""Longest side of decoded pixels. What a person reads at arm's length is 20 pixels high and more at this size."""

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"GIF8")
_HEIF_BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1")

# The pixel count is checked here, against the caller's own limit, before anything is decoded. Pillow's limit would
# warn, and warnings are caught per process, not per thread.
Image.MAX_IMAGE_PIXELS = None

# Pillow asks this decoder for HEIF. Only the photo is wanted; and one image has one core, here as everywhere.
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


@dataclass(frozen=True)
class ImageHeader:
    """What an image's header says; width and height in pixels as a person sees it (EXIF orientation applied)."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class DecodedImage:
    """An image's pixels, upright.

    Attributes:
        pixels: uint8 [H, W, 3] RGB or [H, W] grey, 0 to 255; longest side at most `WORKING_SIDE`.
        width: of the image as a person sees it, in its own pixels.
        height: the same.
        scale: pixels of the image per pixel in `pixels`, at least 1.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    scale: float

    @classmethod
    def from_pixels(cls, pixels: NDArray[np.uint8]) -> DecodedImage:
        """An image that already is an array (a camera's frame): uint8 [H, W, 3] RGB or [H, W] grey."""
        height, width = pixels.shape[:2]
        reduced = _reduce(pixels)
        return cls(reduced, width, height, max(1.0, max(width, height) / max(reduced.shape[:2])))


def inspect(data: bytes, max_bytes: int, max_pixels: int) -> ImageHeader:
    """Read an image's header; no pixel is decoded.

    Raises:
        UnsupportedImage: not one of `FORMATS`.
        ImageTooLarge: more than `max_bytes` bytes or `max_pixels` pixels.
        CorruptImage: a broken header.
    """
    image = _open(data, max_bytes, max_pixels)
    width, height = _upright_size(image)
    return ImageHeader(str(image.format), width, height)


def decode(data: bytes, max_bytes: int, max_pixels: int) -> DecodedImage:
    """Decode an image: any colour mode to 8-bit RGB or grey, transparency filled in, upright, reduced if very large.

    Raises:
        UnsupportedImage: not one of `FORMATS`.
        ImageTooLarge: more than `max_bytes` bytes or `max_pixels` pixels.
        CorruptImage: broken or cut off.
    """
    image = _open(data, max_bytes, max_pixels)
    width, height = _upright_size(image)
    try:
        pixels = _reduce(_pixels(image))
    except InvalidImage:
        raise
    except Exception as error:  # decoders raise whatever they like on broken data
        raise CorruptImage(f"The {image.format} data is damaged or cut off: {error}") from error
    return DecodedImage(pixels, width, height, max(1.0, max(width, height) / max(pixels.shape[:2])))


def _open(data: bytes, max_bytes: int, max_pixels: int) -> Image.Image:
    if len(data) > max_bytes:
        raise ImageTooLarge(f"The image has {len(data):,} bytes; at most {max_bytes:,} are read")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        if data.startswith(_SIGNATURES) or data[4:12] in _HEIF_BRANDS:
            raise CorruptImage("The image's header is damaged or cut off") from error
        raise UnsupportedImage(f"Not an image that is read; send one of {', '.join(FORMATS)}") from error
    except Exception as error:  # as above
        raise CorruptImage(f"The image's header is damaged: {error}") from error
    if image.width < 1 or image.height < 1:
        raise CorruptImage("The image has no pixels")
    if image.width * image.height > max_pixels:
        raise ImageTooLarge(f"The image has {image.width * image.height:,} pixels; at most {max_pixels:,} are read")
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data says nothing about the pixels
        return 1


def _upright_size(image: Image.Image) -> tuple[int, int]:
    turned = _orientation(image) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else (image.width, image.height)


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    orientation = _orientation(image)
    if image.format == "JPEG" and max(image.size) > WORKING_SIDE:
        share = WORKING_SIDE / max(image.size)
        image.draft(None, (int(image.width * share), int(image.height * share)))
    image.load()
    return _upright(_eight_bit(image), orientation)


def _eight_bit(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):
        return _stretch(np.asarray(image))
    if image.has_transparency_data:
        return _fill_transparency(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _stretch(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    finite -= min(0.0, float(finite.min()))
    peak = float(finite.max())
    return (finite * (255.0 / peak) if peak > 255 or 0 < peak <= 1 else finite).astype(np.uint8)


def _fill_transparency(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put paper behind transparent pixels: a drawing gets the opposite of its ink, a photo with holes its own mean."""
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    if alpha.min() == 1.0:
        return np.ascontiguousarray(rgba[..., :3])
    opaque = float(alpha.sum())
    mean = float((rgba[..., :3] * alpha).sum()) / (3 * opaque) if opaque else 0.0
    is_drawing = opaque < 0.5 * alpha.size
    paper = (0.0 if mean > 127 else 255.0) if is_drawing else mean
    return np.asarray(rgba[..., :3] * alpha + paper * (1 - alpha), dtype=np.uint8)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    turns: dict[int, tuple[bool, int]] = {2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3)}
    turns |= {7: (True, 3), 8: (False, 1)}
    mirrored, quarter_turns = turns.get(orientation, (False, 0))
    mirrored_pixels = pixels[:, ::-1] if mirrored else pixels
    return np.ascontiguousarray(np.rot90(mirrored_pixels, quarter_turns))


def _reduce(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    share = WORKING_SIDE / max(height, width)
    if share >= 1:
        return pixels
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
