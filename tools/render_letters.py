"""Letters and signs of free fonts in MNIST's form, for learning what is not a digit: `data/letters/letters.npz`.

python -m tools.render_letters [FONT_FOLDER] [OUTPUT]

The fonts are Debian's; data/letters/README.md names the packages and their licences.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONTS = (
    "BecauseWeBuild-Regular.otf",
    "BecauseWeConnect-Regular.otf",
    "BecauseWeCreate-Regular.otf",
    "BecauseWeLearn-Regular.otf",
    "BecauseWeMentor-Regular.otf",
    "BecauseWeOrganize-Regular.otf",
    "Breip.ttf",
    "ComicNeue-Regular.otf",
    "DancingScript-Regular.otf",
    "DejaVuSans.ttf",
    "DejaVuSerif-Italic.ttf",
    "Delphine.ttf",
    "Havana-Regular.otf",
    "Humor-Sans.ttf",
    "Jura-Regular.otf",
    "KaushanScript-Regular.otf",
    "KleeOne-Regular.ttf",
    "Kristi.ttf",
    "LeckerliOne-Regular.ttf",
    "Rufscript010.ttf",
    "SteveHand.ttf",
    "YuseiMagic-Regular.ttf",
    "dkg.ttf",
)

CHARACTERS = "ACEFHKLMNPRUVWXYcdefhkmnpuvwx" + "&@#%+*=~€$"
"""What nobody takes for a digit: O, I, l, S, Z, B, b, G, g, q and their like are left out: hands write them alike."""

_SIZE = 96


def main(arguments: list[str]) -> int:
    """Render everything and write the archive."""
    folder = Path(arguments[0] if arguments else "/usr/share/fonts")
    output = Path(arguments[1] if len(arguments) > 1 else "data/letters/letters.npz")
    files = {path.name: path for path in folder.rglob("*.[ot]tf")}
    if missing := [name for name in FONTS if name not in files]:
        print(f"fonts missing below {folder}: {', '.join(missing)}", file=sys.stderr)
        return 1
    drawn = [(name, each) for name in FONTS for each in CHARACTERS]
    images = [rendered(ImageFont.truetype(str(files[name]), _SIZE), each) for name, each in drawn]
    kept = [index for index, image in enumerate(images) if image is not None]
    output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        output,
        images=np.stack([image for image in images if image is not None]),
        fonts=np.array([Path(drawn[index][0]).stem for index in kept]),
        characters=np.array([drawn[index][1] for index in kept]),
    )
    print(f"{len(kept)} of {len(drawn)} characters in {len(FONTS)} fonts: {output}")
    return 0


def rendered(font: ImageFont.FreeTypeFont, character: str) -> NDArray[np.uint8] | None:
    """One character, uint8 [28, 28], white on black, normalised; nothing if the font does not have it."""
    if not has(font, character):
        return None
    canvas = Image.new("L", (4 * _SIZE, 4 * _SIZE))
    ImageDraw.Draw(canvas).text((_SIZE, _SIZE), character, fill=255, font=font)
    image = normalize(np.asarray(canvas))
    return image if image.any() else None


def has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether the font draws `character` in a way of its own."""
    return font.getmask(character).getbbox() is not None and _pixels(font, character) != _pixels(font, "\uffff")


def _pixels(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    return bytes(font.getmask(character))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
