"""The history: what is listed, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from digitscribe.contracts import Box, Digit, Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.errors import DigitscribeError
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.history import STEADY_AFTER, HistoryFilter, HistoryPage
from digitscribe.queueing.store import Outcome, RecognitionStore, Submission
from digitscribe.settings import QueueSettings
from redis import Redis

Read = Callable[..., str]


@pytest.fixture
def store(redis: Redis, redis_url: str) -> RecognitionStore:
    """An empty store."""
    return RecognitionStore(redis, QueueSettings(redis_url=redis_url))


@pytest.fixture
def read(store: RecognitionStore) -> Read:
    """Has an image read; answers its id."""
    return reader_into(store)


def reader_into(store: RecognitionStore) -> Read:
    def read(text: str, confidence: float = 0.99, **values: object) -> str:
        begun = Recognition(id=jobs.new_id(), created_at=now(), **{"status": RecognitionStatus.QUEUED} | values)  # type: ignore[arg-type]
        store.accept(jobs.INTERACTIVE, [Submission(begun, b"image")])
        box = Box(x=0, y=0, width=9, height=9)
        digits = [
            Digit(index=place, digit=int(letter), confidence=confidence, row=0, box=box)
            for place, letter in enumerate(text.replace("\n", ""))
        ]
        ended = {"status": RecognitionStatus.DONE, "text": text, "digits": tuple(digits), "model_version": 1} | values
        store.finish([Outcome(begun.model_copy(update=ended), crops=bytes(784 * len(digits)))])
        return begun.id

    return read


def _texts(store: RecognitionStore, **wanted: object) -> list[str | None]:
    return [each.text for each in store.history.page(50, HistoryFilter(**wanted)).recognitions]  # type: ignore[arg-type]


def test_pages_follow_each_other_without_gap_or_repetition(store: RecognitionStore, read: Read) -> None:
    for number in range(7):
        read(str(number))
    first = store.history.page(3)
    second = store.history.page(3, before=first.next)
    last = store.history.page(3, before=second.next)
    texts = [[each.text for each in page.recognitions] for page in (first, second, last)]
    assert texts == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert last.next is None


def test_last_page_says_so_even_if_it_is_full(store: RecognitionStore, read: Read) -> None:
    read("1")
    read("2")
    assert store.history.page(2).next is None


def test_failures_follow_each_other_page_by_page(store: RecognitionStore, read: Read) -> None:
    error = DigitscribeError("away").to_problem()
    failed = [read("", status=RecognitionStatus.FAILED, error=error) for _ in range(7)]
    page, listed = store.failures.page(3), list[list[str]]()
    while page.recognitions:
        listed.append([each.id for each in page.recognitions])
        page = store.failures.page(3, page.next) if page.next else HistoryPage((), None)
    assert [len(each) for each in listed] == [3, 3, 1]
    assert sorted(each for ids in listed for each in ids) == sorted(failed)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"text": "34"}, ["12\n34", "345"]),
        ({"text": "23"}, ["12\n34"]),
        ({"below": 0.9}, ["12\n34"]),
        ({"version": 2}, ["7"]),
        ({"source": Source.CANVAS}, ["345"]),
        ({"status": RecognitionStatus.FAILED}, [""]),
    ],
)
def test_filters(store: RecognitionStore, read: Read, wanted: dict[str, object], found: list[str]) -> None:
    read("345", source=Source.CANVAS)
    read("", status=RecognitionStatus.FAILED, model_version=None)
    read("7", model_version=2)
    read("12\n34", confidence=0.6)
    assert _texts(store, **wanted) == found


CAMERA = {"source": Source.CAMERA, "camera": "demo"}


LIVE = {"source": Source.WEBCAM, "live": True}


def _lifetimes(redis: Redis, recognition_id: str) -> list[int]:
    """How long record and crops are kept, in seconds; -2: not at all."""
    return [redis.ttl(key) for key in (keys.recognition(recognition_id), keys.crops(recognition_id))]


@pytest.mark.parametrize("frame", [CAMERA, LIVE])
def test_frame_that_is_not_listed_is_kept_for_minutes_and_one_that_is_for_a_day(
    read: Read, redis: Redis, frame: dict[str, object]
) -> None:
    ids = [read("20", **frame) for _ in range(5)]
    kept = {each: _lifetimes(redis, each) for each in ids}
    long = {each for each, lifetimes in kept.items() if all(86_300 < ttl <= 86_400 for ttl in lifetimes)}
    short = {each for each, lifetimes in kept.items() if all(500 < ttl <= 600 for ttl in lifetimes)}
    assert (long, short) == ({ids[2]}, {*ids} - {ids[2]})


@pytest.mark.parametrize("image", [{}, {"source": Source.WEBCAM}, {"steps": True}])
def test_image_is_kept_for_a_day(read: Read, redis: Redis, image: dict[str, object]) -> None:
    assert min(_lifetimes(redis, read("20", **image))) > 86_300


def test_no_more_listed_frames_are_kept_than_the_history_has_entries(redis: Redis, redis_url: str) -> None:
    read = reader_into(RecognitionStore(redis, QueueSettings(redis_url=redis_url, events_kept=100)))
    image = read("20")
    listed = [[read(str(number), **CAMERA) for _ in range(STEADY_AFTER)][-1] for number in range(102)]
    gone = [each for each in listed if _lifetimes(redis, each) == [-2, -2]]
    assert gone == listed[:2]
    assert min(_lifetimes(redis, image)) > 86_300


@pytest.mark.parametrize("frame", [CAMERA, LIVE])
def test_nothing_stays_of_a_frame_that_failed(
    store: RecognitionStore, read: Read, redis: Redis, frame: dict[str, object]
) -> None:
    error = DigitscribeError("the model server is away").to_problem()
    failed = read("", status=RecognitionStatus.FAILED, error=error, **frame)
    assert (store.failures.page(10).recognitions, redis.exists(keys.image(failed))) == ((), 0)
    assert redis.ttl(keys.recognition(failed)) <= 600


@pytest.mark.parametrize("frame", [CAMERA, LIVE])
def test_moving_picture_is_listed_once_three_frames_agree(
    store: RecognitionStore, read: Read, frame: dict[str, object]
) -> None:
    for text in ("20", "2047", "2047", "2047", "2047", "204", "2047", "2047", "2047", "", "31", "31", "31"):
        read(text, **frame)
    assert _texts(store) == ["31", "2047"]


def test_number_that_comes_back_after_an_empty_picture_is_listed_again(store: RecognitionStore, read: Read) -> None:
    for text in ("7", "7", "7", "", "", "", "7", "7", "7"):
        read(text, **CAMERA)
    assert _texts(store) == ["7", "7"]


@pytest.mark.parametrize("frame", [CAMERA, LIVE])
@pytest.mark.parametrize("texts", [["42", "42", None, "42"], ["42", "42", "42", None, None, None, "42", "42", "42"]])
def test_frames_that_failed_neither_hide_a_reading_nor_list_it_twice(
    store: RecognitionStore, read: Read, texts: list[str | None], frame: dict[str, object]
) -> None:
    for text in texts:
        if text is None:
            read("", status=RecognitionStatus.FAILED, **frame)
        else:
            read(text, **frame)
    assert _texts(store) == ["42"]


def test_cameras_do_not_disturb_each_other(store: RecognitionStore, read: Read) -> None:
    for _ in range(3):
        read("1", source=Source.CAMERA, camera="one")
        read("2", source=Source.CAMERA, camera="two")
    assert _texts(store) == ["2", "1"]


def test_two_webcams_at_once_are_each_listed(store: RecognitionStore, read: Read) -> None:
    for _ in range(3):
        read("1", **LIVE, sequence="1" * 32)
        read("2", **LIVE, sequence="2" * 32)
    assert _texts(store) == ["2", "1"]


@pytest.mark.parametrize("frame", [CAMERA, {**LIVE, "sequence": "1" * 32}])
def test_what_is_known_of_a_moving_picture_expires(read: Read, redis: Redis, frame: dict[str, object]) -> None:
    read("1", **frame)
    runs = redis.keys(keys.history_run("*"))
    assert [0 < redis.ttl(key) <= 3600 for key in runs] == [True]


def test_snapshot_is_always_listed(store: RecognitionStore, read: Read) -> None:
    read("7", source=Source.WEBCAM)
    assert _texts(store) == ["7"]


def test_look_at_how_something_was_read_is_no_reading(store: RecognitionStore, read: Read) -> None:
    read("7", steps=True)
    assert _texts(store) == []


def test_last_word_on_a_digit_counts(store: RecognitionStore, read: Read) -> None:
    one, other = read("12"), read("3")
    store.labels.add(one, 0, 7)
    store.labels.add(one, 1, None)
    store.labels.add(one, 0, 4)
    assert store.labels.of([one, other]) == {one: {0: 4, 1: None}}
