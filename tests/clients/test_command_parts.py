"""The parts of the command that need no gateway."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from digitscribe_client import (
    Metrics,
    Outcome,
    Recognition,
    RecognitionStatus,
    Training,
    TrainingProgress,
    TrainingRequest,
    TrainingStatus,
    UnusableImage,
)
from digitscribe_client.cli import formats, recognizing, sources, training
from digitscribe_client.cli.sparkline import BLOCKS, sparkline
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def outcome_of(name: str, text: str | None, error: str | None) -> Outcome:
    if error is not None:
        return Outcome(0, name, error=UnusableImage(error))
    status = RecognitionStatus.DONE
    return Outcome(0, name, Recognition(id="0" * 32, status=status, created_at=NOON, text=text, model_version=1))


@given(st.lists(st.tuples(TEXT, TEXT, st.none() | TEXT), max_size=8))
def test_csv_gives_back_whatever_names_texts_and_errors_hold(rows: list[tuple[str, str, str | None]]) -> None:
    outcomes = [outcome_of(*row) for row in rows]
    lines = [formats.csv_line(formats.COLUMNS), *(formats.csv_line(formats.csv_cells(each)) for each in outcomes)]
    found = list(csv.DictReader(io.StringIO("\n".join(lines) + "\n", newline="")))
    assert [(row["file"], row["text"], row["error"]) for row in found] == [
        (name, "" if error is not None else text, error or "") for name, text, error in rows
    ]


@given(TEXT, TEXT, st.none() | TEXT)
def test_a_line_of_json_is_one_line(name: str, text: str, error: str | None) -> None:
    line = formats.json_line(outcome_of(name, text, error))
    assert "\n" not in line
    assert json.loads(line)["file"] == name


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_a_sparkline_has_a_block_for_each_value_and_keeps_their_order(values: list[float]) -> None:
    heights = [BLOCKS.index(block) for block in sparkline(values)]
    assert len(heights) == len(values)
    assert all(
        a <= b for x, a in zip(values, heights, strict=True) for y, b in zip(values, heights, strict=True) if x < y
    )
    if min(values) < max(values):
        assert (min(heights), max(heights)) == (0, len(BLOCKS) - 1)


def test_no_values_are_no_line() -> None:
    assert sparkline([]) == ""


def test_a_folder_gives_its_images_by_name_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", ".hidden.png", "notes.txt", "deep/c.tif", ".git/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(sources.expand([str(tmp_path)], recursive=False)) == [f"{tmp_path}/a.jpeg", f"{tmp_path}/b.PNG"]
    assert list(sources.expand([str(tmp_path)], recursive=True))[-1] == f"{tmp_path}/deep/c.tif"


def test_a_file_is_taken_by_its_name_even_if_it_looks_like_a_pattern(tmp_path: Path) -> None:
    odd = tmp_path / "page[1].data"
    odd.touch()
    assert list(sources.expand([str(odd)], recursive=False)) == [str(odd)]
    with pytest.raises(sources.NoImages, match="no file fits"):
        list(sources.expand([f"{tmp_path}/*.png"], recursive=False))


def test_a_watched_file_is_read_when_it_has_stopped_growing_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, steps = tmp_path / "a.png", []
    writes: list[Callable[[], object]] = [
        lambda: image.write_bytes(b"half"),
        lambda: image.write_bytes(b"half and half"),
        lambda: None,
        lambda: image.write_bytes(b"changed"),
        lambda: None,
    ]

    def sleep(_: float) -> None:
        if not writes:
            raise KeyboardInterrupt
        writes.pop(0)()
        steps.append(image.read_bytes())

    # not the module's own `sleep`: servers of other tests may still be ending in threads, and sleep as well
    monkeypatch.setattr(recognizing, "time", SimpleNamespace(sleep=sleep))
    seen: list[tuple[str, int, bytes]] = []

    def watch() -> None:
        for fresh in recognizing.arrivals(tmp_path, recursive=False):
            seen.extend((path, len(steps), image.read_bytes()) for path in fresh)

    with pytest.raises(KeyboardInterrupt):
        watch()
    assert seen == [(str(image), 3, b"half and half"), (str(image), 5, b"changed")]


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (None, None),
        (TrainingProgress(phase="load", epoch=0, epochs=4, step=0, steps=0), None),
        (TrainingProgress(phase="train", epoch=0, epochs=4, step=5, steps=40), 0.125),
        (TrainingProgress(phase="train", epoch=2, epochs=4, step=25, steps=40, loss=0.1), 0.625),
        (TrainingProgress(phase="train", epoch=4, epochs=4, step=40, steps=40), 1.0),
    ],
)
def test_a_bar_shows_how_much_of_the_training_is_done(progress: TrainingProgress | None, share: float | None) -> None:
    state = Training(
        id="0" * 32, status=TrainingStatus.RUNNING, request=TrainingRequest(), created_at=NOON, progress=progress
    )
    assert training.progress_of(state)[0] == share


def test_a_training_that_is_no_better_ends_the_command_with_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    ended = Training(
        id="0" * 32,
        status=TrainingStatus.REJECTED,
        request=TrainingRequest(),
        created_at=NOON,
        metrics=Metrics(validation_accuracy=0.98),
    )
    assert training._report(ended, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "rejected"
