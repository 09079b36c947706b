"""Reading a batch: find digits image by image, ask the model for all that fit into memory together, look again at what
was hardly read, finish.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
from digitscribe.contracts.recognition import Recognition, RecognitionStatus, Source
from digitscribe.errors import FrameTooOld, NotFound, ServingError
from digitscribe.logs import recognition_context
from digitscribe.model_shape import SIDE
from digitscribe.queueing import recovery
from digitscribe.queueing.steps import StepStore
from digitscribe.queueing.store import Outcome, RecognitionStore
from digitscribe.serving.client import Prediction, ServingClient
from digitscribe.settings import RecognizerSettings
from digitscribe.vision.trace import trace
from numpy.typing import NDArray
from rq.timeouts import JobTimeoutException

from recognizer import pictures
from recognizer.asking import JobPredictor
from recognizer.preparing import EXPIRED, Preparer
from recognizer.work import Work

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
        self._preparer = Preparer(store, executor, settings)
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
        for group in self._preparer.groups(work):
            # the model server may be away for a while: what needs no model does not wait for it
            self._end([each for each in group if each.error])
            asked = [each for each in group if not each.error]
            self._ask(asked, model)
            again = [each for each in asked if each.is_open]
            self._end([each for each in asked if each not in again])
            self._look_again(again, model)

    def _look_again(self, work: Sequence[Work], model: JobPredictor) -> None:
        waiting = list(work)
        try:
            for group in self._preparer.second_groups(work):
                self._ask([each for each in group if not each.error], model)
                self._end(group)
                waiting = [each for each in waiting if each not in group]
        except JobTimeoutException:  # they have been read; a job that is tried again might end in the same way
            self._end([each for each in waiting if each.reading])
            raise

    def _begin(self, recognition_ids: Sequence[str]) -> list[Work]:
        records = self._store.records(recognition_ids)
        self._fail_expired([each for each, record in zip(recognition_ids, records, strict=True) if record is None])
        work = [Work.begin(record) for record in records if record and record.status not in _ENDED]
        in_time: list[Work] = []
        late: list[Work] = []
        for each in work:
            (late if self._is_late(each) else in_time).append(each)
        self._drop([each.recognition for each in late])
        return in_time

    def _is_late(self, work: Work) -> bool:
        return work.recognition.source is Source.CAMERA and work.queue_ms > self._settings.camera_max_age_s * 1000

    def _fail_expired(self, recognition_ids: Sequence[str]) -> None:
        if recognition_ids:
            recovery.fail(self._store, recognition_ids, NotFound(EXPIRED))

    def _drop(self, recognitions: Sequence[Recognition]) -> None:
        if not recognitions:
            return
        error = FrameTooOld("no recognizer had time for this frame while it was live")
        ended = self._store.finish([Outcome(recovery.failed(each, error)) for each in recognitions])
        dropped = [each.camera for each, first in zip(recognitions, ended, strict=True) if first and each.camera]
        self._store.count_drops(dropped)

    def _ask(self, work: Sequence[Work], model: JobPredictor) -> None:
        """Give each of `work` its reading; where the model server gives no answer, an error."""
        began = time.perf_counter()
        try:
            prediction = model.predict(_all_crops(work))
        except ServingError as error:
            log.error("the model was not asked about %d images: %s", len(work), error)
            for each in work:
                each.error = error
            return
        predict_ms = (time.perf_counter() - began) * 1000
        for each, part in zip(work, _split([each.crop_count for each in work], prediction), strict=True):
            with each.guarded():
                each.decide(part, predict_ms)

    def _end(self, work: Sequence[Work]) -> None:
        self._keep_steps(work)  # before the readings are told: who hears of one finds its pictures
        self._finish([each.outcome for each in work])
        for each in work:
            each.release()

    def _keep_steps(self, work: Sequence[Work]) -> None:
        for each in work:
            if (document := _steps(each)) is not None:
                self._steps.keep(each.recognition.id, document)

    def _finish(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self._store.finish(outcomes)
        for outcome in outcomes:
            with recognition_context(outcome.recognition.id):
                _log_end(outcome.recognition)


def _steps(work: Work) -> bytes | None:
    """The document of how an image was read, if somebody asked for it; a picture that fails costs no reading."""
    found, reading = work.read_of, work.reading
    if not work.recognition.steps or found is None or reading is None or not found.views:
        return None
    with recognition_context(work.recognition.id):
        try:
            steps = trace(found.views, found.proposal, reading)
            return pictures.document_of(work.recognition.id, steps).model_dump_json().encode()
        except JobTimeoutException:
            raise
        except Exception:
            log.exception("the steps of a reading could not be drawn")
            return None


def _all_crops(work: Sequence[Work]) -> NDArray[np.uint8]:
    """All crops in the model's shape, uint8 [N, 28, 28, 1]; the client makes them float32, Predict by Predict."""
    crops = [each.proposal.asked for each in work] or [np.zeros((0, SIDE, SIDE), np.uint8)]
    return np.concatenate(crops)[..., np.newaxis]


def _split(sizes: Sequence[int], prediction: Prediction) -> list[Prediction]:
    ends = np.cumsum(sizes, dtype=int).tolist()
    return [prediction.part(end - size, end) for size, end in zip(sizes, ends, strict=True)]


def _log_end(recognition: Recognition) -> None:
    if recognition.error:
        log.warning("failed: %s: %s", recognition.error.title, recognition.error.detail)
    elif recognition.timing_ms:
        log.info(
            "read %r, version %s, %.1f ms", recognition.text, recognition.model_version, recognition.timing_ms.total
        )
