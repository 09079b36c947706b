"""Pictures of how an image was read: there when the reading is, for those who asked, and for a short time."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace
from typing import cast

import numpy as np
import pytest
from digitscribe.contracts import ReadingSteps
from digitscribe.errors import ServingUnavailable
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.steps import KEPT, TTL_S, StepStore
from digitscribe.queueing.store import RecognitionStore, Submission
from digitscribe.serving.client import Prediction, ServingClient
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import RecognizerSettings
from digitscribe.vision import deciding
from numpy.typing import NDArray
from PIL import Image
from recognizer import batch
from recognizer.asking import JobPredictor
from recognizer.batch import BatchReader
from recognizer.pictures import rgb_to_png
from redis import Redis
from rq.timeouts import JobTimeoutException

from tests.recognizer.harness import problem, recognition, strokes, submission


@pytest.fixture
def reader(store: RecognitionStore, twin: ServingTwin) -> Iterator[BatchReader]:
    settings = RecognizerSettings(serving_grpc=twin.target, serving_patience_s=0)
    with ThreadPoolExecutor(2) as executor, ServingClient(settings) as serving:
        yield BatchReader(store, serving, executor, settings)


@pytest.fixture
def steps(redis: Redis) -> StepStore:
    return StepStore(redis)


class PatientServing:
    """A model server that notes how patiently it is asked."""

    def __init__(self) -> None:
        self.patience: list[float | None] = []

    def predict(self, images: NDArray[np.float32], patience_s: float | None = None) -> Prediction:
        self.patience.append(patience_s)
        return Prediction(np.full((len(images), 10), 0.1, np.float32), 3, np.ones(len(images), np.float32))


class AbsentServing(PatientServing):
    def predict(self, images: NDArray[np.float32], patience_s: float | None = None) -> Prediction:
        super().predict(images, patience_s)
        raise ServingUnavailable("away")


def accept(store: RecognitionStore, image: bytes, steps: bool | None = True) -> str:
    one = submission(image)
    record = one.recognition.model_copy(update={"steps": steps})
    store.accept(jobs.INTERACTIVE, [Submission(record, image)])
    return record.id


def test_the_steps_of_a_reading_are_kept(reader: BatchReader, store: RecognitionStore, steps: StepStore) -> None:
    asked = accept(store, strokes(2))
    reader.read([asked])
    kept = steps.get(asked)
    assert kept is not None
    document = ReadingSteps.model_validate_json(kept)
    assert document.recognition_id == asked
    assert [step.name for step in document.steps][::7] == ["grey", "crops"]
    for step in document.steps:
        assert Image.open(io.BytesIO(base64.b64decode(step.picture))).size == (step.width, step.height)


def test_nobody_who_did_not_ask_pays_for_them(reader: BatchReader, store: RecognitionStore, steps: StepStore) -> None:
    plain = accept(store, strokes(1), steps=None)
    reader.read([plain])
    assert recognition(store, plain).text is not None
    assert steps.get(plain) is None


def test_a_picture_that_cannot_be_drawn_costs_no_reading(
    reader: BatchReader,
    store: RecognitionStore,
    steps: StepStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def odd(*_: object) -> None:
        raise KeyError("odd")

    monkeypatch.setattr(batch, "trace", odd)
    asked = accept(store, strokes(1))
    reader.read([asked])
    assert recognition(store, asked).status == "done"
    assert steps.get(asked) is None
    assert "could not be drawn" in caplog.text


def test_they_expire(steps: StepStore, redis: Redis) -> None:
    steps.keep("a" * 32, b"{}")
    assert 0 < int(redis.ttl(keys.steps("a" * 32))) <= TTL_S


def test_only_the_newest_are_kept(steps: StepStore, redis: Redis) -> None:
    ids = [f"{number:032x}" for number in range(KEPT + 3)]
    for each in ids:
        steps.keep(each, each.encode())
    assert [steps.get(each) for each in ids[:3]] == [None, None, None]
    assert [steps.get(each) for each in ids[3:]] == [each.encode() for each in ids[3:]]
    assert redis.llen(keys.STEPS_ORDER) == KEPT


def test_colours_come_out_as_they_went_in() -> None:
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[0, 0] = (213, 94, 0)
    assert Image.open(io.BytesIO(rgb_to_png(picture))).getpixel((0, 0)) == (213, 94, 0)


def test_pictures_wait_for_the_readings_of_those_who_want_none(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin
) -> None:
    batch = [submission(strokes(count)) for count in (1, 2, 3)]
    asked = batch[0].recognition.model_copy(update={"steps": True})
    store.accept(jobs.INTERACTIVE, [Submission(asked, batch[0].image), *batch[1:]])
    reader.read([each.recognition.id for each in batch])
    sizes = [len(recognition(store, each.recognition.id).digits) for each in batch]
    assert sizes == [1, 2, 3]
    assert twin.batches == [5, 1]


def test_a_job_waits_once_for_a_model_server_that_is_away(store: RecognitionStore) -> None:
    serving = AbsentServing()
    settings = RecognizerSettings(serving_patience_s=20)
    ids = [accept(store, strokes(1)) for _ in range(4)]
    with ThreadPoolExecutor(2) as executor:
        BatchReader(store, cast(ServingClient, serving), executor, settings).read(ids)
    assert {problem(store, each) for each in ids} == {"serving-unavailable"}
    assert serving.patience == [20.0]


def test_what_a_job_has_waited_is_taken_from_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 15.0, 15.0, 30.0, 30.0, 30.0])
    monkeypatch.setattr("recognizer.asking.time", SimpleNamespace(monotonic=clock.__next__))
    serving = PatientServing()
    predictor = JobPredictor(cast(ServingClient, serving), 20.0)
    for _ in range(3):
        predictor.predict(np.zeros((1, 28, 28, 1), np.float32))
    assert serving.patience == pytest.approx([20.0, 6.0, 0.0], abs=0.01)


def test_answers_cost_a_job_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(0.0, 100.0, 0.75).tolist())
    monkeypatch.setattr("recognizer.asking.time", SimpleNamespace(monotonic=clock.__next__))
    serving = PatientServing()
    predictor = JobPredictor(cast(ServingClient, serving), 20.0)
    for _ in range(50):
        predictor.predict(np.zeros((1, 28, 28, 1), np.float32))
    assert serving.patience == [20.0] * 50


@pytest.mark.parametrize(("module", "name"), [(batch, "trace"), (deciding, "decide")])
def test_the_end_of_a_jobs_time_ends_the_job(
    reader: BatchReader, store: RecognitionStore, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    def end(*_: object) -> None:
        raise JobTimeoutException("time is up")

    monkeypatch.setattr(module, name, end)
    with pytest.raises(JobTimeoutException):
        reader.read([accept(store, strokes(1))])
