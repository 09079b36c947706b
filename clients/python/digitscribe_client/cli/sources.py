"""What stands on the command line → images: files, folders, patterns, and the standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif"})
"""What counts as an image in a folder; a file that is named itself is read whatever its name."""

STDIN = "-"


class NoImages(Exception):
    """A folder or a pattern without any image."""


Source = str | IO[bytes]
"""A path, or the standard input."""


def expand(words: Iterable[str], recursive: bool) -> Iterator[Source]:
    """The images that `words` mean, in their order, each folder's by name.

    Raises:
        NoImages: a folder has none, or a pattern fits none.
    """
    for word in words:
        if word == STDIN:
            yield sys.stdin.buffer
        elif Path(word).is_dir():
            yield from _some(images_in(Path(word), recursive), f"no images in {word}; --recursive looks deeper")
        elif glob.has_magic(word) and not Path(word).exists():
            yield from _some(matching(word), f"no file fits {word}")
        else:
            yield word


def images_in(folder: Path, recursive: bool) -> list[str]:
    """The images in `folder`, by name; hidden ones are left out."""
    found = folder.rglob("*") if recursive else folder.iterdir()
    return sorted(str(path) for path in found if _is_image(path.relative_to(folder), path))


def matching(pattern: str) -> list[str]:
    """The files that fit `pattern`, by name."""
    return sorted(path for path in glob.iglob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207 - absolute ones too


def _is_image(inside: Path, path: Path) -> bool:
    hidden = any(part.startswith(".") for part in inside.parts)
    return not hidden and path.suffix.lower() in SUFFIXES and path.is_file()


def _some(found: list[str], otherwise: str) -> list[str]:
    if not found:
        raise NoImages(otherwise)
    return found
