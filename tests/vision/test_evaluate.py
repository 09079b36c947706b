from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from digitscribe.vision.profile import Profile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from tools.evaluate import overlay, scoreboard
from tools.evaluate.classifiers import Answer
from tools.evaluate.run import read
from tools.evaluate.samples import samples_of
from tools.evaluate.scoring import Score, edit_distance, kept, multiset_distance, score, total

digits = st.text("0123456789", max_size=12)


@pytest.mark.parametrize(
    ("expected", "got", "distance"),
    [
        ("", "", 0),
        ("12", "", 2),
        ("", "1", 1),
        ("123", "123", 0),
        ("123", "13", 1),
        ("123", "1723", 1),
        ("12", "21", 2),
    ],
)
def test_edit_distance(expected: str, got: str, distance: int) -> None:
    assert edit_distance(expected, got) == distance


@given(digits, digits, digits)
def test_edit_distance_is_a_metric(one: str, two: str, three: str) -> None:
    assert edit_distance(one, two) == edit_distance(two, one)
    assert (edit_distance(one, two) == 0) == (one == two)
    assert edit_distance(one, three) <= edit_distance(one, two) + edit_distance(two, three)


@given(digits, digits)
def test_order_can_only_cost(one: str, two: str) -> None:
    assert multiset_distance(one, two) <= edit_distance(one, two)


@given(digits, digits)
def test_what_is_kept_stands_in_both_in_the_same_order(expected: str, got: str) -> None:
    right = kept(expected, got)
    left = iter(expected)
    assert all(each in left for each, is_right in zip(got, right, strict=True) if is_right)
    assert len(got) - sum(right) <= edit_distance(expected, got)


@pytest.mark.parametrize(
    ("expected", "got", "unordered", "right"),
    [
        ("61631", "61691", False, [True, True, True, False, True]),
        ("2073", "20731", False, [True, True, True, True, False]),
        ("12", "21", True, [True, True]),
        ("12", "11", True, [True, False]),
    ],
)
def test_the_wrong_digits_are_told_apart(expected: str, got: str, unordered: bool, right: list[bool]) -> None:
    assert kept(expected, got, unordered) == right


def test_unordered_digits_may_stand_anywhere() -> None:
    assert score(["05", "14"], ["41", "50"], unordered=True) == Score(4, 0, True)
    assert score(["05", "14"], ["41", "50"]) == Score(4, 4, False)


def test_rows_must_break_at_the_right_place_to_be_exact() -> None:
    assert score(["12", "34"], ["1234"]) == Score(4, 0, False)


def test_digits_right_is_one_less_errors_by_digits() -> None:
    sums = total([Score(8, 1, False), Score(2, 0, True)])
    assert (sums.digits_right, sums.images_exact) == (0.9, 0.5)
    assert total([Score(2, 9, False)]).digits_right == 0.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    (tmp_path / "singles").mkdir()
    for name in ("photos/a.png", "photos/b.png", "singles/c.png"):
        Image.new("L", (64, 48), 230).save(tmp_path / name)
    photos = {
        "a.png": {"rows": ["12", "3"], "kind": "photo", "hard": True, "polarity": "light_on_dark"},
        "b.png": {"rows": ["45"], "kind": "canvas", "unordered": True},
    }
    (tmp_path / "photos" / "labels.json").write_text(json.dumps(photos), encoding="utf-8")
    singles = {"c.png": {"label": 7, "kind": "photo"}}
    (tmp_path / "singles" / "labels.json").write_text(json.dumps(singles), encoding="utf-8")
    return tmp_path


def test_labels_of_every_form_are_read(folder: Path) -> None:
    samples = list(samples_of(folder))
    assert [(each.name, each.rows) for each in samples] == [
        ("a.png", ("12", "3")),
        ("b.png", ("45",)),
        ("c.png", ("7",)),
    ]
    assert (samples[0].hard, samples[0].kind, samples[1].unordered) == (True, "photo, light on dark", True)


def test_archives_of_digits_are_read(tmp_path: Path) -> None:
    archive = tmp_path / "digits.npz"
    np.savez(archive, x_raw=np.full((2, 96, 96), 9, np.uint8), y=np.array([4, 2]), writer=np.array(["w1", "w2"]))
    samples = list(samples_of(archive))
    assert [(each.rows, each.kind) for each in samples] == [(("4",), "w1"), (("2",), "w2")]
    assert np.asarray(Image.open(io.BytesIO(samples[0].data))).shape == (96, 96)


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"labels\.json"):
        list(samples_of(tmp_path))


def _sure_of_nothing(crops: np.ndarray) -> Answer:
    return Answer(np.full((len(crops), 10), 0.1, np.float32))


def test_the_scoreboard_says_what_was_wrong(folder: Path) -> None:
    outcomes = [read(sample, _sure_of_nothing, Profile()) for sample in samples_of(folder)]
    console = Console(file=io.StringIO(), width=120)
    scoreboard.show(outcomes, "a model", console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "0.00 %" in text
    assert "12 3" in text
    assert "nothing" in text


def test_pictures_are_written(folder: Path, tmp_path: Path) -> None:
    outcome = read(next(iter(samples_of(folder))), _sure_of_nothing, Profile())
    overlay.save(outcome, tmp_path / "pictures")
    assert (tmp_path / "pictures" / "photos-a.jpg").exists()
