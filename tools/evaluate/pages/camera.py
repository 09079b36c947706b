"""What light and lens do to a sheet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.evaluate.pages.style import Style

Homography = NDArray[np.float64]


def photographed(
    sheet: NDArray[np.float32], style: Style, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Homography]:
    """A photo (float32 [H, W] or [H, W, 3], 0 to 255) of a sheet (float32 [H, W, C]), and where its points went."""
    picture = 255 - sheet if style.light_on_dark else sheet
    picture, corners = _laid_on_table(picture, style, rng)
    picture = picture * _light(picture.shape[:2], style, rng)[..., np.newaxis]
    if style.glare:
        picture += (250 - picture) * style.glare * _reflection(picture.shape[:2], rng)[..., np.newaxis]
    if style.enlarged != 1:
        how = cv2.INTER_LINEAR if style.enlarged > 1 else cv2.INTER_AREA
        picture = _channels(cv2.resize(picture, None, fx=style.enlarged, fy=style.enlarged, interpolation=how))
        corners = np.diag([style.enlarged, style.enlarged, 1.0]) @ corners
    if style.blur:
        picture = _channels(cv2.GaussianBlur(picture, (0, 0), style.blur))
    picture += style.grain * rng.standard_normal(picture.shape, np.float32)
    pixels = np.clip(picture, 0, 255)
    return (pixels[..., 0] if pixels.shape[2] == 1 else pixels), corners


def moved(box: tuple[int, int, int, int], corners: Homography) -> tuple[int, int, int, int]:
    """Where a box (x, y, width, height) of the sheet is in the photo."""
    x, y, width, height = box
    points = np.array([[x, y], [x + width, y], [x, y + height], [x + width, y + height]], np.float64)
    there = cv2.perspectiveTransform(points[np.newaxis], corners)[0]
    left, top = np.floor(there.min(axis=0) + 1e-6).astype(int)
    right, bottom = np.ceil(there.max(axis=0) - 1e-6).astype(int)
    return int(left), int(top), int(right - left), int(bottom - top)


def _channels(picture: object) -> NDArray[np.float32]:
    values = np.asarray(picture, np.float32)
    return values if values.ndim == 3 else values[..., np.newaxis]


def _laid_on_table(
    picture: NDArray[np.float32], style: Style, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Homography]:
    if style.table is None and not style.perspective and not style.turn:
        return picture, np.eye(3)
    height, width = picture.shape[:2]
    border = round(0.12 * max(height, width)) if style.table is not None else 0
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shifts = style.perspective * max(height, width) * rng.uniform(-1, 1, (4, 2))
    if style.table is None:
        # the sheet goes on beyond the picture
        shifts = np.sign(corners - [width / 2, height / 2]) * np.abs(shifts) * 0.5
    turned = _turned(corners, style.turn)
    size = np.ceil(turned.max(axis=0)).astype(int) + 2 * border
    there = (turned + border + shifts).astype(np.float32)
    course = np.asarray(cv2.getPerspectiveTransform(corners, there), np.float64)
    mode = cv2.BORDER_CONSTANT if style.table is not None else cv2.BORDER_REPLICATE
    laid = _channels(cv2.warpPerspective(picture, course, (int(size[0]), int(size[1])), borderMode=mode))
    if style.table is None:
        return laid, course
    sheet = cv2.warpPerspective(np.ones((height, width), np.float32), course, (int(size[0]), int(size[1])))
    return laid + (1 - np.asarray(sheet, np.float32))[..., np.newaxis] * _table(laid.shape, style, rng), course


def _turned(corners: NDArray[np.float32], degrees: float) -> NDArray[np.float64]:
    """The corners (4 × (x, y)) of a turned sheet, moved so that none is left of 0 or above it."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turned = corners.astype(np.float64) @ np.array([[cosine, sine], [-sine, cosine]])
    return np.asarray(turned - turned.min(axis=0), np.float64)


def _table(shape: tuple[int, ...], style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """A plain table, or the grain of a wooden one: dark veins along it, float32 [H, W, C]."""
    table = np.full(shape, float(style.table or 0), np.float32)
    if style.wood:
        veins = rng.standard_normal((max(2, shape[0] // 6), max(2, shape[1] // 150)), np.float32)
        table *= 1 + 0.2 * np.asarray(cv2.resize(veins, shape[1::-1], interpolation=cv2.INTER_CUBIC))[..., np.newaxis]
    return table


def _reflection(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """A lamp's reflection, float32 [H, W] from 0 to 1."""
    height, width = shape
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    off = np.hypot(xs - width * float(rng.uniform(0.3, 0.7)), ys - height * float(rng.uniform(0.3, 0.7)))
    return np.asarray(np.exp(-((off / (float(rng.uniform(0.1, 0.2)) * max(shape))) ** 2)), np.float32)


def _light(shape: tuple[int, int], style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """How much light falls where, float32 [H, W]; 1 is full light."""
    height, width = shape
    light = np.broadcast_to(np.linspace(1 - style.shadow, 1, width, dtype=np.float32), shape)
    if style.hand:
        light = light * (1 - style.hand * hand(shape, rng))
    if not style.shadow_edge:
        return light
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    angle = float(rng.uniform(-1.2, 1.2))
    off = (xs - width * float(rng.uniform(0.3, 0.7))) * np.cos(angle) + (ys - height / 2) * np.sin(angle)
    soft = float(rng.uniform(0.003, 0.02)) * max(shape)
    return np.asarray(light * (1 - style.shadow_edge / (1 + np.exp(np.clip(-off / soft, -30, 30)))), np.float32)


def hand(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """The shadow of a hand that holds a phone: three round shapes with soft edges, float32 [H, W] from 0 to 1."""
    height, width = shape
    shadow = np.zeros(shape, np.float32)
    for _ in range(3):
        middle = (round(width * float(rng.uniform(0, 1))), round(height * float(rng.uniform(0.3, 1.1))))
        axes = (round(width * float(rng.uniform(0.1, 0.3))), round(width * float(rng.uniform(0.08, 0.2))))
        cv2.ellipse(shadow, middle, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(shadow, (0, 0), float(rng.uniform(0.004, 0.012)) * max(shape)), np.float32)
