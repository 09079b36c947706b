"""A picture of pages as they were read: boxes and digits over them, failures too."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from PIL import Image, ImageOps

from tools.accuracy import plots
from tools.evaluate.run import Outcome
from tools.evaluate.scoring import kept

SHOWN = (
    "none",
    "ruled",
    "squared",
    "chalk on a board",
    "faint pencil",
    "thick marker",
    "edge of a shadow",
    "shadow of a hand",
    "glare",
    "wooden table",
    "boxes of a form",
    "cells of a table",
    "highlighter",
    "printed words",
    "points and signs",
    "scribbled out",
    "touching",
    "overlapping",
)
"""Difficulties whose first page is shown, whatever came of it."""

_COLUMNS = 3
_LONG_SIDE = 640


def first_of_each(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The first page of each difficulty that is shown."""
    return [next(each for each in outcomes if each.sample.kind == kind) for kind in SHOWN]


def save(outcomes: Sequence[Outcome], title: str, path: Path) -> None:
    """Draw `outcomes` in rows of three, each with what was written and what was read, as a JPEG."""
    rows = -(-len(outcomes) // _COLUMNS)
    with plt.rc_context(plots.STYLE):
        figure, axes = plt.subplots(rows, _COLUMNS, figsize=(10.5, 0.8 + 2.8 * rows), squeeze=False)
        for place in axes.flat:
            place.axis("off")
            place.set_anchor("NW")
        for place, outcome in zip(axes.flat, outcomes, strict=False):
            _draw(place, outcome)
        figure.suptitle(f"{title}\n", x=0.02, ha="left", fontweight="bold", fontsize=13)
        plots.save(figure, path)


def _draw(place: Any, outcome: Outcome) -> None:
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(outcome.sample.data))).convert("RGB")
    width, height = image.size
    image.thumbnail((_LONG_SIDE, _LONG_SIDE))
    place.imshow(image, extent=(0, width, height, 0))
    right = kept("".join(outcome.sample.rows), "".join(outcome.read), outcome.sample.unordered)
    for digit, is_right in zip(outcome.digits, right, strict=True):
        colour, box = plots.ACCENT if is_right else plots.DOUBT, digit.box
        frame = Rectangle((box.x, box.y), box.width, box.height, fill=False, edgecolor=colour, linewidth=1.2)
        label = place.text(box.x, box.y, str(digit.digit), color=colour, fontsize=9, fontweight="bold", va="bottom")
        for drawn, halo in ((place.add_patch(frame), 1.7), (label, 2.5)):
            drawn.set_path_effects([patheffects.withStroke(linewidth=halo, foreground=plots.PAPER)])
    verdict = _verdict(outcome)
    above = 6 + 10 * len(verdict.splitlines())
    place.set_title(outcome.sample.kind, fontsize=10, color=plots.INK, pad=above)
    colour = plots.SOFT if outcome.score.exact else plots.DOUBT
    beside = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    place.annotate(verdict, (0, 1), xytext=(0, above - 2), fontsize=8, color=colour, **beside)


def _verdict(outcome: Outcome) -> str:
    if outcome.score.exact:
        return "all right"
    return f"written {' / '.join(outcome.sample.rows)}\nread {' / '.join(outcome.read)}"
