"""Digits and letters of free handwriting fonts in MNIST's form, to learn how other hands write: `data/hands/hands.npz`.

npm install --prefix FOLDER $(python -m tools.render_hands --packages)
python -m tools.render_hands FOLDER [--output data/hands/hands.npz]

Each digit is there as its font has it, and three times as a pen would write it: thinned to the middle of its strokes
and drawn again, finely, ordinarily and broadly; each letter once, in one of these ways. Of the letters that some hands
write like digits those are left out which an earlier network is sure of: nobody could tell a barred 7 from such an F.
`data/hands/fonts.csv` names the fonts, their versions and licences.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from trainer.dataset import NOT_A_DIGIT

from tools.evaluate.classifiers import Classifier, in_parts, saved
from tools.evaluate.pages.hand import thinned
from tools.page_crops import are_clear
from tools.render_letters import CHARACTERS, has

SEED = 20_261_129

PENS = ((4, 6), (8, 11), (13, 17))
"""Narrowest and widest stroke of each pen, in pixels, on digits of `HEIGHT`."""

HEIGHT = 80
"""Pixels of a digit's longer side when it is thinned."""

DIGITS = "0123456789"

AMBIGUOUS = "ACFLUVYcdefhkuv&"
"""Characters that can be meant as digits: an A like a round 0, an F like a barred 7, a Y like an open 4."""

_MARGIN = 30
_INK = 100


@dataclass(frozen=True, slots=True)
class Font:
    """A font's package and its version on npm; `family` is the same for fonts of one hand."""

    package: str
    family: str
    version: str


class Hands(NamedTuple):
    """Characters: `images` uint8 [N, 28, 28], `labels` uint8 [N], `families` str [N], `doubtful` bool [N]."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    families: NDArray[np.str_]
    doubtful: NDArray[np.bool_]


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
    hands = [_hand(font, file) for font, file in files.items()]
    kept = _without_doubtful(Hands(*map(np.concatenate, zip(*hands, strict=True))), saved(options.model))
    np.savez_compressed(options.output, images=kept.images, labels=kept.labels, families=kept.families)
    digits = int((kept.labels != NOT_A_DIGIT).sum())
    print(f"{digits} digits and {len(kept.labels) - digits} letters of {len(fonts)} fonts: {options.output}")
    return 0


def listed(path: Path) -> list[Font]:
    """The fonts that the table `path` names."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Font(row["package"], row["family"], row["version"]) for row in csv.DictReader(file)]


def glyphs(file: Path, characters: str) -> dict[str, NDArray[np.uint8]]:
    """Characters of a font, uint8 [H, W] each, white on black, the longer side `HEIGHT`, with room around.

    Those that the font does not have are not among them.
    """
    font = ImageFont.truetype(str(file), HEIGHT)
    return {each: _glyph(font, each) for each in characters if has(font, each)}


def written(glyph: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A character as it is and with each of `PENS`, uint8 [4, 28, 28], normalised."""
    middle = thinned(glyph > _INK).astype(np.uint8) * np.uint8(255)
    return np.stack(
        [normalize(glyph), *(normalize(_drawn(middle, int(rng.integers(*pen, endpoint=True)))) for pen in PENS)]
    )


def _hand(font: Font, file: Path) -> Hands:
    """The digits of a font in all ways, and its letters in one of them."""
    rng = np.random.default_rng([SEED, *font.package.encode()])
    digits = [written(glyph, rng) for glyph in glyphs(file, DIGITS).values()]
    letters = {
        each: written(glyph, rng)[rng.integers(0, 1 + len(PENS))] for each, glyph in glyphs(file, CHARACTERS).items()
    }
    images = np.concatenate([*digits, np.stack(list(letters.values()))])
    labels = [*np.repeat(np.arange(len(DIGITS)), 1 + len(PENS)), *[NOT_A_DIGIT] * len(letters)]
    doubtful = [*[False] * (len(images) - len(letters)), *(each in AMBIGUOUS for each in letters)]
    return Hands(images, np.array(labels, np.uint8), np.array([font.family] * len(images)), np.array(doubtful))


def _without_doubtful(hands: Hands, classify: Classifier) -> Hands:
    """Without the letters of `AMBIGUOUS` that `classify` takes for digits."""
    clear = are_clear(in_parts(classify, hands.images), hands.labels) | ~hands.doubtful
    return Hands(hands.images[clear], hands.labels[clear], hands.families[clear], hands.doubtful[clear])


def _glyph(font: ImageFont.FreeTypeFont, character: str) -> NDArray[np.uint8]:
    canvas = Image.new("L", (4 * HEIGHT, 4 * HEIGHT))
    ImageDraw.Draw(canvas).text((HEIGHT, HEIGHT), character, fill=255, font=font)
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
    parser = argparse.ArgumentParser(prog="python -m tools.render_hands", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where npm put the packages")
    parser.add_argument("--packages", action="store_true", help="only print what npm has to install")
    parser.add_argument("--fonts", type=Path, default=Path("data/hands/fonts.csv"), help="default: %(default)s")
    parser.add_argument("--model", type=Path, default=Path("data/models/digits"), help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=Path("data/hands/hands.npz"), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
