"""Generated pages: digits written onto paper with everything that pens, rooms and cameras add; labels are exact.

    style → hand (strokes) → layout (where they stand) → paper → extras (what is no digit) → camera

`write(rows, style, rng)` makes one page; `catalogue.samples(n)` makes the benchmark.
"""

from tools.evaluate.pages.style import Page, Style
from tools.evaluate.pages.writing import Digits, write

__all__ = ["Digits", "Page", "Style", "write"]
