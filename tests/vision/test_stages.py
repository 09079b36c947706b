from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.normalize import deslanted, normalize
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import proposal_of, propose
from digitscribe.vision.viewing import views_of


def test_every_step_leaves_its_picture(page_of: Callable) -> None:
    page = page_of(["2047", "31"], ruled=True)
    stages = views_of(DecodedImage.from_pixels(page.pixels), Profile())[0]
    size = stages.grey.shape
    assert [picture.shape for picture in (stages.contrast, stages.ink, stages.unruled)] == [size] * 3
    assert not stages.light_on_dark
    assert stages.unruled.sum() < stages.ink.sum()
    assert [len(row) for row in stages.rows] == [4, 2]


def test_proposals_come_from_the_stages_that_are_shown(page_of: Callable) -> None:
    image = DecodedImage.from_pixels(page_of(["58"]).pixels)
    shown = proposal_of(views_of(image, Profile()), image, Profile())
    direct = propose(image, Profile())
    assert (shown.crops == direct.crops).all()
    assert shown.hypotheses == direct.hypotheses


def test_lines_stay_where_they_are_not_to_be_removed(page_of: Callable) -> None:
    image = DecodedImage.from_pixels(page_of(["20"], ruled=True).pixels)
    stages = views_of(image, Profile(remove_lines=False))[0]
    assert (stages.unruled == stages.ink).all()


def test_small_writing_can_be_left_out(page_of: Callable) -> None:
    image = DecodedImage.from_pixels(page_of(["20"], height=40).pixels)
    share = 40 / max(image.pixels.shape)
    assert views_of(image, Profile(min_size=0.8 * share))[0].rows
    assert not views_of(image, Profile(min_size=1.2 * share))[0].rows


def _slanted() -> np.ndarray:
    ys, xs = np.mgrid[:80, :60]
    return np.asarray(np.abs(xs - 50 + 0.5 * ys) < 4, np.float32)


def test_slant_is_corrected_where_that_is_asked_for() -> None:
    def slant(ink: np.ndarray) -> float:
        ys, xs = np.nonzero(ink > ink.max() / 2)
        return float(np.cov(ys, xs)[0, 1] / np.var(ys))

    assert slant(_slanted()) == pytest.approx(-0.5, abs=0.05)
    assert slant(deslanted(_slanted())) == pytest.approx(0.0, abs=0.05)
    assert abs(slant(normalize(_slanted(), upright=True))) < 0.05 < abs(slant(normalize(_slanted())))


def test_thin_strokes_are_thickened_as_far_as_asked() -> None:
    thin = np.zeros((200, 120), np.float32)
    thin[:, 60] = thin[100] = 1.0
    ink = [int(normalize(thin, wanted).sum(dtype=int)) for wanted in (0.0, 2.0, 4.0)]
    assert ink[0] < ink[1] < ink[2]


def test_views_of_the_same_ink_are_measured_by_one_number_of_pieces(page_of: Callable) -> None:
    page = page_of(["48196", "25360"], 2, wander=0.0)
    image = DecodedImage.from_pixels(page.pixels)
    (view,) = views_of(image, Profile())
    fewer = replace(view, rows=view.rows[:1])
    other = replace(fewer, ink=view.ink.copy())
    counted = proposal_of((fewer, view, other), image, Profile())
    assert counted.pieces == counted.rivals[0].pieces > counted.rivals[1].pieces > 0
