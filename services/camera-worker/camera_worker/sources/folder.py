"""A folder of images (or one image), shown one after the other like sheets under a camera."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from pathlib import Path
from typing import Final, cast

import cv2
from digitscribe.errors import CameraUnavailable

from camera_worker.image import Image, fit
from camera_worker.sources.base import Shot

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
"""Files of a folder that are taken for images."""

FPS: Final = 2.0
"""How often a still image is looked at while it is shown."""

_log = logging.getLogger(__name__)


class FolderSource:
    """The images of a folder in the order of their names; those that cannot be read are passed over.

    Args:
        path: the folder, or an image.
        image_s: how long each is shown.
        max_side: larger ones are scaled down to this, in pixels.
        within: links that lead out of this folder do not count; None: all do.
    """

    live = False

    def __init__(self, path: Path, image_s: float, max_side: int, within: Path | None = None) -> None:
        self.name = str(path)
        self._path, self._within = path, within
        self._repeats = max(1, round(image_s * FPS))
        self._lasts_s = image_s / self._repeats
        self._max_side = max_side

    def shots(self) -> Generator[Shot]:
        """Each image as often as it takes to fill its time; new files are seen at the next round."""
        shown = 0
        for path in images_of(self._path, self._within):
            image = read_image(path)
            if image is None:
                _log.warning("%s is not an image that can be read; it is passed over", path)
                continue
            image = fit(image, self._max_side)
            shown += 1
            for _ in range(self._repeats):
                yield Shot(image, self._lasts_s)
        if not shown:
            raise CameraUnavailable(f"There is no readable image in {self.name}; put PNG or JPEG files there")


def images_of(path: Path, within: Path | None = None) -> list[Path]:
    """The image itself, or the images of a folder: `sheet2` before `sheet10`; links out of `within` left out."""
    files = [path] if path.is_file() else [each for each in path.iterdir() if _is_image(each)]
    return sorted((each for each in files if within is None or is_below(each, within)), key=_natural)


def is_below(path: Path, folder: Path) -> bool:
    """Whether `path` lies below `folder`, links followed."""
    return path.resolve().is_relative_to(folder.resolve())


def read_image(path: Path) -> Image | None:
    """The file as uint8 [H, W, 3] BGR, turned as EXIF says; None if it is no image."""
    try:
        return cast(Image | None, cv2.imread(str(path), cv2.IMREAD_COLOR))
    except cv2.error:  # more pixels than OpenCV lets in
        return None


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]
