"""How long vision takes on one core, decoding and the model apart: a webcam's frame and a 12-megapixel photo.

    python -m tools.benchmark_vision [--pages N] [--repeat N]

Times are of the processor, not of the clock: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from digitscribe.vision.decode import DecodedImage, decode
from digitscribe.vision.reader import propose
from rich.console import Console
from rich.table import Table
from trainer.dataset import Dataset, load_mnist

from tools.evaluate.pages import catalogue
from tools.evaluate.pages.catalogue import encoded
from tools.machine import machine

DATA = Path(__file__).parents[1] / "data"

SIZES = (("640 × 480, a canvas or a webcam's frame", (640, 480)), ("4000 × 3000, a phone's photo", (4000, 3000)))

CONDITIONS = ("none", "ruled", "edge of a shadow", "chalk on a board", "rough paper", "sheet on a table", "touching")


def main(arguments: list[str] | None = None) -> int:
    """Print the median and the 95th percentile for both sizes."""
    parser = argparse.ArgumentParser(prog="benchmark_vision", description="How long vision takes on one core")
    parser.add_argument("--pages", type=int, default=28, help="generated pages of each size")
    parser.add_argument("--repeat", type=int, default=3, help="each page's time is the shortest of so many")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    table = Table(title="Vision, milliseconds on one core", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "median", "95 in 100", "crops"):
        table.add_column(heading, justify="right" if heading else "left")
    digits = load_mnist(DATA).validation
    for name, size in SIZES:
        images = [_image(number, size, digits) for number in range(options.pages)]
        times, crops = zip(*[_time(image, options.repeat) for image in images], strict=True)
        figures = (f"{np.median(times):.1f}", f"{np.percentile(times, 95):.1f}", f"{np.mean(crops):.0f}")
        table.add_row(name, *figures)
    console = Console()
    console.print(table)
    console.print(f"[dim]Machine: {machine()}.[/]")
    return 0


def _image(number: int, size: tuple[int, int], digits: Dataset) -> DecodedImage:
    """A generated page of about six digits that fills `size`, decoded as the recognizer does it."""
    rng = np.random.default_rng([7, number])
    style = catalogue.style_of(CONDITIONS[number % len(CONDITIONS)], rng)
    page = catalogue.page_of(style, rng, digits.images, digits.labels)
    pixels = cv2.resize(page.pixels, size, interpolation=cv2.INTER_CUBIC)
    colour = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    return decode(encoded(np.asarray(colour, np.uint8), 90), 10**9, 10**9)


def _time(image: DecodedImage, repeat: int) -> tuple[float, int]:
    times = []
    for _ in range(repeat):
        begin = time.thread_time()
        proposal = propose(image)
        times.append(1000 * (time.thread_time() - begin))
    return min(times), len(proposal.crops)


if __name__ == "__main__":
    sys.exit(main())
