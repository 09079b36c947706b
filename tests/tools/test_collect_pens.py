"""The writers' pens, from the file that they are published in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools import collect_pens
from tools.evaluate.classifiers import Answer

TEXT = "@relation penbased\n@data\n" + "\n".join(
    f"0, 60, 30, 80, 60, 100, 60, 80, 60, 60, 60, 40, 60, 20, 60, 0, {label}" for label in (1, 7, 3)
)


def test_headers_are_left_out_and_points_and_labels_told_apart() -> None:
    points, labels = collect_pens.parsed(TEXT)
    assert points[0].tolist() == [[0, 60], [30, 80], [60, 100], [60, 80], [60, 60], [60, 40], [60, 20], [60, 0]]
    assert (points.dtype, labels.tolist()) == (np.uint8, [1, 7, 3])


def test_unclear_digits_are_left_out_but_for_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sevens(crops: np.ndarray) -> Answer:
        return Answer(np.eye(10, dtype=np.float32)[[7] * len(crops)])

    monkeypatch.setattr(collect_pens, "saved", lambda _: sevens)
    source, output = tmp_path / "penbased.dat", tmp_path / "pens.npz"
    source.write_text(TEXT)
    assert collect_pens.main([str(source), "--output", str(output)]) == 0
    with np.load(output) as kept:
        assert kept["labels"].tolist() == [1, 7]
