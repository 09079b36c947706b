"""One look through a source: what is seen is shown, and what is not seen is explained."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Generator
from threading import Event

import numpy as np
import pytest
from camera_worker.plan import TRIAL_ID
from camera_worker.sources.base import Shot
from camera_worker.trial import PICTURE_SIDE, WARM_UP, look
from digitscribe.errors import CameraUnavailable
from PIL import Image

FRAME = np.full((720, 1280, 3), 180, np.uint8)


class FakeSource:
    """A source whose frames, fault and patience a test sets."""

    name = "rtsp://***@camera/stream"

    def __init__(self, frames: int, *, live: bool = True, fault: Exception | None = None, hangs: bool = False) -> None:
        self.live, self.taken = live, 0
        self._frames, self._fault, self._hangs = frames, fault, hangs
        self.let_go = Event()

    def shots(self) -> Generator[Shot]:
        for _ in range(self._frames):
            self.taken += 1
            yield Shot(FRAME)
        if self._hangs:
            self.let_go.wait(30)
        if self._fault:
            raise self._fault


def test_a_trial_logs_as_its_service_does() -> None:
    settings = {"DIGITSCRIBE_GATEWAY_URL": "http://127.0.0.1:9", TRIAL_ID: "a" * 32}
    command = [sys.executable, "-m", "camera_worker.trial"]
    ran = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=True
    )
    assert re.search(r"WARNING +camera-worker .* the result of a trial is lost", ran.stderr)


def test_a_picture_is_shown_no_larger_than_it_need_be() -> None:
    seen = look(FakeSource(100))
    assert (seen.problem, seen.width, seen.height) == (None, 1280, 720)
    assert seen.picture
    assert Image.open(io.BytesIO(base64.b64decode(seen.picture))).convert("L").size == (PICTURE_SIDE, 540)


@pytest.mark.parametrize(("live", "taken"), [(True, WARM_UP), (False, 1)])
def test_a_live_source_may_set_its_exposure_first(live: bool, taken: int) -> None:
    source = FakeSource(100, live=live)
    look(source)
    assert source.taken == taken


def test_a_source_that_does_not_open_says_why_without_its_password() -> None:
    fault = CameraUnavailable("rtsp://admin:hunter2@camera/stream does not open; check the address")
    seen = look(FakeSource(0, fault=fault))
    assert seen.picture is None
    assert seen.problem == "rtsp://***@camera/stream does not open; check the address"


def test_an_error_that_nobody_foresaw_is_not_taken_for_a_source_that_sends_nothing() -> None:
    seen = look(FakeSource(0, fault=ValueError("odd")))
    assert seen.problem == "the source failed unexpectedly (ValueError: odd)"


def test_a_source_that_hangs_is_given_up() -> None:
    source = FakeSource(0, hangs=True)
    seen = look(source, patience_s=0.05)
    source.let_go.set()
    assert seen.problem
    assert "no picture within" in seen.problem


def test_one_frame_of_a_source_that_then_fails_is_enough() -> None:
    assert look(FakeSource(2, fault=CameraUnavailable("gone"))).problem is None


def test_an_empty_file_holds_no_picture() -> None:
    assert "holds no picture" in (look(FakeSource(0, live=False)).problem or "")
