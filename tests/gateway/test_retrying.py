"""What failed: listed, and read again while its image is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus, Source, TrainingRequest, TrainingStatus
from digitscribe.errors import Conflict, CorruptImage, DigitscribeError, RecognizerDied, ServingUnavailable
from digitscribe.queueing import jobs, keys, recovery
from digitscribe.queueing.store import RecognitionStore, Submission
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.settings import GatewaySettings
from flask.testing import FlaskClient
from gateway.routes.recognitions import new_recognition
from redis import Redis

from tests.gateway.conftest import Finisher


def fail(
    store: RecognitionStore, error: DigitscribeError, image: bytes = b"bytes", source: Source = Source.UPLOAD
) -> Recognition:
    """A recognition that was accepted and has failed with `error`."""
    recognition = new_recognition(source, "door" if source is Source.CAMERA else None)
    store.accept(jobs.INTERACTIVE, [Submission(recognition, image)])
    recovery.fail(store, [recognition.id], error)
    return recognition


def retry(client: FlaskClient, recognition: Recognition) -> Any:
    return client.post(f"/v1/recognitions/{recognition.id}/retry")


def failures(client: FlaskClient) -> list[str]:
    answer: Any = client.get("/v1/recognitions?status=failed").json
    return [each["id"] for each in answer["recognitions"]]


AWAY = ServingUnavailable("the model server is away")


def test_failures_are_listed_newest_first(client: FlaskClient, store: RecognitionStore) -> None:
    first, second = fail(store, AWAY), fail(store, CorruptImage("cut off"))
    assert set(failures(client)) == {first.id, second.id}


def test_a_failure_is_not_hidden_by_what_was_read_since(
    client: FlaskClient, store: RecognitionStore, redis: Redis
) -> None:
    failed = fail(store, AWAY)
    redis.delete(keys.EVENTS)  # as ten thousand later events would have it
    assert failures(client) == [failed.id]


def test_a_cameras_frames_are_not_listed(client: FlaskClient, store: RecognitionStore, redis: Redis) -> None:
    failed = fail(store, AWAY, source=Source.CAMERA)
    assert (failures(client), redis.exists(keys.image(failed.id))) == ([], 0)


def test_a_failed_image_is_read_again_under_its_id(
    client: FlaskClient, store: RecognitionStore, recognizer: Finisher
) -> None:
    recognizer.stop()
    failed = fail(store, AWAY)
    answer = retry(client, failed)
    assert (answer.status_code, answer.json["id"], answer.json["status"]) == (202, failed.id, "queued")
    assert store.images([failed.id]) == [b"bytes"]
    assert store.pending().images == 1


def test_what_is_read_again_is_no_failure_any_more(
    client: FlaskClient, store: RecognitionStore, idle_recognizer: Finisher, redis: Redis
) -> None:
    failed = fail(store, AWAY)
    retry(client, failed)
    idle_recognizer.finish(failed.id)
    assert client.get(f"/v1/recognitions/{failed.id}").json["text"] == "20"  # type: ignore[index]
    assert failures(client) == []
    assert redis.get(keys.FAILED_BYTES) == b"0"


def test_only_done_can_be_asked_for(client: FlaskClient, store: RecognitionStore, idle_recognizer: Finisher) -> None:
    fail(store, AWAY)
    done = new_recognition(Source.UPLOAD)
    store.accept(jobs.INTERACTIVE, [Submission(done, b"x")])
    idle_recognizer.finish(done.id)
    listed: Any = client.get("/v1/recognitions?status=done").json
    assert [each["id"] for each in listed["recognitions"]] == [done.id]


def test_retrying_twice_reads_once(client: FlaskClient, store: RecognitionStore) -> None:
    failed = fail(store, RecognizerDied("it died"))
    assert [retry(client, failed).status_code for _ in range(2)] == [202, 409]
    assert store.pending().images == 1


def test_an_image_that_is_damaged_is_not_kept(client: FlaskClient, store: RecognitionStore, redis: Redis) -> None:
    failed = fail(store, CorruptImage("cut off"))
    answer = retry(client, failed)
    assert (answer.status_code, redis.exists(keys.image(failed.id))) == (409, 0)
    assert "send another" in answer.json["detail"]


def test_an_image_that_has_expired_is_gone(client: FlaskClient, store: RecognitionStore, redis: Redis) -> None:
    failed = fail(store, AWAY)
    redis.delete(keys.image(failed.id))
    answer = retry(client, failed)
    assert (answer.status_code, answer.json["type"]) == (410, "urn:digitscribe:problem:gone")


def test_a_camera_frame_is_not_read_again(client: FlaskClient, store: RecognitionStore) -> None:
    assert retry(client, fail(store, AWAY, source=Source.CAMERA)).status_code == 409


def test_nothing_is_known_of_another_id(client: FlaskClient) -> None:
    assert client.post(f"/v1/recognitions/{'0' * 32}/retry").status_code == 404


def test_failed_images_stay_within_their_budget(make_settings: Callable[..., GatewaySettings], redis: Redis) -> None:
    store = RecognitionStore(redis, make_settings(max_pending_megabytes=2))
    failed = [fail(store, AWAY, bytes(200_000)) for _ in range(4)]
    kept = [each.id for each in failed if redis.exists(keys.image(each.id))]
    assert len(kept) == 2, "a quarter of two megabytes"
    assert redis.get(keys.FAILED_BYTES) == b"400000"


def test_a_kept_image_expires(client: FlaskClient, store: RecognitionStore, redis: Redis) -> None:
    failed = fail(store, AWAY)
    assert 0 < redis.ttl(keys.image(failed.id)) <= 3600


@pytest.fixture
def trainings(redis: Redis) -> TrainingStore:
    return TrainingStore(redis, 100)


def test_a_failed_training_is_started_again(client: FlaskClient, trainings: TrainingStore, redis: Redis) -> None:
    training = trainings.create(TrainingRequest(epochs=7))
    trainings.end(training, TrainingStatus.FAILED, DigitscribeError("out of memory"))
    answer: Any = client.post(f"/v1/trainings/{training.id}/retry")
    assert (answer.status_code, answer.json["request"]["epochs"], answer.json["status"]) == (202, 7, "queued")
    assert answer.headers["Location"] == f"/v1/trainings/{answer.json['id']}"
    assert answer.json["id"] != training.id


def test_a_training_under_way_is_not_started_again(trainings: TrainingStore) -> None:
    training = trainings.create(TrainingRequest())
    with pytest.raises(Conflict):
        trainings.retry(training.id)


def test_a_recognition_that_waits_has_not_failed(store: RecognitionStore, client: FlaskClient) -> None:
    waiting = new_recognition(Source.UPLOAD)
    store.accept(jobs.BULK, [Submission(waiting, b"x")])
    answer = retry(client, waiting)
    assert (answer.status_code, RecognitionStatus.QUEUED in answer.json["detail"]) == (409, True)
