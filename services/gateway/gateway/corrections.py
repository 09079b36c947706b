"""Corrections on their volume: one JSON line each, and the digit's picture beside it. Durable before it is answered.

A digit that was read together with its neighbour has no picture of its own: nothing is learnt from its correction.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from digitscribe.contracts import Correction, CorrectionRequest, Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.errors import Conflict, NotFound
from digitscribe.model_shape import SIDE

from gateway.errors import VolumeUnavailable
from gateway.png import encode_grey

_RETRY_AFTER_S = 30


def to_correction(request: CorrectionRequest, recognition: Recognition | None) -> Correction:
    """`request`, completed from the recognition that it is about.

    Raises:
        NotFound: there is no such recognition (any more), or it has no such digit.
        Conflict: it is not done.
    """
    if recognition is None:
        raise NotFound(f"there is no recognition {request.recognition_id}, or it has expired")
    if recognition.status is not RecognitionStatus.DONE:
        raise Conflict(f"recognition {recognition.id} is {recognition.status}; only a finished one can be corrected")
    if request.digit_index >= len(recognition.digits):
        raise NotFound(f"recognition {recognition.id} has {len(recognition.digits)} digits, counted from 0")
    return Correction(
        **request.model_dump(),
        created_at=now(),
        read_as=recognition.digits[request.digit_index].digit,
        model_version=recognition.model_version or 0,
    )


def cut_crop(crops: bytes | None, index: int) -> bytes:
    """The picture of digit `index`, 28×28 grey, out of uint8 [N, 28, 28] as bytes; NotFound if it is not in there."""
    size = SIDE * SIDE
    crop = (crops or b"")[index * size : (index + 1) * size]
    if len(crop) != size:
        raise NotFound(f"there is no picture of digit {index}, or it has expired")
    return crop


def shows_two(recognition: Recognition | None, index: int) -> bool:
    """Whether the picture of digit `index` shows its neighbour, too."""
    return recognition is not None and recognition.digits[index].neighbour is not None


class CorrectionBook:
    """`corrections.jsonl` and `crops/<recognition_id>_<digit_index>.png` in a folder; safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self._lines, self._crops = folder / "corrections.jsonl", folder / "crops"

    def add(self, correction: Correction, crop: bytes | None) -> None:
        """Keep `correction` and the picture that it is about, uint8 [28, 28] as bytes, if it has one.

        Raises:
            VolumeUnavailable: the volume is away, full or read-only.
        """
        try:
            self._crops.mkdir(parents=True, exist_ok=True)
            if crop is not None:  # first: a line without its picture is of no use to a training
                _write(self._crops / f"{correction.recognition_id}_{correction.digit_index}.png", encode_grey(crop))
            _append(self._lines, correction.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise VolumeUnavailable(f"the correction cannot be kept: {error.strerror}", _RETRY_AFTER_S) from error


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}.tmp")
    with unfinished.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _append(path: Path, line: bytes) -> None:
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
        if not _ends_a_line(path):
            line = b"\n" + line  # a writer that was killed has left half a line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
