"""Reading samples the way the recognizer does, with a clock beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from digitscribe.contracts import Digit
from digitscribe.errors import InvalidImage
from digitscribe.vision import second_look
from digitscribe.vision.decode import decode
from digitscribe.vision.profile import Profile
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from tools.evaluate.classifiers import Classifier
from tools.evaluate.samples import Sample
from tools.evaluate.scoring import Score, score

MAX_BYTES, MAX_PIXELS = 50_000_000, 200_000_000


@dataclass(frozen=True)
class Outcome:
    """What was read on a sample, how right it is, and the milliseconds that it took."""

    sample: Sample
    read: tuple[str, ...]
    digits: tuple[Digit, ...]
    score: Score
    decode_ms: float
    vision_ms: float
    predict_ms: float


def read(sample: Sample, classify: Classifier, profile: Profile) -> Outcome:
    """Read one sample; one that cannot be decoded reads as nothing."""
    begin = perf_counter()
    try:
        image = decode(sample.data, MAX_BYTES, MAX_PIXELS)
    except InvalidImage:
        return Outcome(sample, (), (), score(sample.rows, (), sample.unordered), 0.0, 0.0, 0.0)
    decoded = perf_counter()
    predict_s = 0.0

    def ask(crops: NDArray[np.uint8]) -> second_look.Answers:
        nonlocal predict_s
        asked = perf_counter()
        answer = classify(crops)
        predict_s += perf_counter() - asked
        return answer.probabilities, answer.digit_scores, answer.pairs

    reading = second_look.read(image, profile, ask)
    rows = tuple(reading.text.split("\n")) if reading.text else ()
    times = [1000 * seconds for seconds in (decoded - begin, perf_counter() - decoded - predict_s, predict_s)]
    return Outcome(sample, rows, reading.digits, score(sample.rows, rows, sample.unordered), *times)


def read_all(samples: Sequence[Sample], classify: Classifier, profile: Profile, what: str = "Reading") -> list[Outcome]:
    """Read each of `samples`, with a bar on standard error that says `what`."""
    bar = track(samples, what, console=Console(stderr=True), transient=True)
    return [read(sample, classify, profile) for sample in bar]
