"""Paper with nothing on it stays empty, however it lies there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision import components, sheet
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.stages import Stages
from digitscribe.vision.viewing import views_of
from numpy.typing import NDArray

from tools.evaluate.retakes import RETAKES

TABLES = ("on a table of a middling grey", "on a wooden table", "on light wood")


def _blank(rng: np.random.Generator) -> NDArray[np.uint8]:
    grain = rng.normal(0, 3, (900, 1200, 1))
    return np.clip(np.full((900, 1200, 3), 238.0) + grain, 0, 255).astype(np.uint8)


def _squared(rng: np.random.Generator) -> NDArray[np.uint8]:
    paper = _blank(rng)
    for x in range(10, 1200, 40):
        cv2.line(paper, (x, 0), (x, 900), (175, 175, 205), 2)
    for y in range(10, 900, 40):
        cv2.line(paper, (0, y), (1200, y), (175, 175, 205), 2)
    return paper


def _seen(picture: NDArray[np.uint8]) -> tuple[Stages, ...]:
    return views_of(DecodedImage.from_pixels(np.ascontiguousarray(picture)), Profile())


@pytest.mark.parametrize("table", TABLES)
def test_of_empty_squared_paper_on_a_table_nothing_is_looked_at(table: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        assert not any(view.rows for view in _seen(RETAKES[table](_squared(rng), rng)))


@pytest.mark.parametrize("table", TABLES)
def test_the_outline_of_an_empty_sheet_is_not_looked_at(table: str) -> None:
    rng = np.random.default_rng(2)
    picture = np.ascontiguousarray(RETAKES[table](_blank(rng), rng))
    found = sheet.find(picture)
    assert found is not None
    for view in [view for view in _seen(picture) if not view.is_sheet]:
        cover = found.cover(view.grey.shape)
        touching = [each for each in view.pieces if components.ink_on(cover, each)]
        assert all(max(each.width, each.height) < 0.3 * max(cover.shape) for each in touching)


def test_what_is_written_on_squared_paper_is_seen_on_a_table() -> None:
    rng = np.random.default_rng(1)
    paper = _squared(rng)
    cv2.putText(paper, "27", (500, 500), cv2.FONT_HERSHEY_SIMPLEX, 4, (40, 40, 60), 9, cv2.LINE_AA)
    views = _seen(RETAKES[TABLES[0]](paper, rng))
    assert [len(row) for row in views[0].rows] == [2]


def test_a_number_on_the_table_beside_an_empty_ruled_sheet_is_seen() -> None:
    rng = np.random.default_rng(1)
    table = np.full((900, 1600, 3), 200, np.uint8)
    table[60:700, 80:680] = _squared(rng)[:640, :600]
    cv2.putText(table, "274", (900, 500), cv2.FONT_HERSHEY_SIMPLEX, 5, (30, 30, 40), 12, cv2.LINE_AA)
    assert [len(row) for row in _seen(table)[0].rows] == [3]
