"""Digits of free handwriting fonts in MNIST's form, for learning how other hands write: `data/hands/hands.npz`.

npm install --prefix FOLDER $(python -m tools.render_digits --packages)
python -m tools.render_digits FOLDER [--output data/hands/hands.npz]

Each digit is there as its font has it, and three times as a pen would write it: thinned to the middle of its strokes
and drawn again, finely, ordinarily and broadly. `data/hands/fonts.csv` names the fonts, their versions and licences.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from digitscribe.model_shape import CLASSES
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tools.evaluate.pages.hand import thinned

SEED = 20_261_129

PENS = ((4, 6), (8, 11), (13, 17))
"""Narrowest and widest stroke of each pen, in pixels, on digits of `HEIGHT`."""

HEIGHT = 80
"""Pixels of a digit's longer side when it is thinned."""

_MARGIN = 30
_INK = 100


@dataclass(frozen=True, slots=True)
class Font:
    """A font's package and its version on npm; `family` is the same for fonts of one hand."""

    package: str
    family: str
    version: str


def main(arguments: list[str]) -> int:
    """Render everything and write the archive, or say which packages are needed."""
    options = _parser().parse_args(arguments)
    fonts = listed(options.fonts)
    if options.packages:
        print(*(f"@fontsource/{font.package}@{font.version}" for font in fonts))
        return 0
    files = {font: _file(options.folder, font) for font in fonts}
    if missing := [font.package for font, file in files.items() if not file.is_file()]:
        print(f"fonts missing below {options.folder}: {', '.join(missing)}", file=sys.stderr)
        return 1
    rng = np.random.default_rng(SEED)
    images = [written(glyph, rng) for file in files.values() for glyph in glyphs(file)]
    each = images[0].shape[0]
    np.savez_compressed(
        options.output,
        images=np.concatenate(images),
        labels=np.tile(np.repeat(np.arange(CLASSES, dtype=np.uint8), each), len(fonts)),
        families=np.repeat([font.family for font in fonts], CLASSES * each),
    )
    print(f"{len(images)} digits of {len(fonts)} fonts, each {each} times: {options.output}")
    return 0


def listed(path: Path) -> list[Font]:
    """The fonts that the table `path` names."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Font(row["package"], row["family"], row["version"]) for row in csv.DictReader(file)]


def glyphs(file: Path) -> list[NDArray[np.uint8]]:
    """The ten digits of a font, uint8 [H, W] each, white on black, the longer side `HEIGHT`, with room around."""
    font = ImageFont.truetype(str(file), HEIGHT)
    return [_glyph(font, str(digit)) for digit in range(CLASSES)]


def written(glyph: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A digit as it is and with each of `PENS`, uint8 [4, 28, 28], normalised."""
    middle = thinned(glyph > _INK).astype(np.uint8) * np.uint8(255)
    return np.stack(
        [normalize(glyph), *(normalize(_drawn(middle, int(rng.integers(*pen, endpoint=True)))) for pen in PENS)]
    )


def _glyph(font: ImageFont.FreeTypeFont, digit: str) -> NDArray[np.uint8]:
    canvas = Image.new("L", (4 * HEIGHT, 4 * HEIGHT))
    ImageDraw.Draw(canvas).text((HEIGHT, HEIGHT), digit, fill=255, font=font)
    tight = canvas.crop(canvas.getbbox())
    scale = HEIGHT / max(tight.size)
    size = (max(1, round(tight.width * scale)), max(1, round(tight.height * scale)))
    return np.pad(np.asarray(tight.resize(size, Image.Resampling.BICUBIC)), _MARGIN)


def _drawn(middle: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Strokes of that width, with the soft edges of a pen."""
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(middle, pen), (0, 0), 1.2), np.uint8)


def _file(folder: Path, font: Font) -> Path:
    package = folder / "node_modules" / "@fontsource" / font.package
    return package / "files" / f"{font.package}-latin-400-normal.woff"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.render_digits", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where npm put the packages")
    parser.add_argument("--packages", action="store_true", help="only print what npm has to install")
    parser.add_argument("--fonts", type=Path, default=Path("data/hands/fonts.csv"), help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=Path("data/hands/hands.npz"), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
