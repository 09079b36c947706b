"""One image's way through a recognizer, and the record that it ends with."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digitscribe.contracts.document import now
from digitscribe.contracts.recognition import Recognition, RecognitionStatus, Timing
from digitscribe.errors import DigitscribeError
from digitscribe.logs import recognition_context
from digitscribe.queueing import recovery
from digitscribe.queueing.store import Outcome
from digitscribe.serving.client import Prediction
from digitscribe.vision import deciding, second_look
from digitscribe.vision.deciding import Reading
from digitscribe.vision.proposing import Proposal
from rq.timeouts import JobTimeoutException

from recognizer import sources
from recognizer.sources import Prepared

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Work:
    """An image that is being read: what came of it so far, or the error that ended it; times in milliseconds.

    Each is one way through the recognizer, equal only to itself.
    """

    recognition: Recognition
    queue_ms: float
    vision_ms: float = 0.0
    found: Prepared | None = None
    reading: Reading | None = None
    read_of: Prepared | None = None
    is_open: bool = False
    version: int | None = None
    predict_ms: float = 0.0
    error: DigitscribeError | None = None

    @classmethod
    def begin(cls, recognition: Recognition) -> Work:
        """Work on `recognition` begins now."""
        return cls(recognition, _since(recognition))

    @property
    def prepared(self) -> Prepared:
        """What was found, which must be there."""
        assert self.found is not None
        return self.found

    @property
    def proposal(self) -> Proposal:
        """What may be read of what was found, which must be there."""
        return self.prepared.proposal

    @property
    def first_reading(self) -> Reading:
        """The reading of the first look, which must be there."""
        assert self.reading is not None
        return self.reading

    @property
    def crop_count(self) -> int:
        """How many crops the model is asked about; 0 while nobody knows."""
        return self.found.proposal.crop_count if self.found else 0

    def forget(self) -> None:
        """Forget the image, and its views if nobody wants to see them: a second look makes them again."""
        self.found = self.found and self.found.for_steps(self.recognition)
        self.read_of = self.read_of and self.read_of.for_steps(self.recognition)

    def release(self) -> None:
        """Forget what is large, once the image has its end."""
        self.found, self.reading, self.read_of = None, None, None

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Whatever is raised inside becomes this image's error, and no other's; but not the end of the job's time."""
        with recognition_context(self.recognition.id):
            try:
                yield
            except DigitscribeError as error:
                self.error = error
            except JobTimeoutException:  # it is raised once, and ends the job
                raise
            except Exception as error:
                log.exception("reading raised an error that nobody foresaw")
                kind = type(error).__name__
                self.error = DigitscribeError(f"reading failed ({kind}); the recognizer's log says more")

    @contextmanager
    def timed(self) -> Iterator[None]:
        """What is done inside counts as vision."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.vision_ms += (time.perf_counter() - began) * 1000

    def decide(self, prediction: Prediction, predict_ms: float) -> None:
        """Read the image by what the model said of `prepared.asked`, which took so long."""
        self.predict_ms += predict_ms
        answers = (prediction.probabilities, prediction.digit_scores, prediction.pairs)
        reading = deciding.decide(self.proposal, *answers)
        if self.reading is None or second_look.better(self.reading, reading) is reading:
            self.reading = reading
            self.read_of = self.found  # a second look may find something else, and read less
            self.version = prediction.version if len(prediction.probabilities) else None
        self.is_open = sources.is_worth_a_second_look(self.recognition, self.proposal, self.reading)

    @property
    def outcome(self) -> Outcome:
        """The end of the image: its reading, also if a second look failed, or its error."""
        if self.reading:
            with self.guarded():
                return self._done(self.reading)
        return self._failed()

    def _failed(self) -> Outcome:
        assert self.error
        return Outcome(recovery.failed(self.recognition, self.error))

    def _done(self, reading: Reading) -> Outcome:
        total_ms = max(_since(self.recognition), self.queue_ms)
        times = {"queue": self.queue_ms, "vision": self.vision_ms, "predict": self.predict_ms, "total": total_ms}
        timing = Timing(**{name: round(value, 2) for name, value in times.items()})
        changes = {
            "status": RecognitionStatus.DONE,
            "text": reading.text,
            "digits": reading.digits,
            "model_version": self.version,
            "width": self.proposal.width,
            "height": self.proposal.height,
            "timing_ms": timing,
        }
        return Outcome(self.recognition.model_copy(update=changes), reading.crops.tobytes())


def _since(recognition: Recognition) -> float:
    # the gateway's clock may be a little ahead of this machine's
    return max(0.0, (now() - recognition.created_at).total_seconds() * 1000)
