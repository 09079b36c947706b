from __future__ import annotations

import io
from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
from digitscribe.errors import CorruptImage, ImageTooLarge, InvalidImage, UnsupportedImage
from digitscribe.vision.decode import WORKING_SIDE, DecodedImage, decode, inspect
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

BYTES, PIXELS = 20_000_000, 50_000_000
WRITABLE = ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"]
HEIC = Path(__file__).parents[1] / "heic"


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def drawing(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """White, with a black block in the upper left corner."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[: size[1] // 2, : size[0] // 3] = 0
    return Image.fromarray(pixels)


def grey(image: DecodedImage) -> np.ndarray:
    return image.pixels if image.pixels.ndim == 2 else image.pixels.mean(axis=2)


@pytest.mark.parametrize("kind", WRITABLE)
def test_every_format_is_read(kind: str) -> None:
    data = encoded(drawing(), kind)
    header = inspect(data, BYTES, PIXELS)
    image = decode(data, BYTES, PIXELS)
    assert (header.format, header.width, header.height) == (kind, 60, 40)
    assert (image.width, image.height, image.scale) == (60, 40, 1.0)
    assert grey(image)[10, 10] < 20
    assert grey(image)[30, 50] > 235


@pytest.mark.parametrize("name", ["block", "turned"])
def test_the_photos_of_an_iphone_are_read_upright(name: str) -> None:
    data = (HEIC / f"{name}.heic").read_bytes()
    header = inspect(data, BYTES, PIXELS)
    image = decode(data, BYTES, PIXELS)
    assert (header.format, header.width, header.height) == ("HEIF", 60, 40)
    assert (image.width, image.height, image.scale) == (60, 40, 1.0)
    assert grey(image)[10, 10] < 20
    assert grey(image)[30, 50] > 235


@pytest.mark.parametrize("kept", [24, 100, 300, 560])
def test_a_cut_off_photo_of_an_iphone_is_corrupt(kept: int) -> None:
    with pytest.raises(CorruptImage):
        decode((HEIC / "block.heic").read_bytes()[:kept], BYTES, PIXELS)


def test_an_avif_image_is_unsupported() -> None:
    with pytest.raises(UnsupportedImage):
        decode(encoded(drawing(), "AVIF"), BYTES, PIXELS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_every_colour_mode_is_read(mode: str) -> None:
    image = decode(encoded(drawing().convert(mode), "TIFF"), BYTES, PIXELS)
    assert image.pixels.dtype == np.uint8
    assert grey(image)[10, 10] < 20
    assert grey(image)[30, 50] > 235


def test_sixteen_bits_keep_their_shades() -> None:
    shades = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    image = decode(encoded(Image.fromarray(shades)), BYTES, PIXELS)
    assert np.abs(image.pixels - shades / 257.0).max() <= 1


@pytest.mark.parametrize("peak", [3e38, 1e-39])
def test_floats_that_fill_their_range_are_read_as_others_are(peak: float) -> None:
    shades = (np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16) * np.float32(peak)).astype(np.float32)
    seen = grey(decode(encoded(Image.fromarray(shades), "TIFF"), BYTES, PIXELS))
    assert (seen.min(), seen.max()) == (0, 255 if peak > 1 else 0)


def test_the_first_frame_of_a_gif_is_read() -> None:
    frames = [Image.new("L", (20, 20), value) for value in (250, 10)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert grey(decode(data, BYTES, PIXELS)).min() > 230


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)])
def test_what_is_transparent_behind_a_drawing_becomes_paper(ink: int, paper: int) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[10:30, 18:22] = (ink, ink, ink, 255)
    seen = grey(decode(encoded(Image.fromarray(pixels)), BYTES, PIXELS))
    assert (seen[20, 20], seen[2, 2]) == (ink, paper)


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_adobe_deflate"}], ids=["raw", "deflate"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_tiff_is_turned_once(orientation: int, options: dict[str, str]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(drawing(), "TIFF", exif=exif, **options)
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(opened)
    image, header = decode(data, BYTES, PIXELS), inspect(data, BYTES, PIXELS)
    assert np.array_equal(image.pixels, expected)
    assert (image.height, image.width) == (header.height, header.width) == expected.shape[:2]


@pytest.mark.parametrize("kind", WRITABLE)
def test_to_inspect_an_image_decodes_no_pixel(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, loaded = encoded(drawing(), kind), Mock()
    monkeypatch.setattr(ImageFile.ImageFile, "load", loaded)
    inspect(data, BYTES, PIXELS)
    assert loaded.mock_calls == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(drawing(), kind, exif=exif, quality=95)
    with Image.open(io.BytesIO(data)) as opened:
        from PIL import ImageOps

        expected = np.asarray(ImageOps.exif_transpose(opened))
    image = decode(data, BYTES, PIXELS)
    header = inspect(data, BYTES, PIXELS)
    assert np.array_equal(image.pixels, expected)
    assert (image.height, image.width) == (header.height, header.width) == expected.shape[:2]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_images_are_reduced_and_say_by_how_much(kind: str) -> None:
    image = decode(encoded(drawing((4800, 2400)), kind), BYTES, PIXELS)
    assert max(image.pixels.shape[:2]) == WORKING_SIDE
    assert (image.width, image.height, image.scale) == (4800, 2400, 3.0)


def test_a_long_thin_photo_is_read() -> None:
    image = decode(encoded(Image.new("RGB", (40_000, 10), "white"), "JPEG"), BYTES, PIXELS)
    assert (image.width, image.height) == (40_000, 10)


@pytest.mark.parametrize("size", [(60, 40), (1500, 1400), (2500, 900)])
def test_transparency_is_filled_in_alike_however_large_the_image_is(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    alpha = pixels[..., 3:].astype(np.float64) / 255
    mean = (pixels[..., :3] * alpha).sum() / (3 * alpha.sum())
    filled = (pixels[..., :3] * alpha + mean * (1 - alpha)).astype(np.uint8)
    share = min(1, WORKING_SIDE / width)
    expected = cv2.resize(filled, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    seen = decode(encoded(Image.fromarray(pixels)), BYTES, PIXELS).pixels
    assert np.abs(seen.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_still_webp_has_the_pixels_that_pillow_reads(mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (45, 67, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(pixels).convert(mode), "WEBP", quality=80)
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(decode(data, BYTES, PIXELS).pixels, np.asarray(opened.convert("RGB")))


def test_a_png_may_tell_its_orientation_behind_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data, plain = encoded(drawing(), exif=exif), encoded(drawing())
    begin, end = data.index(b"eXIf") - 4, data.index(b"IDAT") - 4
    image = decode(plain[:-12] + data[begin:end] + plain[-12:], BYTES, PIXELS)
    assert (image.width, image.height) == (40, 60)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ImageTooLarge, match="bytes"):
        inspect(encoded(drawing()), 50, PIXELS)


def test_too_many_pixels_are_refused_before_decoding() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    for read in (inspect, decode):
        with pytest.raises(ImageTooLarge, match="pixels"):
            read(bomb, BYTES, PIXELS)


@pytest.mark.parametrize("data", [b"hello", b"%PDF-1.7", b"<svg/>", bytes(1000)])
def test_what_is_no_image_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedImage):
        inspect(data, BYTES, PIXELS)


def test_an_empty_image_is_told_to_be_empty() -> None:
    for read in (inspect, decode):
        with pytest.raises(CorruptImage, match="empty"):
            read(b"", BYTES, PIXELS)


def test_formats_that_are_not_listed_are_unsupported() -> None:
    with pytest.raises(UnsupportedImage):
        decode(encoded(drawing(), "PPM"), BYTES, PIXELS)


@pytest.mark.parametrize("kind", WRITABLE)
def test_a_cut_off_image_is_corrupt(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 80, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(CorruptImage):
        decode(data[: len(data) // 2], BYTES, PIXELS)


@given(data=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_junk_only_ever_raises_invalid_image(data: bytes) -> None:
    with pytest.raises(InvalidImage):
        decode(data, BYTES, PIXELS)


@given(
    kind=st.sampled_from([*WRITABLE, "HEIF"]),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    kept=st.floats(0.01, 1),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_image_is_read_or_invalid(kind: str, damage: list[tuple[float, int]], kept: float) -> None:
    whole = (HEIC / "block.heic").read_bytes() if kind == "HEIF" else encoded(drawing(), kind)
    data = bytearray(whole)
    for place, value in damage:
        data[int(place * (len(data) - 1))] = value
    try:
        image = decode(bytes(data[: max(1, int(kept * len(data)))]), BYTES, 1_000_000)
    except InvalidImage:
        return
    assert image.pixels.dtype == np.uint8
    assert image.pixels.ndim in (2, 3)
