"""A digit's picture as a PNG file: a few lines need no image library."""

from __future__ import annotations

import struct
import zlib

SIDE = 28
"""Width and height of a digit's picture in pixels."""


def encode_grey(pixels: bytes) -> bytes:
    """`pixels`, uint8 [28, 28] as bytes, as an 8-bit grey PNG."""
    rows = b"".join(b"\0" + pixels[begin : begin + SIDE] for begin in range(0, SIDE * SIDE, SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
