"""Whatever holds an image → the bytes of an image file.

An array needs no library here: everything that speaks Python's buffer protocol has a shape and a format.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

from .errors import UnusableImage

COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
"""Channels of an array → PNG's colour type: grey, RGB, RGBA."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@runtime_checkable
class Array(Protocol):
    """An array of pixels, such as numpy's: uint8, [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA.

    OpenCV's arrays are BGR: hand over `picture[..., ::-1]`.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Its extent."""

    @property
    def dtype(self) -> Any:
        """Its element type."""


Image = bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes] | Array
"""What can be read: the bytes of an image file, a path, an open binary file, or an array of pixels."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An image file on its way: the name is for messages, the bytes decide what it is."""

    name: str
    data: bytes


def name_of(image: Image) -> str:
    """What `image` is called in messages: its path, or what it is."""
    if isinstance(image, str | os.PathLike):
        return os.fsencode(image).decode("utf-8", "replace")  # a name that is no UTF-8 must be printable too
    name = getattr(image, "name", None)
    return name if isinstance(name, str) else "image"


def load(image: Image) -> Upload:
    """The bytes of `image`.

    Raises:
        UnusableImage: it is none of `Image`, the file cannot be read or is empty, or the array is none of pixels.
    """
    name = name_of(image)
    try:
        data = _bytes_of(image, name)
    except (AttributeError, TypeError, ValueError, OSError) as error:  # a closed file, None, a PIL image, a list
        raise UnusableImage(
            f"{name} ({type(image).__name__}) is no image: {error}; hand over a path, bytes, a file or an array"
        ) from error
    if not data:
        raise UnusableImage(f"{name} is empty")
    return Upload(name, data)


def _bytes_of(image: Image, name: str) -> bytes:
    if isinstance(image, str | os.PathLike):
        return _read(Path(image), name)
    if isinstance(image, bytes | bytearray):
        return bytes(image)
    if isinstance(image, Array):
        return encode_png(memoryview(image))  # type: ignore[arg-type]  # numpy's arrays are buffers
    if isinstance(image, memoryview):
        return image.tobytes()
    data = image.read()
    if not isinstance(data, bytes):
        raise UnusableImage(f"{name} was opened as text; open it with mode 'rb'")
    return data


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableImage(f"{name} cannot be read: {error.strerror or error}") from error


def encode_png(pixels: memoryview) -> bytes:
    """An array as a PNG.

    Args:
        pixels: uint8 [H, W] grey, [H, W, 1] grey, [H, W, 3] RGB or [H, W, 4] RGBA, in any memory order.

    Raises:
        UnusableImage: it is something else, or empty.
    """
    shape = tuple(pixels.shape or ())
    channels = shape[2] if len(shape) == 3 else 1
    if pixels.format != "B" or len(shape) not in (2, 3) or channels not in COLOUR_TYPES or 0 in shape:
        raise UnusableImage(
            f"an array of shape {list(shape)} and format {pixels.format!r} is no picture; "
            "give uint8 [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA (floats in [0, 1]: `(255 * a).astype('uint8')`)"
        )
    height, width = shape[:2]
    raw, stride = pixels.tobytes(), width * channels
    # each line of a PNG begins with the number of its filter: 0, none
    lines = b"".join(b"\0" + raw[start : start + stride] for start in range(0, len(raw), stride))
    header = struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 3)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
