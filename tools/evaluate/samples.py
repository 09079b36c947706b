"""Labelled images: folders with a labels.json, and archives of single digits."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

LIGHT_ON_DARK = "light on dark"
"""What a sample's kind ends with where the ink is lighter than the paper."""


@dataclass(frozen=True)
class Sample:
    """One labelled image: its file's bytes, and the rows of digits that a person reads on it."""

    name: str
    folder: str
    data: bytes
    rows: tuple[str, ...]
    kind: str
    hard: bool
    unordered: bool


def samples_of(place: Path) -> Iterator[Sample]:
    """The samples in a folder with labels.json, in an .npz archive (x_raw, y, writer), or in all of them below `place`.

    Raises:
        FileNotFoundError: nothing labelled there.
    """
    if place.suffix == ".npz":
        yield from _archived(place)
        return
    found = sorted(place.rglob("labels.json"))
    if not found:
        raise FileNotFoundError(f"no labels.json in {place}")
    for labels in found:
        yield from _folder(labels)


def _folder(labels: Path) -> Iterator[Sample]:
    for name, entry in json.loads(labels.read_text(encoding="utf-8")).items():
        yield _sample(name, labels.parent, entry)


def _sample(name: str, folder: Path, entry: dict[str, Any]) -> Sample:
    rows = (str(entry["label"]),) if "label" in entry else tuple(entry["rows"])
    kind = str(entry.get("kind", "unknown"))
    if entry.get("polarity") == "light_on_dark":
        kind += f", {LIGHT_ON_DARK}"
    data = (folder / name).read_bytes()
    return Sample(name, folder.name, data, rows, kind, bool(entry.get("hard")), bool(entry.get("unordered")))


def _archived(archive: Path) -> Iterator[Sample]:
    with np.load(archive) as content:
        images, labels, writers = content["x_raw"], content["y"], content["writer"]
    for number, (image, label, writer) in enumerate(zip(images, labels, writers, strict=True)):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG", compress_level=0)
        yield Sample(f"{number}", archive.stem, file.getvalue(), (str(label),), str(writer), False, False)
