"""Ink is told from the grain of its own paper."""

from __future__ import annotations

import numpy as np
from digitscribe.vision.binarize import ink_mask


def test_what_is_painted_around_a_small_sheet_does_not_hide_how_grainy_its_paper_is() -> None:
    on_sheet = np.zeros((400, 400), np.uint8)
    on_sheet[100:300, 120:280] = 1
    grain = np.abs(np.random.default_rng(2).normal(0, 12, on_sheet.shape))
    contrast = np.asarray(np.clip(grain, 0, 255), np.uint8) * on_sheet
    contrast[180:220, 190:196] = 150
    ink = ink_mask(contrast, 0.05, 0.5, on_sheet)
    assert ink[185:215, 191:195].all()
    ink[170:230, 180:206] = 0
    assert ink.sum() < 0.001 * on_sheet.sum()
