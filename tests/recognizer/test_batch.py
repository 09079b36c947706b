"""Reading a batch: what fails, fails alone; everything ends, and once."""

from __future__ import annotations

import base64
import io
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
import numpy as np
import pytest
from digitscribe.contracts import Box, CameraFrame, FrameDigit, Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.errors import CorruptImage
from digitscribe.logs import configure_logging
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.events import BEGINNING
from digitscribe.queueing.store import Outcome, RecognitionStore, Submission
from digitscribe.serving.client import ServingClient
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import ImageSettings, RecognizerSettings
from digitscribe.vision import deciding, second_look
from digitscribe.vision.deciding import Reading
from digitscribe.vision.proposing import Proposal
from numpy.typing import NDArray
from PIL import Image
from recognizer import preparing, sources
from recognizer.batch import BatchReader
from recognizer.work import Work
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rq.timeouts import JobTimeoutException

from tests.recognizer.harness import accept, problem, recognition, statuses, strokes, submission


@pytest.fixture
def settings(twin: ServingTwin) -> RecognizerSettings:
    return RecognizerSettings(serving_grpc=twin.target, serving_patience_s=0)


@pytest.fixture
def reader(store: RecognitionStore, settings: RecognizerSettings) -> Iterator[BatchReader]:
    with ThreadPoolExecutor(2) as executor, ServingClient(settings) as serving:
        yield BatchReader(store, serving, executor, settings)


def frame(*brightnesses: int) -> bytes:
    """A camera frame with a crop of each of the grey values `brightnesses`, all in one row."""
    digits = tuple(
        FrameDigit(
            box=Box(x=10 + 30 * place, y=5, width=20, height=28),
            row=0,
            image=base64.b64encode(bytes([value] * 784)).decode(),
        )
        for place, value in enumerate(brightnesses)
    )
    return CameraFrame(captured_at=now(), width=320, height=240, digits=digits).model_dump_json().encode()


def test_each_stroke_of_ink_becomes_a_digit(reader: BatchReader, store: RecognitionStore) -> None:
    ids = accept(store, [strokes(3), strokes(1)])
    reader.read(ids)
    assert [len(recognition(store, each).digits) for each in ids] == [3, 1]


def test_a_done_image_says_what_read_it_and_how_long_it_took(reader: BatchReader, store: RecognitionStore) -> None:
    ids = accept(store, [strokes(2)])
    reader.read(ids)
    done = recognition(store, ids[0])
    assert (done.status, done.model_version, done.width, done.height) == (RecognitionStatus.DONE, 3, 120, 100)
    assert done.timing_ms is not None
    assert done.timing_ms.total >= done.timing_ms.vision > 0


def test_the_crops_of_the_digits_are_kept(reader: BatchReader, store: RecognitionStore) -> None:
    ids = accept(store, [strokes(2)])
    reader.read(ids)
    crops = store.crops(ids[0])
    assert crops is not None
    assert np.frombuffer(crops, np.uint8).reshape(-1, 28, 28).max(axis=(1, 2)).tolist() == [255, 255]


def test_sixty_four_images_are_one_predict(reader: BatchReader, store: RecognitionStore, twin: ServingTwin) -> None:
    reader.read(accept(store, [strokes(1)] * 64))
    assert len(twin.batches) == 1
    assert twin.batches[0] >= 64


def test_a_bad_image_fails_alone(reader: BatchReader, store: RecognitionStore) -> None:
    good = strokes(1)
    ids = accept(store, [good, good[: len(good) // 2], good, b"no image at all"])
    reader.read(ids)
    assert statuses(store, ids) == ["done", "failed", "done", "failed"]
    assert (problem(store, ids[1]), problem(store, ids[3])) == ("corrupt-image", "unsupported-image")


def test_an_image_with_too_many_pixels_fails_before_it_is_decoded(
    store: RecognitionStore, settings: RecognizerSettings
) -> None:
    strict = settings.model_copy(update={"max_image_megapixels": 0})
    ids = accept(store, [strokes(1)])
    with ThreadPoolExecutor(1) as executor, ServingClient(strict) as serving:
        BatchReader(store, serving, executor, strict).read(ids)
    assert problem(store, ids[0]) == "image-too-large"


def test_an_unforeseen_error_fails_its_image_and_is_logged(
    reader: BatchReader, store: RecognitionStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    prepare = sources.prepare

    def odd_prepare(record: Recognition, data: bytes, limits: ImageSettings) -> sources.Prepared:
        if not data:
            raise KeyError("odd")
        return prepare(record, data, limits)

    monkeypatch.setattr(sources, "prepare", odd_prepare)
    ids = accept(store, [strokes(1), b"", strokes(1)])
    reader.read(ids)
    assert statuses(store, ids) == ["done", "failed", "done"]
    assert "KeyError" in caplog.text


def test_an_unforeseen_error_while_deciding_fails_its_image(
    reader: BatchReader, store: RecognitionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide, calls = deciding.decide, itertools.count()

    def odd_decide(proposal: Proposal, *answers: NDArray[np.float32]) -> Reading:
        if next(calls) == 0:
            raise KeyError("odd")
        return decide(proposal, *answers)

    monkeypatch.setattr(deciding, "decide", odd_decide)
    ids = accept(store, [strokes(1), strokes(1)])
    reader.read(ids)
    assert statuses(store, ids) == ["failed", "done"]


@pytest.fixture
def doubted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of images of which the first reading is doubted; all others are believed."""
    ids: set[str] = set()
    monkeypatch.setattr(sources, "is_worth_a_second_look", lambda record, *_: record.id in ids)
    return ids


def _turned(image: bytes) -> bytes:
    with Image.open(io.BytesIO(image)) as picture:
        buffer = io.BytesIO()
        picture.rotate(20, fillcolor=255, expand=True).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_doubtful_image_is_looked_at_again_once_the_others_are_read(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sure, doubtful = accept(store, [strokes(1), strokes(4)])
    doubted.add(doubtful)
    again, seen = sources.prepare_again, list[list[str]]()

    def prepare_again(*args: Any) -> sources.Prepared:
        seen.append(statuses(store, [sure, doubtful]))
        return again(*args)

    monkeypatch.setattr(sources, "prepare_again", prepare_again)
    reader.read([sure, doubtful])
    assert seen == [["done", "running"]]
    assert statuses(store, [sure, doubtful]) == ["done", "done"]
    assert len(recognition(store, doubtful).digits) == 4


def test_what_a_second_look_finds_is_what_the_model_is_asked_next(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = accept(store, [_turned(strokes(4))])
    doubted.update(ids)
    monkeypatch.setattr(second_look, "HIDDEN", 2.0)
    reader.read(ids)
    first, second = twin.batches[0], sum(twin.batches[1:])
    assert second > first
    assert statuses(store, ids) == ["done"]


@pytest.mark.parametrize("error", [CorruptImage("odd"), KeyError("odd")])
def test_a_second_look_that_fails_costs_no_reading(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: Any) -> sources.Prepared:
        raise error

    monkeypatch.setattr(sources, "prepare_again", fail)
    ids = accept(store, [strokes(3)])
    doubted.update(ids)
    reader.read(ids)
    assert statuses(store, ids) == ["done"]
    assert len(recognition(store, ids[0]).digits) == 3


@pytest.mark.parametrize("gains", [True, False])
def test_a_second_look_is_believed_only_if_it_is_better(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch, gains: bool
) -> None:
    def find_less(*args: Any) -> sources.Prepared:
        return sources.prepare(args[0], strokes(1), ImageSettings())

    monkeypatch.setattr(sources, "prepare_again", find_less)
    monkeypatch.setattr(second_look, "better", lambda first, second: second if gains else first)
    ids = accept(store, [strokes(3)])
    doubted.update(ids)
    reader.read(ids)
    assert len(recognition(store, ids[0]).digits) == (1 if gains else 3)


def test_a_model_server_that_leaves_between_two_looks_costs_no_reading(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = sources.prepare_again

    def leave(*args: Any) -> sources.Prepared:
        twin.faults = itertools.repeat((grpc.StatusCode.UNAVAILABLE, "gone"))
        return again(*args)

    ids = accept(store, [_turned(strokes(4))])
    doubted.update(ids)
    monkeypatch.setattr(second_look, "HIDDEN", 2.0)
    monkeypatch.setattr(sources, "prepare_again", leave)
    reader.read(ids)
    assert statuses(store, ids) == ["done"]
    assert recognition(store, ids[0]).model_version == 3


def test_a_job_that_times_out_at_a_second_look_keeps_the_readings(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(*_: object) -> sources.Prepared:
        raise JobTimeoutException("too long")

    monkeypatch.setattr(sources, "prepare_again", time_out)
    ids = accept(store, [strokes(1), strokes(3)])
    doubted.update(ids)
    with pytest.raises(JobTimeoutException):
        reader.read(ids)
    assert [len(recognition(store, each).digits) for each in ids] == [1, 3]


@pytest.mark.parametrize("kept", [2, 1, 0])
def test_images_that_fit_into_memory_are_kept_for_a_second_look(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    images, asked = store.images, list[str]()

    def fetch(ids: Sequence[str]) -> list[bytes | None]:
        asked.extend(ids)
        return images(ids)

    ids = accept(store, [strokes(3), strokes(3)])
    size = sources.prepare(recognition(store, ids[0]), strokes(3), ImageSettings()).nbytes
    monkeypatch.setattr(store, "images", fetch)
    monkeypatch.setattr(preparing, "BYTES_KEPT", kept * size)
    doubted.update(ids)
    reader.read(ids)
    assert sorted(asked[:2]) == sorted(ids)
    assert sorted(asked[2:]) == sorted(ids[kept:])
    assert [len(recognition(store, each).digits) for each in ids] == [3, 3]


def test_a_redis_that_is_away_at_a_second_look_ends_the_job(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "BYTES_KEPT", 0)
    images, asked = store.images, list[int]()

    def leave(ids: Sequence[str]) -> list[bytes | None]:
        asked.append(len(ids))
        if len(asked) > 1:
            raise RedisConnectionError("gone")
        return images(ids)

    monkeypatch.setattr(store, "images", leave)
    ids = accept(store, [strokes(3)])
    doubted.update(ids)
    with pytest.raises(RedisConnectionError):
        reader.read(ids)
    assert statuses(store, ids) == ["running"]


def test_an_unforeseen_error_while_doubting_costs_no_reading(
    reader: BatchReader, store: RecognitionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> bool:
        raise KeyError("odd")

    monkeypatch.setattr(sources, "is_worth_a_second_look", odd)
    ids = accept(store, [strokes(3)])
    reader.read(ids)
    assert len(recognition(store, ids[0]).digits) == 3


def test_times_of_both_looks_are_added(
    reader: BatchReader, store: RecognitionStore, doubted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = sources.prepare_again

    def slow(*args: Any) -> sources.Prepared:
        time.sleep(0.3)
        return again(*args)

    monkeypatch.setattr(sources, "prepare_again", slow)
    sure, doubtful = accept(store, [strokes(2), strokes(2)])
    doubted.add(doubtful)
    reader.read([sure, doubtful])
    one, other = (recognition(store, each).timing_ms for each in (sure, doubtful))
    assert one is not None
    assert other is not None
    assert other.vision > 300
    assert other.predict > one.predict


def test_a_cameras_frame_is_looked_at_once(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_look, "is_worthwhile", lambda *_: True)
    monkeypatch.setattr(sources, "prepare_again", lambda *_: pytest.fail("there is no image to look at"))
    one = submission(frame(110, 220), Source.CAMERA, "door")
    store.accept(jobs.CAMERA, [one])
    reader.read([one.recognition.id])
    assert len(twin.batches) == 1
    assert recognition(store, one.recognition.id).text == "48"


def test_a_blank_image_is_read_without_asking_the_model(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin
) -> None:
    ids = accept(store, [strokes(0)])
    reader.read(ids)
    done = recognition(store, ids[0])
    assert (done.status, done.text, done.model_version) == (RecognitionStatus.DONE, "", None)
    assert twin.batches == []


def test_without_a_model_server_images_fail_and_say_so(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin
) -> None:
    twin.faults = itertools.repeat((grpc.StatusCode.UNAVAILABLE, "gone"))
    ids = accept(store, [strokes(1), b"no image"])
    reader.read(ids)
    assert [problem(store, each) for each in ids] == ["serving-unavailable", "unsupported-image"]


def test_an_image_is_finished_once_however_often_it_is_read(reader: BatchReader, store: RecognitionStore) -> None:
    ids = accept(store, [strokes(1)])
    reader.read(ids)
    first = recognition(store, ids[0])
    reader.read(ids)
    assert recognition(store, ids[0]) == first
    assert len(store.events.read(after=BEGINNING).events) == 1


def test_a_finished_image_is_not_read_again(reader: BatchReader, store: RecognitionStore, twin: ServingTwin) -> None:
    ids = accept(store, [strokes(1), strokes(1)])
    done = recognition(store, ids[0]).model_copy(update={"status": RecognitionStatus.DONE, "text": "kept"})
    store.finish([Outcome(done)])
    reader.read(ids)
    assert recognition(store, ids[0]).text == "kept"
    assert recognition(store, ids[1]).status is RecognitionStatus.DONE
    assert len(twin.batches) == 1


@pytest.mark.parametrize("lost", [keys.image, keys.recognition], ids=["bytes", "record"])
def test_an_expired_image_fails(
    reader: BatchReader, store: RecognitionStore, redis: Redis, lost: Callable[[str], str]
) -> None:
    ids = accept(store, [strokes(1), strokes(1)])
    redis.delete(lost(ids[0]))
    reader.read(ids)
    assert statuses(store, ids) == ["failed", "done"]
    assert store.pending().images == 0


def test_a_camera_frame_is_read_from_its_crops(reader: BatchReader, store: RecognitionStore) -> None:
    one = submission(frame(110, 220), Source.CAMERA, "door")
    store.accept(jobs.CAMERA, [one])
    reader.read([one.recognition.id])
    done = recognition(store, one.recognition.id)
    assert (done.text, done.camera, done.width) == ("48", "door", 320)
    assert [digit.box.x for digit in done.digits] == [10, 40]


def test_a_camera_frame_without_digits_is_read(reader: BatchReader, store: RecognitionStore) -> None:
    one = submission(frame(), Source.CAMERA, "door")
    store.accept(jobs.CAMERA, [one])
    reader.read([one.recognition.id])
    assert recognition(store, one.recognition.id).text == ""


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"not json",
        frame(1).replace(b'"image":"', b'"image":"*'),
        frame(1).replace(b'"image":"AQEB', b'"image":"'),
    ],
    ids=["empty", "no JSON", "no base64", "too short a crop"],
)
def test_a_damaged_frame_fails_alone(reader: BatchReader, store: RecognitionStore, data: bytes) -> None:
    pair = [submission(each, Source.CAMERA, "door") for each in (data, frame(110))]
    store.accept(jobs.CAMERA, pair)
    ids = [each.recognition.id for each in pair]
    reader.read(ids)
    assert statuses(store, ids) == ["failed", "done"]
    assert problem(store, ids[0]) == "corrupt-image"


def test_a_late_camera_frame_is_dropped_and_counted(
    reader: BatchReader, store: RecognitionStore, twin: ServingTwin
) -> None:
    fresh = submission(frame(110), Source.CAMERA, "door").recognition
    late = fresh.model_copy(update={"created_at": now() - timedelta(seconds=5)})
    store.redis.hset(keys.CAMERAS, "door", "{}")
    store.accept(jobs.CAMERA, [Submission(late, frame(110))])
    reader.read([late.id])
    assert problem(store, late.id) == "frame-too-old"
    assert (store.redis.hget(keys.CAMERA_DROPS, "door"), twin.batches) == (b"1", [])


def test_a_frames_way_is_told_from_another_of_the_same_record() -> None:
    record = submission(frame(110), Source.CAMERA, "door").recognition
    one, other = Work(record, queue_ms=5.0), Work(record, queue_ms=5.0)
    assert one not in [other]


def test_an_image_from_a_person_is_read_however_late(reader: BatchReader, store: RecognitionStore) -> None:
    one = submission(strokes(1), Source.WEBCAM)
    late = one.recognition.model_copy(update={"created_at": now() - timedelta(seconds=5)})
    store.accept(jobs.INTERACTIVE, [Submission(late, one.image)])
    reader.read([late.id])
    assert recognition(store, late.id).status is RecognitionStatus.DONE


def test_lines_of_the_log_carry_the_recognitions_id(
    reader: BatchReader, store: RecognitionStore, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logging("recognizer", "INFO", "text")
    ids = accept(store, [strokes(1), b"no image"])
    reader.read(ids)
    lines = capfd.readouterr().err
    assert all(f"[{each}]" in lines for each in ids)


def test_an_image_is_read_by_the_profile_that_came_with_it(reader: BatchReader, store: RecognitionStore) -> None:
    batch = [submission(strokes(2)), submission(strokes(2))]
    asked = batch[0].recognition.model_copy(update={"profile": {"min_confidence": 1.0}})
    store.accept(jobs.INTERACTIVE, [Submission(asked, batch[0].image), batch[1]])
    reader.read([each.recognition.id for each in batch])
    assert [len(recognition(store, each.recognition.id).digits) for each in batch] == [0, 2]


def test_a_cameras_frame_is_decided_by_its_profile(reader: BatchReader, store: RecognitionStore) -> None:
    one = submission(frame(25, 100), Source.CAMERA, "desk")
    strict = one.recognition.model_copy(update={"profile": {"min_confidence": 1.0}})
    store.accept(jobs.CAMERA, [Submission(strict, one.image)])
    reader.read([strict.id])
    assert recognition(store, strict.id).text == ""


def test_a_profile_of_another_release_fails_its_image_in_words(reader: BatchReader, store: RecognitionStore) -> None:
    one = submission(strokes(1))
    odd = one.recognition.model_copy(update={"profile": {"of_tomorrow": 1}})
    store.accept(jobs.INTERACTIVE, [Submission(odd, one.image)])
    reader.read([odd.id])
    error = recognition(store, odd.id).error
    assert error is not None
    assert "of_tomorrow" in error.detail
