"""From an image file's bytes to its pixels, upright and no larger than reading needs."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from digitscribe.errors import CorruptImage, ImageTooLarge, InvalidImage, UnsupportedImage
from digitscribe.vision.eight_bit import eight_bit
from digitscribe.vision.memory import MemoryBudget

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "HEIF")
"""What is read; HEIF is what iPhones keep photos in. A short list: every decoder is a way in for a hostile file."""

WORKING_SIDE = 1600
"""Longest side of decoded pixels. What a person reads at arm's length is 20 pixels high and more at this size."""

DECODING_BYTES = 400_000_000
"""Memory that all threads together may take for decoding; an image that needs more is decoded alone."""

MAX_ANIMATION_PIXELS = 16_000_000
"""Largest canvas of an animated WebP: its decoder holds it four times."""

_BYTES_PER_PIXEL = 8
"""What decoding takes: Pillow's four bytes, a decoder's own, three of RGB."""

_BYTES_PER_TIFF_PIXEL = 12
"""The decoder may hold four channels of 16 bits."""

_BYTES_PER_ANIMATION_PIXEL = 20

_WEBP_ANIMATION = 0x02
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"GIF8")
_HEIF_BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1")

# The pixel count is checked here, against the caller's own limit, before anything is decoded. Pillow's limit would
# warn, and warnings are caught per process, not per thread.
Image.MAX_IMAGE_PIXELS = None

# Blocks of up to 32 MB may stay in glibc's heaps, one per thread, when they are freed; larger ones never do. Without
# this, threads that have read large images and are idle keep hundreds of megabytes.
Image.core.set_block_size(64 * 2**20)  # type: ignore[attr-defined]

# Pillow asks this decoder for HEIF. Only the photo is wanted; and one image has one core, here as everywhere.
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


_budget = MemoryBudget(DECODING_BYTES)


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

    def turned(self, quarters: int) -> DecodedImage:
        """The image turned against the clock by so many quarters of a turn."""
        size = (self.width, self.height) if quarters % 2 == 0 else (self.height, self.width)
        return DecodedImage(np.ascontiguousarray(np.rot90(self.pixels, quarters)), *size, self.scale)


def inspect(data: bytes, max_bytes: int, max_pixels: int) -> ImageHeader:
    """Read an image's header; no pixel is decoded.

    Raises:
        UnsupportedImage: not one of `FORMATS`.
        ImageTooLarge: more than `max_bytes` bytes or `max_pixels` pixels; an animated WebP above MAX_ANIMATION_PIXELS.
        CorruptImage: a broken header.
    """
    image = _open(data, max_bytes, max_pixels)
    width, height = _upright_size(image.size, _orientation_in_header(image))
    return ImageHeader(str(image.format), width, height)


def decode(data: bytes, max_bytes: int, max_pixels: int) -> DecodedImage:
    """Decode an image: any colour mode to 8-bit RGB or grey, transparency filled in, upright, reduced if very large.

    Raises:
        UnsupportedImage: not one of `FORMATS`.
        ImageTooLarge: more than `max_bytes` bytes or `max_pixels` pixels; an animated WebP above MAX_ANIMATION_PIXELS.
        CorruptImage: broken or cut off.
    """
    image = _open(data, max_bytes, max_pixels)
    size = image.size
    try:
        with _budget.taken(_needed_bytes(image, data)):
            pixels = _pixels(image, data)
            orientation = _orientation(image)
            image.close()  # its memory is needed to turn and to reduce the pixels
            pixels = _reduce(_upright(pixels, orientation))
    except InvalidImage:
        raise
    except Exception as error:  # decoders raise whatever they like on broken data
        raise CorruptImage(f"The {image.format} data is damaged or cut off: {error}") from error
    width, height = _upright_size(size, orientation)
    return DecodedImage(pixels, width, height, max(1.0, max(width, height) / max(pixels.shape[:2])))


def _open(data: bytes, max_bytes: int, max_pixels: int) -> Image.Image:
    if len(data) > max_bytes:
        raise ImageTooLarge(f"The image has {len(data):,} bytes; at most {max_bytes:,} are read")
    if not data:
        raise CorruptImage("The image is empty: it has no bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        count = _decoded_pixels(image)
    except UnidentifiedImageError as error:
        if data.startswith(_SIGNATURES) or data[4:12] in _HEIF_BRANDS:
            raise CorruptImage("The image's header is damaged or cut off") from error
        raise UnsupportedImage(f"Not an image that is read; send one of {', '.join(FORMATS)}") from error
    except Exception as error:  # as above
        raise CorruptImage(f"The image's header is damaged: {error}") from error
    if image.width < 1 or image.height < 1:
        raise CorruptImage("The image has no pixels")
    _check_pixels(count, data, max_pixels)
    return image


def _check_pixels(count: int, data: bytes, max_pixels: int) -> None:
    if count > max_pixels:
        raise ImageTooLarge(f"The image has {count:,} pixels; at most {max_pixels:,} are read")
    if count > MAX_ANIMATION_PIXELS and _is_animated_webp(data):
        raise ImageTooLarge(
            f"The animation has {count:,} pixels; at most {MAX_ANIMATION_PIXELS:,} are read. Send a still image"
        )


def _decoded_pixels(image: Image.Image) -> int:
    """Pixels that are decoded at once: a TIFF's tile may be larger than the image."""
    pixels = image.width * image.height
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        tile = int(tags.get(TiffImagePlugin.TILEWIDTH, 0)) * int(tags.get(TiffImagePlugin.TILELENGTH, 0))
        return max(pixels, tile)
    return pixels


def _is_animated_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[12:16] == b"VP8X" and bool(data[20] & _WEBP_ANIMATION)


def _needed_bytes(image: Image.Image, data: bytes) -> int:
    if _is_animated_webp(data):
        return _decoded_pixels(image) * _BYTES_PER_ANIMATION_PIXEL
    return _decoded_pixels(image) * (_BYTES_PER_TIFF_PIXEL if image.format == "TIFF" else _BYTES_PER_PIXEL)


def _orientation_in_header(image: Image.Image) -> int:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return 1  # Pillow's size is upright already
    # a PNG's own getexif decodes the pixels, for it might be told behind them
    return _told(lambda: Image.Image.getexif(image))


def _orientation(image: Image.Image) -> int:
    """How `image`, which is loaded, is still to be turned: Pillow turns a TIFF by itself."""
    return _told(image.getexif)


def _told(exif: Callable[[], Image.Exif]) -> int:
    try:
        return int(exif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data says nothing about the pixels
        return 1


def _upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in (5, 6, 7, 8) else size


def _pixels(image: Image.Image, data: bytes) -> NDArray[np.uint8]:
    if image.format == "WEBP" and not _is_animated_webp(data):
        return _still_webp(data, image.size)
    # MPO: what Pillow calls a JPEG with another picture behind it, as phones add for depth or brightness
    if image.format in ("JPEG", "MPO") and max(image.size) > WORKING_SIDE:
        share = WORKING_SIDE / max(image.size)
        image.draft(None, (max(1, int(image.width * share)), max(1, int(image.height * share))))
    image.load()
    return eight_bit(image)


def _still_webp(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    # not by Pillow, which takes each WebP for an animation and holds its canvas four times
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[1::-1] != size:
        raise CorruptImage("The WEBP data is damaged or cut off")
    if pixels.shape[2] == 3:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), np.uint8)
    return eight_bit(Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA, dst=pixels)))


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
