"""What can be handed over as an image."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from digitscribe_client import UnusableImage
from digitscribe_client.images import encode_png, load
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda size: st.sampled_from([size, (*size, 1), (*size, 3), (*size, 4)])
)


@given(hnp.arrays(np.uint8, SHAPES))
def test_an_array_becomes_a_png_with_the_same_pixels(pixels: np.ndarray) -> None:
    with Image.open(io.BytesIO(load(pixels).data)) as decoded:
        assert np.array_equal(np.asarray(decoded), pixels.squeeze(2) if pixels.shape[2:] == (1,) else pixels)


def test_the_memory_order_of_an_array_does_not_matter() -> None:
    bgr = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    for pixels in (bgr[..., ::-1], bgr[::2], np.asfortranarray(bgr), bgr.transpose(1, 0, 2)):
        with Image.open(io.BytesIO(encode_png(memoryview(pixels)))) as decoded:
            assert np.array_equal(np.asarray(decoded), pixels)


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4)), np.zeros((4, 4), np.float32), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8)],
    ids=["float64", "float32", "two channels", "empty"],
)
def test_an_array_of_anything_else_is_refused_with_the_way_out(array: np.ndarray) -> None:
    with pytest.raises(UnusableImage, match=r"astype\('uint8'\)"):
        load(array)


def test_bytes_paths_and_open_files_give_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG...")
    with path.open("rb") as file:
        loaded = [load(image) for image in (path, str(path), file, b"\x89PNG...", memoryview(b"\x89PNG..."))]
    assert {each.data for each in loaded} == {b"\x89PNG..."}
    assert [each.name for each in loaded[:3]] == [str(path)] * 3


def test_a_name_that_is_no_utf8_can_be_printed(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    Path(path).write_bytes(b"\x89PNG...")
    loaded = load(path)
    assert loaded.data == b"\x89PNG..."
    assert loaded.name.encode().endswith("/\ufffd.png".encode())


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableImage, match=r"nowhere\.png cannot be read: No such file"):
        load(tmp_path / "nowhere.png")
    with pytest.raises(UnusableImage, match="is empty"):
        load(b"")
    with pytest.raises(UnusableImage, match="mode 'rb'"):
        load(io.StringIO("text"))  # type: ignore[arg-type]


@pytest.mark.parametrize("image", [None, 7, [1, 2], Image.new("L", (8, 8)), np.array(["2026-11-30"], "datetime64[D]")])
def test_what_is_no_image_at_all_is_told_with_its_type(image: object) -> None:
    with pytest.raises(UnusableImage, match=type(image).__name__):
        load(image)  # type: ignore[arg-type]


def test_a_closed_file_and_a_path_that_cannot_be_one_are_no_images(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("w+b") as closed:
        pass
    for image in (closed, "a\0.png"):
        with pytest.raises(UnusableImage, match="is no image"):
            load(image)
