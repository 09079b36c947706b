"""Pictures of readings: boxes and digits over the image, green where all of it is right."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from tools.evaluate.run import Outcome

LONG_SIDE = 1200
GOOD, BAD = (16, 150, 90), (214, 40, 57)


def save(outcome: Outcome, folder: Path) -> None:
    """Write one annotated picture into `folder`."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(outcome.sample.data))).convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    picture = Image.alpha_composite(paper, image).convert("RGB")
    share = LONG_SIDE / max(picture.size)
    picture = picture.resize((max(1, round(picture.width * share)), max(1, round(picture.height * share))))
    draw = ImageDraw.Draw(picture)
    colour = GOOD if outcome.score.exact else BAD
    for digit in outcome.digits:
        box = digit.box
        corners = [value * share for value in (box.x, box.y, box.x + box.width, box.y + box.height)]
        draw.rectangle(corners, outline=colour, width=2)
        label = f"{digit.digit} {100 * digit.confidence:.0f}% r{digit.row}"
        draw.text((corners[0], max(0, corners[1] - 20)), label, fill=colour, font_size=18)
    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / f"{outcome.sample.folder}-{Path(outcome.sample.name).stem}.jpg", quality=85)
