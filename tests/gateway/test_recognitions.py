"""POST and GET of recognitions."""

from __future__ import annotations

import gc
import io
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.store import RecognitionStore, Submission
from flask import Flask
from flask.testing import FlaskClient
from gateway.batching import BatchLimits, JobImages, Lane, Parcel
from gateway.limits import Allowance
from gateway.uploads import Upload
from PIL import Image
from redis import Redis

from tests.gateway.conftest import Finisher

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")


def parts(*images: bytes) -> dict[str, Any]:
    return {"image": [(io.BytesIO(image), f"{number}.png") for number, image in enumerate(images)]}


def post(client: FlaskClient, image: bytes, query: str = "", content_type: str = "image/png") -> Any:
    return client.post(f"/v1/recognitions{query}", data=image, content_type=content_type)


def test_an_image_is_accepted_with_its_place(client: FlaskClient, png: bytes) -> None:
    answer = post(client, png)
    assert answer.status_code == 202
    assert answer.json["status"] == "queued"
    assert answer.headers["Location"] == f"/v1/recognitions/{answer.json['id']}"


def test_what_is_accepted_lies_in_the_store_with_its_job(
    client: FlaskClient, png: bytes, store: RecognitionStore, redis: Redis
) -> None:
    recognition_id = post(client, png).json["id"]
    assert redis.get(keys.image(recognition_id)) == png
    assert [entry.recognition_id for entry in store.pending_entries()] == [recognition_id]
    assert jobs.queue(redis, jobs.INTERACTIVE).count == 1


def test_wait_holds_the_answer_until_the_reading(client: FlaskClient, png: bytes, recognizer: object) -> None:
    answer = post(client, png, "?wait=30")
    assert (answer.status_code, answer.json["text"]) == (200, "20")


def test_wait_ends_with_what_there_is(client: FlaskClient, png: bytes) -> None:
    answer = post(client, png, "?wait=0.05")
    assert (answer.status_code, answer.json["status"]) == (202, "queued")


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_format_is_accepted(client: FlaskClient, image_format: str) -> None:
    buffer = io.BytesIO()
    Image.new("L", (20, 20)).save(buffer, image_format)
    assert post(client, buffer.getvalue(), content_type=f"image/{image_format.lower()}").status_code == 202


def test_one_multipart_image_is_answered_like_a_raw_one(client: FlaskClient, png: bytes) -> None:
    answer: Any = client.post("/v1/recognitions", data=parts(png))
    assert (answer.status_code, answer.json["status"]) == (202, "queued")


def test_several_multipart_images_are_several_recognitions(client: FlaskClient, png: bytes, recognizer: object) -> None:
    answer: Any = client.post("/v1/recognitions?wait=30", data=parts(png, png, png))
    assert answer.status_code == 200
    assert [each["text"] for each in answer.json["recognitions"]] == ["20"] * 3
    assert len({each["id"] for each in answer.json["recognitions"]}) == 3


def test_the_images_of_a_request_share_a_job(client: FlaskClient, png: bytes, redis: Redis) -> None:
    client.post("/v1/recognitions", data=parts(png, png, png))
    assert jobs.queue(redis, jobs.INTERACTIVE).count == 1


@pytest.mark.parametrize(
    ("count", "query", "queue"),
    [
        (1, "", "interactive"),
        (8, "", "interactive"),
        (9, "", "bulk"),
        (9, "?priority=interactive", "interactive"),
        (1, "?priority=bulk", "bulk"),
    ],
)
def test_many_images_or_the_word_bulk_go_to_the_bulk_queue(
    client: FlaskClient, png: bytes, redis: Redis, count: int, query: str, queue: str
) -> None:
    assert client.post(f"/v1/recognitions{query}", data=parts(*[png] * count)).status_code == 202
    assert [name for name in jobs.RECOGNITION_QUEUES if jobs.queue(redis, name).count] == [queue]


def test_a_bad_image_among_several_is_named_and_none_is_taken(
    client: FlaskClient, png: bytes, store: RecognitionStore
) -> None:
    answer: Any = client.post("/v1/recognitions", data=parts(png, b"no image"))
    assert answer.status_code == 415
    assert "image 2 of 2" in answer.json["detail"]
    assert store.pending().images == 0


def test_a_request_of_several_jobs_is_taken_whole_or_not_at_all(
    make_app: Callable[..., Flask], png: bytes, store: RecognitionStore, redis: Redis
) -> None:
    client = make_app(batch_size=2, max_pending_images=5).test_client()
    assert client.post("/v1/recognitions", data=parts(png, png, png)).status_code == 202
    assert jobs.queue(redis, jobs.INTERACTIVE).count == 2
    answer: Any = client.post("/v1/recognitions", data=parts(png, png, png))
    assert (answer.status_code, answer.json["title"]) == (503, "Queue is full")
    assert (store.pending().images, jobs.queue(redis, jobs.INTERACTIVE).count) == (3, 2)


def test_images_count_as_in_hand_until_they_are_stored(app: Flask, png: bytes) -> None:
    hold, may_store, arrived = app.extensions["digitscribe"], threading.Event(), threading.Event()
    hold.uploads_in_hand = Allowance(len(png), "uploads")

    def store_late(batch: Sequence[JobImages]) -> None:
        arrived.set()
        may_store.wait(10)

    hold.lanes[jobs.INTERACTIVE].close()
    hold.lanes[jobs.INTERACTIVE] = Lane("late", store_late, BatchLimits(images=64, pixels=10**9, window_s=0.0))
    with ThreadPoolExecutor(1) as others:
        first = others.submit(post, app.test_client(), png)
        arrived.wait(10)
        assert post(app.test_client(), png).json["title"] == "Gateway is busy"
        may_store.set()
        assert first.result(10).status_code == 202
    assert post(app.test_client(), png).status_code == 202


def test_an_answer_that_is_held_holds_no_image(
    app: Flask, png: bytes, idle_recognizer: Finisher, store: RecognitionStore
) -> None:
    hold = app.extensions["digitscribe"]
    gc.collect()  # what earlier tests left
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(post, app.test_client(), png, "?wait=30")
        until(lambda: store.pending().images == 1 and hold.hub._waiters)
        until(lambda: not images_held())
        assert not waiting.done()
        idle_recognizer.finish_all()
        assert waiting.result(30).json["text"] == "20"


def images_held() -> list[object]:
    return [each for each in gc.get_objects() if type(each) in (Submission, Upload, Parcel)]


def test_a_refusal_holds_no_image(make_app: Callable[..., Flask], png: bytes) -> None:
    client = make_app(max_pending_images=1).test_client()
    gc.collect()
    gc.disable()  # what only the collector of cycles frees may lie there for long
    try:
        answers = [post(client, png).status_code for _ in range(4)]
        until(lambda: not images_held())
    finally:
        gc.enable()
    assert answers == [202, 503, 503, 503]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_frame_says_which_moving_picture_it_is_of(client: FlaskClient, png: bytes) -> None:
    answer = post(client, png, f"?source=webcam&live=true&sequence={'a' * 32}")
    assert (answer.json["live"], answer.json["sequence"]) == (True, "a" * 32)


def test_a_drawing_is_named_by_an_id_and_each_of_its_stages_is_a_reading(client: FlaskClient, png: bytes) -> None:
    answer = post(client, png, f"?source=canvas&sequence={'b' * 32}")
    assert (answer.json.get("live"), answer.json["sequence"]) == (None, "b" * 32)


@pytest.mark.parametrize("sequence", ["", "a", "A" * 32, "a" * 33, "g" * 32])
def test_a_moving_picture_is_named_by_an_id(client: FlaskClient, png: bytes, sequence: str) -> None:
    assert post(client, png, f"?live=true&sequence={sequence}").status_code == 400


def test_the_source_is_kept(client: FlaskClient, png: bytes) -> None:
    recognition_id = post(client, png, "?source=canvas").json["id"]
    found: Any = client.get(f"/v1/recognitions/{recognition_id}")
    assert found.json["source"] == "canvas"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("?wait=31", "0 to 30"),
        ("?wait=nan", "number"),
        ("?wait=-1", "number"),
        ("?wait=1_0", "number"),
        ("?wait=", "number"),
        ("?source=camera", "upload"),
        ("?priority=urgent", "bulk"),
        ("?wiat=1", "wait"),
        ("?wait=1&wait=2", "once"),
    ],
)
def test_a_wrong_query_is_refused_in_words(client: FlaskClient, png: bytes, query: str, word: str) -> None:
    answer = post(client, png, query)
    assert answer.status_code == 400
    assert word in answer.json["detail"]


def test_a_body_of_another_type_is_refused(client: FlaskClient, png: bytes) -> None:
    assert post(client, png, content_type="application/octet-stream").status_code == 415


def test_too_many_pixels_are_refused_before_decoding(make_app: Callable[..., Flask]) -> None:
    buffer = io.BytesIO()
    Image.new("1", (2000, 2000)).save(buffer, "PNG")
    answer = post(make_app(max_image_megapixels=1).test_client(), buffer.getvalue())
    assert (answer.status_code, answer.json["type"]) == (413, "urn:digitscribe:problem:image-too-large")


@pytest.mark.parametrize("size", [1_000_001, 30_000_000])
def test_too_many_bytes_are_refused(make_app: Callable[..., Flask], size: int) -> None:
    answer = post(make_app(max_image_megabytes=1).test_client(), b"\x89PNG" + bytes(size))
    assert (answer.status_code, answer.json["status"]) == (413, 413)


def test_a_full_queue_is_503_with_a_time_to_come_back(make_app: Callable[..., Flask], png: bytes) -> None:
    client = make_app(max_pending_images=1).test_client()
    assert post(client, png).status_code == 202
    answer = post(client, png)
    assert (answer.status_code, answer.json["title"]) == (503, "Queue is full")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_request_with_more_images_than_there_is_room_for_is_refused_whole(
    make_app: Callable[..., Flask], png: bytes, store: RecognitionStore
) -> None:
    answer: Any = make_app(max_pending_images=2).test_client().post("/v1/recognitions", data=parts(png, png, png))
    assert answer.status_code == 503
    assert store.pending().images == 0


def test_an_address_that_sends_too_fast_is_429(make_app: Callable[..., Flask], png: bytes) -> None:
    client = make_app(rate_limit_per_s=1).test_client()
    answers = [client.post("/v1/recognitions", data=parts(*[png] * 40)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert int(answers[1].headers["Retry-After"]) >= 1


def test_the_newest_come_first(client: FlaskClient, png: bytes, recognizer: object) -> None:
    ids = [post(client, png, "?wait=30").json["id"] for _ in range(3)]
    listed: Any = client.get("/v1/recognitions?limit=2")
    assert [each["id"] for each in listed.json["recognitions"]] == ids[:0:-1]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=501", "?limit=ten", "?limit=1.5", "?page=2"])
def test_a_wrong_limit_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/v1/recognitions{query}").status_code == 400


@pytest.mark.parametrize("wait", ["", "?wait=5"])
def test_an_unknown_recognition_is_404_at_once(client: FlaskClient, wait: str) -> None:
    answer = client.get(f"/v1/recognitions/{'0' * 32}{wait}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_picture_that_the_model_saw_is_a_png(client: FlaskClient, png: bytes, recognizer: object) -> None:
    recognition_id = post(client, png, "?wait=30").json["id"]
    answer = client.get(f"/v1/recognitions/{recognition_id}/digits/1/image")
    picture = Image.open(io.BytesIO(answer.data))
    assert (answer.content_type, picture.mode, picture.size) == ("image/png", "L", (28, 28))
    assert [picture.getpixel((column, 3)) for column in range(28)] == [column * 9 + 1 for column in range(28)]


@pytest.mark.parametrize("index", ["2", "-1", "x", "٣", "9999999"])
def test_a_digit_that_is_not_there_has_no_picture(
    client: FlaskClient, png: bytes, recognizer: object, index: str
) -> None:
    recognition_id = post(client, png, "?wait=30").json["id"]
    assert client.get(f"/v1/recognitions/{recognition_id}/digits/{index}/image").status_code == 404
