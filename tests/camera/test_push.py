"""Frames on their way to the gateway, over real HTTP."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from camera_worker.push import Answer, Delivery, Gate, Gateway
from digitscribe.backoff import Backoff, retry_after_s
from digitscribe.contracts import CameraFrame, Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from hypothesis import given
from hypothesis import strategies as st

FRAME = CameraFrame(captured_at=now(), width=640, height=480, digits=())
TAKEN, AWAY, REFUSED = (Answer(each) for each in (Delivery.TAKEN, Delivery.AWAY, Delivery.REFUSED))


def gate() -> Gate:
    return Gate(Backoff(first_s=1, cap_s=10, rng=lambda: 1.0))


def test_an_open_gate_does_not_wait() -> None:
    assert gate().wait_s(0.0) == 0


def test_a_gate_closes_longer_after_each_failure() -> None:
    closing, waits = gate(), []
    for now_s in (0, 100, 200):
        closing.note(AWAY, now_s)
        waits.append(closing.wait_s(now_s))
    assert waits == [1, 2, 4]


@pytest.mark.parametrize("answer", [TAKEN, REFUSED])
def test_a_gateway_that_answers_opens_the_gate(answer: Answer) -> None:
    opening = gate()
    opening.note(AWAY, 0)
    opening.note(answer, 1)
    assert opening.wait_s(1) == 0


@pytest.mark.parametrize(("asked_s", "wait_s"), [(7.0, 7), (0.1, 1), (3600.0, 60)])
def test_the_gateways_wish_is_honoured_within_reason(asked_s: float, wait_s: float) -> None:
    asked = gate()
    asked.note(Answer(Delivery.AWAY, retry_after_s=asked_s), 0)
    assert asked.wait_s(0) == wait_s


def test_a_frame_arrives_as_it_was_sent(frame_server: Any) -> None:
    gateway = Gateway(frame_server.url, "desk")
    assert gateway.post(FRAME).delivery is Delivery.TAKEN
    assert frame_server.paths == ["/v1/cameras/desk/frames"]
    assert frame_server.frames[0].width == 640
    gateway.close()


def test_all_frames_travel_on_one_connection(frame_server: Any) -> None:
    gateway = Gateway(frame_server.url, "desk")
    for _ in range(5):
        gateway.post(FRAME)
    assert len(frame_server.frames) == 5
    assert len(frame_server.connections) == 1
    gateway.close()


def test_the_wait_is_asked_for(frame_server: Any) -> None:
    gateway = Gateway(frame_server.url, "desk", wait_s=1.0)
    gateway.post(FRAME)
    assert frame_server.paths == ["/v1/cameras/desk/frames?wait=1"]
    gateway.close()


def test_a_recognition_in_the_answer_is_understood(frame_server: Any) -> None:
    recognition = Recognition(id="a" * 32, status=RecognitionStatus.DONE, created_at=now(), text="7")
    frame_server.reply = lambda _: (200, {}, recognition.model_dump_json(exclude_none=True).encode())
    gateway = Gateway(frame_server.url, "desk")
    answer = gateway.post(FRAME)
    assert answer.recognition is not None
    assert answer.recognition.text == "7"
    gateway.close()


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (200, "taken"),
        (202, "taken"),
        (302, "refused"),
        (400, "refused"),
        (404, "refused"),
        (408, "away"),
        (413, "refused"),
        (429, "away"),
        (500, "away"),
        (503, "away"),
    ],
)
def test_each_status_means_what_it_says(frame_server: Any, status: int, delivery: str) -> None:
    frame_server.reply = lambda _: (status, {}, b"{}")
    gateway = Gateway(frame_server.url, "desk")
    assert gateway.post(FRAME).delivery is Delivery(delivery)
    gateway.close()


def test_retry_after_is_read(frame_server: Any) -> None:
    frame_server.reply = lambda _: (503, {"Retry-After": "4"}, b"{}")
    gateway = Gateway(frame_server.url, "desk")
    assert gateway.post(FRAME).retry_after_s == 4
    gateway.close()


def test_a_gateway_that_is_down_is_an_answer_and_no_error(frame_server: Any) -> None:
    frame_server.server.kill()
    gateway = Gateway(frame_server.url, "desk")
    assert gateway.post(FRAME).delivery is Delivery.AWAY
    gateway.close()


def test_a_gateway_that_comes_back_is_found_again(frame_server: Any) -> None:
    gateway = Gateway(frame_server.url, "desk")
    gateway.post(FRAME)
    frame_server.server.kill()
    frame_server.server.start()
    deadline = time.monotonic() + 30
    while gateway.post(FRAME).delivery is not Delivery.TAKEN:
        assert time.monotonic() < deadline
    gateway.close()


def test_a_gateway_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_worker.push.ANSWER_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        gateway = Gateway(f"http://127.0.0.1:{listening.getsockname()[1]}", "desk")
        assert gateway.post(FRAME).delivery is Delivery.AWAY
        gateway.close()


def test_a_password_of_the_gateway_is_not_logged(caplog: pytest.LogCaptureFixture, frame_server: Any) -> None:
    frame_server.reply = lambda _: (503, {}, b"ask http://user:S3CRET@gateway/ again")
    gateway = Gateway(frame_server.url, "desk")
    gateway.post(FRAME)
    assert "does not take frames" in caplog.text
    assert "S3CRET" not in caplog.text
    gateway.close()


def test_a_gateway_that_stays_away_is_told_of_once(caplog: pytest.LogCaptureFixture, frame_server: Any) -> None:
    frame_server.reply = lambda _: (503, {}, b"{}")
    gateway = Gateway(frame_server.url, "desk")
    for _ in range(5):
        gateway.post(FRAME)
    assert caplog.text.count("does not take frames") == 1
    gateway.close()


def test_retry_after_may_be_a_date() -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after_s({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, moment) == 9


@given(st.text(max_size=40))
def test_a_wild_retry_after_is_a_number_of_seconds_or_nothing(value: str) -> None:
    seconds = retry_after_s({"retry-after": value})
    assert seconds is None or seconds >= 0
