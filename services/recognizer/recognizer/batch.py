"""Reading a batch: decode and find digits image by image, ask the model once for all, finish."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager

import numpy as np
from digitscribe.contracts.recognition import Recognition, RecognitionStatus, Source
from digitscribe.errors import DigitscribeError, FrameTooOld, NotFound, ServingError
from digitscribe.logs import recognition_context
from digitscribe.queueing import recovery
from digitscribe.queueing.steps import StepStore
from digitscribe.queueing.store import Outcome, RecognitionStore
from digitscribe.serving.client import Prediction, ServingClient
from digitscribe.settings import RecognizerSettings
from digitscribe.vision import reader
from digitscribe.vision.reader import Proposal
from digitscribe.vision.trace import trace
from numpy.typing import NDArray
from rq.timeouts import JobTimeoutException

from recognizer import pictures, sources
from recognizer.asking import JobPredictor
from recognizer.work import Work

LOADED_AT_ONCE = 16
"""Images whose bytes are in memory at the same time."""

_ENDED = (RecognitionStatus.DONE, RecognitionStatus.FAILED)

log = logging.getLogger(__name__)


class BatchReader:
    """Reads batches of accepted images; one batch at a time, with the help of `executor`'s threads.

    Nothing is kept between batches: any recognizer can read any batch, and read it again.
    """

    def __init__(
        self, store: RecognitionStore, serving: ServingClient, executor: Executor, settings: RecognizerSettings
    ) -> None:
        self._store = store
        self._serving = serving
        self._executor = executor
        self._settings = settings
        self._steps = StepStore(store.redis)

    def read(self, recognition_ids: Sequence[str]) -> None:
        """Give each of `recognition_ids` that is unfinished its end; what fails, fails alone."""
        work = self._begin(recognition_ids)
        self._store.mark_running(each.recognition for each in work)
        model = JobPredictor(self._serving, self._settings.serving_patience_s)
        self._read([each for each in work if not each.recognition.steps], model)
        for each in work:
            if each.recognition.steps:  # pictures take memory and time: one by one, behind those that want none
                self._read([each], model)

    def _read(self, work: Sequence[Work], model: JobPredictor) -> None:
        if not work:
            return
        for start in range(0, len(work), LOADED_AT_ONCE):
            self._prepare(work[start : start + LOADED_AT_ONCE])
        # the model server may be away for a while: what needs no model does not wait for it
        self._finish([each.failed() for each in work if each.error])
        self._decide([each for each in work if not each.error], model)

    def _begin(self, recognition_ids: Sequence[str]) -> list[Work]:
        records = self._store.records(recognition_ids)
        self._fail_expired([each for each, record in zip(recognition_ids, records, strict=True) if record is None])
        work = [Work.begin(record) for record in records if record and record.status not in _ENDED]
        late = [each for each in work if self._is_late(each)]
        self._drop([each.recognition for each in late])
        return [each for each in work if each not in late]

    def _is_late(self, work: Work) -> bool:
        return work.recognition.source is Source.CAMERA and work.queue_ms > self._settings.camera_max_age_s * 1000

    def _fail_expired(self, recognition_ids: Sequence[str]) -> None:
        error = NotFound("the image expired before a recognizer had time for it; send it again")
        if recognition_ids:
            recovery.fail(self._store, recognition_ids, error)

    def _drop(self, recognitions: Sequence[Recognition]) -> None:
        if not recognitions:
            return
        error = FrameTooOld("no recognizer had time for this frame while it was live")
        ended = self._store.finish([Outcome(recovery.failed(each, error)) for each in recognitions])
        dropped = [each.camera for each, first in zip(recognitions, ended, strict=True) if first and each.camera]
        self._store.count_drops(dropped)

    def _prepare(self, work: Sequence[Work]) -> None:
        images = self._store.images([each.recognition.id for each in work])
        # list() waits for all: an error of one is kept in its work and does not stop the others
        list(self._executor.map(self._prepare_one, work, images))

    def _prepare_one(self, work: Work, image: bytes | None) -> None:
        with _guarded(work), work.timed():
            if image is None:
                raise NotFound("the image expired before a recognizer had time for it; send it again")
            prepared = sources.prepare(work.recognition, image, self._settings)
            work.proposal, work.views = prepared.proposal, prepared.views

    def _decide(self, work: Sequence[Work], model: JobPredictor) -> None:
        began = time.perf_counter()
        try:
            prediction = model.predict(_all_crops([_proposal(each) for each in work]))
        except ServingError as error:
            log.error("%d images could not be read: %s", len(work), error)
            for each in work:
                each.error = error
            self._finish([each.failed() for each in work])
            return
        predict_ms = (time.perf_counter() - began) * 1000
        parts = _split([len(_proposal(each).asked) for each in work], prediction)
        outcomes = [_outcome(each, part, predict_ms) for each, part in zip(work, parts, strict=True)]
        self._keep_steps(work)  # before the readings are told: who hears of one finds its pictures
        self._finish(outcomes)

    def _keep_steps(self, work: Sequence[Work]) -> None:
        for each in work:
            if (document := _steps(each)) is not None:
                self._steps.keep(each.recognition.id, document)
            each.views = ()

    def _finish(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self._store.finish(outcomes)
        for outcome in outcomes:
            with recognition_context(outcome.recognition.id):
                _log_end(outcome.recognition)


@contextmanager
def _guarded(work: Work) -> Iterator[None]:
    """Whatever is raised inside becomes the error of `work`, and of nothing else; but not the end of the job's time."""
    with recognition_context(work.recognition.id):
        try:
            yield
        except DigitscribeError as error:
            work.error = error
        except JobTimeoutException:  # it is raised once, and ends the job
            raise
        except Exception as error:
            log.exception("reading raised an error that nobody foresaw")
            work.error = DigitscribeError(f"reading failed ({type(error).__name__}); the recognizer's log says more")


def _outcome(work: Work, prediction: Prediction, predict_ms: float) -> Outcome:
    version = prediction.version if len(prediction.probabilities) else None
    outcome: Outcome | None = None
    with _guarded(work):
        outcome = work.done(
            reader.decide(_proposal(work), prediction.probabilities, prediction.digit_scores), version, predict_ms
        )
    return outcome or work.failed()


def _steps(work: Work) -> bytes | None:
    """The document of how an image was read, if somebody asked for it; a picture that fails costs no reading."""
    if not work.views or work.reading is None:
        return None
    with recognition_context(work.recognition.id):
        try:
            steps = trace(work.views, _proposal(work), work.reading)
            return pictures.document_of(work.recognition.id, steps).model_dump_json().encode()
        except JobTimeoutException:
            raise
        except Exception:
            log.exception("the steps of a reading could not be drawn")
            return None


def _proposal(work: Work) -> Proposal:
    assert work.proposal is not None
    return work.proposal


def _all_crops(proposals: Sequence[Proposal]) -> NDArray[np.float32]:
    """All crops in the model's terms: float32 [N, 28, 28, 1] in [0, 1]."""
    crops = [each.asked for each in proposals] or [np.zeros((0, 28, 28), np.uint8)]
    return np.concatenate(crops)[..., np.newaxis].astype(np.float32) / np.float32(255)


def _split(sizes: Sequence[int], prediction: Prediction) -> list[Prediction]:
    ends = np.cumsum(sizes, dtype=int).tolist()
    return [
        Prediction(
            prediction.probabilities[end - size : end], prediction.version, prediction.digit_scores[end - size : end]
        )
        for size, end in zip(sizes, ends, strict=True)
    ]


def _log_end(recognition: Recognition) -> None:
    if recognition.error:
        log.warning("failed: %s: %s", recognition.error.title, recognition.error.detail)
    elif recognition.timing_ms:
        log.info(
            "read %r, version %s, %.1f ms", recognition.text, recognition.model_version, recognition.timing_ms.total
        )
