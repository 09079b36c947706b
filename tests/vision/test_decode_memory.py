"""What decoding takes of a recognizer's memory, which Compose limits to 1 GB; measured in a process of its own."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from digitscribe.errors import CorruptImage, ImageTooLarge
from digitscribe.vision.decode import MAX_ANIMATION_PIXELS, decode, inspect
from digitscribe.vision.memory import MemoryBudget
from PIL import Image

SIDE = 7071
"""A square of 50 megapixels: the largest that is let in."""

BUDGET_MB = 700
"""Leaves a gigabyte's rest for the images' bytes and for reading them."""


def peak_mb(*files: Path) -> tuple[int, list[str]]:
    """The peak memory of a process that decodes `files` at once, and what each raised."""
    command = [sys.executable, str(Path(__file__).with_name("peak.py")), *map(str, files)]
    peak, *failures = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(peak), failures


def clear_png(path: Path) -> None:
    Image.new("RGBA", (SIDE, SIDE)).save(path, "PNG")


def plain_png(path: Path) -> None:
    Image.new("RGB", (SIDE, SIDE), "white").save(path, "PNG", compress_level=1)


def still_webp(path: Path) -> None:
    Image.new("RGB", (SIDE, SIDE), "white").save(path, "WEBP", lossless=True, method=0)


def deep_tiff(path: Path) -> None:
    """16 bits a channel, in one strip."""
    options = [cv2.IMWRITE_TIFF_ROWSPERSTRIP, SIDE, cv2.IMWRITE_TIFF_COMPRESSION, 8]
    cv2.imencode(".tif", np.zeros((SIDE, SIDE, 4), np.uint16), options)[1].tofile(path)


def animated_webp(side: int) -> bytes:
    """An animation of one frame of 2 × 2 pixels, on a canvas of `side` × `side`."""
    file = io.BytesIO()
    Image.new("RGBA", (2, 2), "black").save(file, "WEBP", lossless=True)
    canvas = struct.pack("<I", side - 1)[:3] * 2
    frame = bytes(6) + struct.pack("<I", 1)[:3] * 2 + bytes(4) + file.getvalue()[12:]
    chunks = _chunk(b"VP8X", b"\x12\0\0\0" + canvas) + _chunk(b"ANIM", bytes(6)) + _chunk(b"ANMF", frame)
    return _chunk(b"RIFF", b"WEBP" + chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def tiled_tiff(image_side: int, tile_side: int) -> bytes:
    """A TIFF of one grey tile that is larger than the image."""
    tags = [(256, image_side), (257, image_side), (258, 8), (259, 1), (262, 1), (277, 1)]
    tags += [(322, tile_side), (323, tile_side), (324, 8), (325, tile_side**2)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize("write", [clear_png, plain_png, still_webp, deep_tiff])
def test_one_of_the_largest_images_fits_into_a_recognizer(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "image")
    peak, failures = peak_mb(tmp_path / "image")
    assert failures == ["none"]
    assert peak < BUDGET_MB


def test_the_largest_images_are_decoded_one_at_a_time(tmp_path: Path) -> None:
    clear_png(tmp_path / "image")
    peak, failures = peak_mb(*[tmp_path / "image"] * 4)
    assert failures == ["none"] * 4
    assert peak < BUDGET_MB


def test_an_animation_with_a_huge_canvas_is_refused_before_decoding(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(animated_webp(7000))
    assert len(animated_webp(7000)) < 150
    peak, failures = peak_mb(tmp_path / "image")
    assert failures == ["ImageTooLarge"]
    assert peak < BUDGET_MB
    with pytest.raises(ImageTooLarge, match="still image"):
        inspect(animated_webp(7000), 1000, 50_000_000)


def test_an_animation_of_a_usual_size_is_read() -> None:
    side = int(MAX_ANIMATION_PIXELS**0.5) // 8
    assert decode(animated_webp(side), 1000, 50_000_000).width == side


def test_a_tile_counts_like_an_image() -> None:
    with pytest.raises(ImageTooLarge, match="400,000,000"):
        inspect(tiled_tiff(100, 20_000), 1000, 50_000_000)


def test_a_tile_without_a_sensible_size_is_a_damaged_header() -> None:
    data = tiled_tiff(100, 16).replace(struct.pack("<HHII", 322, 4, 1, 16), struct.pack("<HHII", 322, 2, 4, 16))
    with pytest.raises(CorruptImage):
        inspect(data, 1000, 50_000_000)


def test_work_waits_until_what_it_needs_is_free() -> None:
    budget, begun = MemoryBudget(10), threading.Event()

    def work() -> None:
        with budget.taken(5):
            begun.set()

    thread = threading.Thread(target=work)
    with budget.taken(99):  # more than there is: alone
        thread.start()
        assert not begun.wait(0.1)
    thread.join()
    assert begun.is_set()
