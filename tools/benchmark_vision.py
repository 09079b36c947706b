"""How long vision takes on one core, decoding and the model apart: a canvas, a webcam's frame, a 12-megapixel photo.

    python -m tools.benchmark_vision [--pages N] [--repeat N]

Times are of the processor, not of the clock: other work on the machine counts only as far as it shares the caches.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported: as the recognizer has it

import cv2
import numpy as np
from digitscribe.model_shape import SIDE
from digitscribe.vision import (
    binarize,
    clutter,
    colour,
    components,
    drawn,
    grouping,
    illumination,
    joining,
    levelling,
    lines,
    parting,
    polarity,
    printed,
    proposing,
    segmentation,
    sheet,
)
from digitscribe.vision.decode import DecodedImage, decode
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from trainer.dataset import Dataset, load_mnist

from tools.evaluate.pages import catalogue
from tools.evaluate.pages.catalogue import encoded
from tools.machine import machine

PITCH = 40
"""Of a page full of digits."""

DATA = Path(__file__).parents[1] / "data"

CONDITIONS = ("none", "ruled", "edge of a shadow", "chalk on a board", "rough paper", "sheet on a table", "touching")

STAGES: tuple[tuple[str, ModuleType, str], ...] = (
    ("sheet", sheet, "find"),
    ("brightness", colour, "brightness_of"),
    ("colour", colour, "telling_colour_of"),
    ("polarity", polarity, "told"),
    ("even light", illumination, "contrast_of"),
    ("ink", binarize, "ink_mask"),
    ("ruled lines", lines, "without_lines"),
    ("print", printed, "without_print"),
    ("pieces of ink", components, "find"),
    ("drawn lines", drawn, "without_lines"),
    ("clutter", clutter, "without_clutter"),
    ("joining", joining, "join_fragments"),
    ("rows", grouping, "rows_of"),
    ("low letters", grouping, "completed"),
    ("tilt", levelling, "tilt_of"),
    ("rows that touch", parting, "parted"),
    ("ways to cut", segmentation, "hypotheses_of"),
    ("28 × 28", proposing, "normalize_all"),
)
"""What each step is called, and the function that takes it."""


@dataclass(frozen=True)
class Kind:
    """What is read: images of `size` (width, height), with each of `conditions` in turn; without, full of digits."""

    name: str
    size: tuple[int, int]
    conditions: tuple[str, ...]
    most: int = 1000
    """Pages that are measured at most."""


IN_COLOUR = ("coloured ink", "boxes in colour", "squares in colour")

KINDS = (
    Kind("640 × 480, a canvas", (640, 480), ("none",)),
    Kind("640 × 480, a webcam's frame", (640, 480), CONDITIONS),
    Kind("640 × 480, in colour", (640, 480), IN_COLOUR),
    Kind("4000 × 3000, a phone's photo", (4000, 3000), CONDITIONS),
    Kind("1600 × 1200, full of digits", (1600, 1200), (), most=3),
)


def main(arguments: list[str] | None = None) -> int:
    """Print the median and the 95th percentile of each kind, and where the time goes."""
    parser = argparse.ArgumentParser(prog="benchmark_vision", description="How long vision takes on one core")
    parser.add_argument("--pages", type=int, default=28, help="generated pages of each kind")
    parser.add_argument("--repeat", type=int, default=5, help="each page's time is the shortest of so many")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    totals = _table("Vision, milliseconds on one core", "median", "95 in 100", "crops")
    steps = _table("Where the time goes, milliseconds in the mean", *(kind.name for kind in KINDS))
    digits = load_mnist(DATA).validation
    means = []
    for kind in KINDS:
        images = [_image(number, kind, digits) for number in range(min(options.pages, kind.most))]
        times, crops = zip(*[_time(image, options.repeat) for image in images], strict=True)
        figures = (f"{np.median(times):.1f}", f"{np.percentile(times, 95):.1f}", f"{np.mean(crops):.0f}")
        totals.add_row(kind.name, *figures)
        means.append(_mean([stage_times(image, options.repeat) for image in images]))
    for name, _, _ in STAGES:
        steps.add_row(name, *(f"{mean[name]:.2f}" for mean in means))
    console = Console()
    console.print(totals, "", steps, sep="\n")
    console.print(f"[dim]Machine: {machine()}.[/]")
    return 0


def stage_times(image: DecodedImage, repeat: int = 1) -> dict[str, float]:
    """Milliseconds that each of `STAGES` takes of reading an image, the shortest of `repeat` times."""
    runs = []
    for _ in range(repeat):
        with _stopwatches() as spent:
            proposing.propose(image)
        runs.append(spent)
    return {name: min(run[name] for run in runs) for name, _, _ in STAGES}


@contextmanager
def _stopwatches() -> Iterator[dict[str, float]]:
    """Within it, what each of `STAGES` takes is added up, in milliseconds."""
    spent: dict[str, float] = defaultdict(float)
    with ExitStack() as stack:
        for name, module, function in STAGES:
            stack.enter_context(patch.object(module, function, _timed(name, getattr(module, function), spent)))
        yield spent


def _timed(name: str, function: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **options: Any) -> Any:
        begin = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[name] += 1000 * (time.thread_time() - begin)

    return timed


def _mean(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([run[name] for run in runs])) for name, _, _ in STAGES}


def _table(title: str, *headings: str) -> Table:
    table = Table("", title=title, title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _image(number: int, kind: Kind, digits: Dataset) -> DecodedImage:
    """A page that fills the image: generated, of about ten digits, decoded as in the recognizer; or full of digits."""
    rng = np.random.default_rng([7, number])
    if not kind.conditions:
        return DecodedImage.from_pixels(_full(kind.size, digits, rng))
    style = catalogue.style_of(kind.conditions[number % len(kind.conditions)], rng)
    page = catalogue.page_of(style, rng, digits.images, digits.labels)
    pixels = cv2.resize(page.pixels, kind.size, interpolation=cv2.INTER_CUBIC)
    colour = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    return decode(encoded(np.asarray(colour, np.uint8), 90), 10**9, 10**9)


def _full(size: tuple[int, int], digits: Dataset, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A page of digits in rows, `PITCH` pixels from one to the next: uint8 [H, W] of that width and height."""
    page = np.full(size[::-1], 255, np.uint8)
    for top in range(PITCH // 4, size[1] - PITCH, PITCH):
        for left in range(PITCH // 4, size[0] - PITCH, PITCH):
            page[top : top + SIDE, left : left + SIDE] -= digits.images[rng.integers(len(digits.images))]
    return page


def _time(image: DecodedImage, repeat: int) -> tuple[float, int]:
    times = []
    for _ in range(repeat):
        begin = time.thread_time()
        proposal = proposing.propose(image)
        times.append(1000 * (time.thread_time() - begin))
    return min(times), len(proposal.asked)


if __name__ == "__main__":
    sys.exit(main())
