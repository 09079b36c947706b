"""Photos that are read as if they had been taken again."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tools.evaluate.pages.catalogue import encoded
from tools.evaluate.retakes import NAMES, ON_PAPER, RETAKES, TWO_ON_TABLES, retakes_of
from tools.evaluate.samples import Sample


@pytest.fixture
def sample_of(page_of: Callable) -> Callable[..., Sample]:
    """A page as a labelled photo."""

    def make(kind: str = "phone") -> Sample:
        page = page_of(["2047", "31"])
        return Sample("a", "photos", encoded(page.pixels, 95), page.rows, kind, False, False)

    return make


def pixels_of(sample: Sample) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(sample.data)))


def test_each_retake_is_another_picture_of_the_same_digits(sample_of: Callable) -> None:
    sample = sample_of()
    retaken = list(retakes_of([sample]))
    assert [each.kind for each in retaken] == list(RETAKES)
    assert {each.rows for each in retaken} == {sample.rows}
    assert len({each.data for each in retaken}) == len(RETAKES)


def test_retakes_are_the_same_each_time(sample_of: Callable) -> None:
    first, second = ([each.data for each in retakes_of([sample_of()])] for _ in range(2))
    assert first == second


def test_boards_and_screens_do_not_lie_on_tables(sample_of: Callable) -> None:
    kinds = [each.kind for each in retakes_of([sample_of("screen, light on dark")])]
    assert kinds == [name for name in RETAKES if name not in ON_PAPER]


def test_two_photos_on_one_table_are_read_from_the_upper_one_on(sample_of: Callable, page_of: Callable) -> None:
    one, page = sample_of(), page_of(["58"])
    other = dataclasses.replace(one, data=encoded(page.pixels, 95), rows=page.rows)
    *_, last = retakes_of([one, other])
    assert (last.kind, last.rows) == (NAMES[-1], (*one.rows, *page.rows))
    height, width = pixels_of(last).shape[:2]
    assert height > width


def test_a_board_lies_on_no_table_with_another(sample_of: Callable) -> None:
    kinds = {each.kind for each in retakes_of([sample_of(), sample_of("screen, light on dark")])}
    assert not kinds & set(TWO_ON_TABLES)


def test_a_table_shows_on_every_side(sample_of: Callable) -> None:
    sample = sample_of()
    paper = int(np.median(pixels_of(sample)))
    dark = next(each for each in retakes_of([sample]) if each.kind == "on a dark table")
    picture = pixels_of(dark)
    for strip in (picture[:5], picture[-5:], picture[:, :5], picture[:, -5:]):
        assert strip.max() < paper - 80
    assert np.median(picture[picture.shape[0] // 2, picture.shape[1] // 3 : -picture.shape[1] // 3]) > paper - 30
