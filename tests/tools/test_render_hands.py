"""Digits and letters of fonts in MNIST's form."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest

from tools import render_hands

SANS = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def test_a_digit_is_drawn_again_with_ever_broader_pens() -> None:
    seven = render_hands.glyphs(SANS, "7")["7"]
    as_it_is, *drawn = render_hands.written(seven, np.random.default_rng(1))
    ink = [int(image.sum()) for image in drawn]
    assert as_it_is.shape == (28, 28)
    assert ink == sorted(set(ink))


def test_all_ten_digits_of_a_font_are_as_large() -> None:
    sides = [
        max(np.ptp(np.nonzero(glyph > 20), axis=1)) for glyph in render_hands.glyphs(SANS, render_hands.DIGITS).values()
    ]
    assert len(sides) == 10
    assert np.ptp(sides) <= 3


def test_packages_are_named_with_their_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert render_hands.main(["--packages"]) == 0
    packages = capsys.readouterr().out.split()
    assert len(packages) == 245
    assert all(package.startswith("@fontsource/") and package.count("@") == 2 for package in packages)


def test_missing_fonts_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "hands.npz"
    assert render_hands.main([str(tmp_path), "--output", str(output)]) == 1
    assert "alex-brush" in capsys.readouterr().err
    assert not output.exists()


def test_characters_that_a_font_lacks_are_left_out() -> None:
    assert set(render_hands.glyphs(SANS, "7\U0001d7d9\ue000")) <= {"7", "\U0001d7d9"}
