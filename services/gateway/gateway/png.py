"""Small grey pictures as PNG files: a few lines need no image library."""

from __future__ import annotations

import struct
import zlib

from digitscribe.model_shape import SIDE


def encode_grey(pixels: bytes, width: int = SIDE, height: int = SIDE) -> bytes:
    """`pixels`, uint8 [height, width] as bytes, as an 8-bit grey PNG."""
    rows = b"".join(b"\0" + pixels[begin : begin + width] for begin in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
