"""Four sides around an outline."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision import quadrilateral
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

LEANING = np.array([[20, 15], [160, 30], [150, 110], [10, 90]], np.float64)


def outline_of(corners: NDArray[np.float64], rounded: int = 0) -> NDArray[np.int32]:
    """The outline of what is inside of `corners`, its own corners cut off by a circle of that radius."""
    mask = np.zeros((130, 180), np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 1)
    if rounded:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rounded + 1, 2 * rounded + 1))
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc), np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(outlines[0], np.int32)


def far_off(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """The greatest distance from a corner to the nearest wanted one."""
    return float(np.linalg.norm(found[:, np.newaxis] - wanted, axis=2).min(axis=1).max())


@given(st.lists(st.tuples(st.integers(0, 179), st.integers(0, 129)), min_size=1, max_size=20))
def test_it_holds_the_points_inside_whichever_way_its_corners_go(points: list[tuple[int, int]]) -> None:
    outline = LEANING.astype(np.float32)
    expected = [cv2.pointPolygonTest(outline, point, False) > 0 for point in points]
    for corners in (LEANING, LEANING[::-1]):
        assert quadrilateral.holds(corners, np.array(points, np.float64)).tolist() == expected


@pytest.mark.parametrize("rounded", [0, 4, 10])
def test_sides_that_lean_are_found_though_corners_are_round(rounded: int) -> None:
    running, _ = quadrilateral.around(outline_of(LEANING, rounded))
    assert far_off(running, LEANING) < 4
    assert quadrilateral.area(running) == pytest.approx(quadrilateral.area(LEANING), rel=0.05)


def test_a_triangle_has_only_a_rectangle_around_it() -> None:
    ways = quadrilateral.around(outline_of(LEANING[:3]))
    assert len(ways) == 1
    assert quadrilateral.area(ways[0]) > 1.8 * quadrilateral.area(LEANING[:3])


@given(st.lists(st.tuples(st.integers(0, 179), st.integers(0, 129)), min_size=3, max_size=12))
def test_every_way_holds_the_outline(points: list[tuple[int, int]]) -> None:
    outline = np.array(points, np.int32)[:, np.newaxis]
    for way in quadrilateral.around(outline):
        assert way.shape == (4, 2)
        if quadrilateral.area(way) > 50:
            off = [cv2.pointPolygonTest(way.astype(np.float32), (float(x), float(y)), True) for x, y in points]
            assert min(off) > -quadrilateral.ROUNDED - 1.5


def test_directions_lead_out_whichever_way_round_the_corners_are() -> None:
    for corners in (LEANING, LEANING[::-1]):
        for points, outwards in quadrilateral.sides(corners, np.linspace(0, 1, 5)):
            assert np.linalg.norm(outwards) == pytest.approx(1)
            for point in points[1:-1]:
                assert cv2.pointPolygonTest(corners.astype(np.float32), tuple(point + 3 * outwards), False) < 0
                assert cv2.pointPolygonTest(corners.astype(np.float32), tuple(point - 3 * outwards), False) > 0


def test_neighbours_do_not_overlap() -> None:
    assert quadrilateral.overlap(LEANING, LEANING + np.array([60, 20]))
    assert not quadrilateral.overlap(LEANING, LEANING + np.array([170, 0]))
    assert not quadrilateral.overlap(LEANING, LEANING + np.array([140, 0]))  # a corner reaches in by some pixels


def test_lines_meet_in_the_corners_that_they_were_taken_from() -> None:
    ends = np.roll(LEANING, -1, axis=0)
    lines = [np.concatenate([end - start, start]) for start, end in zip(LEANING, ends, strict=True)]
    assert quadrilateral.of_lines(lines, otherwise=np.zeros((4, 2))) == pytest.approx(LEANING)


def test_where_sides_hardly_meet_the_corner_stays() -> None:
    along = [np.array([1.0, 0.0, 0.0, y]) for y in (0.0, 1.0, 2.0, 3.0)]
    assert np.array_equal(quadrilateral.of_lines(along, otherwise=LEANING), LEANING)
