from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from trainer.dataset import load_mnist

from tools.evaluate.__main__ import DATA, main
from tools.evaluate.pages import Style, write
from tools.evaluate.pages.catalogue import DIFFICULTIES, MIXED, page_of, samples, style_of
from tools.evaluate.pages.hand import strokes, thinned


def _digits(count: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Bars and rings: digits enough for a page's layout."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    images[::2, 4:24, 8:20] = 255
    images[::2, 7:21, 11:17] = 0
    labels = np.array([0 if i % 2 == 0 else 1 for i in range(count)], np.uint8)
    return images, labels


def test_the_same_number_gives_the_same_pages() -> None:
    names = [*DIFFICULTIES, MIXED]
    one, other = (list(samples(len(names), *_digits())) for _ in range(2))
    assert [sample.kind for sample in one] == names
    assert [sample.data for sample in one] == [sample.data for sample in other]
    assert all(sample.rows for sample in one)


@pytest.mark.parametrize("name", DIFFICULTIES)
def test_every_difficulty_shows_in_the_pixels(name: str) -> None:
    """But for the one that is none, and for what differs in the layout alone."""
    ordinary, hard = (style_of(each, np.random.default_rng(3)) for each in ("none", name))
    assert (ordinary == hard) is (name == "none")
    page = page_of(hard, np.random.default_rng(3), *_digits())
    assert page.pixels.dtype == np.uint8
    assert page.pixels.std() > 2
    assert len(page.boxes) == sum(map(len, page.rows))


def test_boxes_follow_the_perspective() -> None:
    images, labels = _digits(2)
    row = [(int(label), image) for label, image in zip(labels, images, strict=True)]
    style = Style(perspective=0.1, table=200, grain=0, ink=0)
    page = write([row], style, np.random.default_rng(5))
    for x, y, width, height in page.boxes:
        window = page.pixels[y : y + height, x : x + width]
        assert window.min() < 60
        assert page.pixels[y - 12 : y - 4, x : x + width].min() > 150


def test_touching_digits_touch() -> None:
    images, labels = _digits(2)
    row = [(int(label), image) for label, image in zip(labels, images, strict=True)]
    one, other = write([row], Style(touch=0.0), np.random.default_rng(0)).boxes
    assert one[0] + one[2] == other[0]


def test_strokes_are_thinned_to_one_pixel() -> None:
    bar = np.zeros((40, 40), bool)
    bar[5:35, 15:24] = True
    middle = thinned(bar)
    assert middle.any(axis=1).sum() >= 20
    assert middle[10:30].sum(axis=1).max() == 1


def test_strokes_keep_to_the_digits_height() -> None:
    lines = strokes(_digits(1)[0][0].tobytes())
    assert lines[..., 1].min() == 0
    assert lines[..., 1].max() == pytest.approx(1)


def test_pages_are_written_with_validation_digits_only(monkeypatch: pytest.MonkeyPatch) -> None:
    validation = load_mnist(DATA).validation
    known = {image.tobytes() for image in validation.images}
    seen: list[bytes] = []

    def spy(digit: bytes) -> np.ndarray:
        seen.append(digit)
        return strokes(digit)

    monkeypatch.setattr("tools.evaluate.pages.hand.strokes", spy)
    list(samples(4, validation.images, validation.labels))
    assert seen
    assert set(seen) <= known


def test_evaluate_asks_for_something_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--generated" in capsys.readouterr().err


def test_pages_for_tests_come_from_the_same_generator(page_of: Callable) -> None:
    page = page_of(["20"], ruled=True)
    assert page.rows == ("20",)
    assert page.pixels.ndim == 2
