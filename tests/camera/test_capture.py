"""The capture thread against real sources, and against one that hangs as only a driver can."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from camera_worker import demo
from camera_worker.capture import Capture
from camera_worker.counters import Counters
from camera_worker.image import Captured
from camera_worker.mailbox import Mailbox
from camera_worker.sources import DemoSource, Shot, Source, UrlSource, VideoSource
from digitscribe.backoff import Backoff
from digitscribe.errors import CameraUnavailable

Until = Callable[..., None]


class Rig:
    """A capture with what it needs."""

    def __init__(self) -> None:
        self.mailbox: Mailbox[Captured] = Mailbox()
        self.counters = Counters()
        self.capture: Capture | None = None

    def start(self, source: Source, *, fps: float = 60, stall_s: float = 5, loop: bool = True) -> Capture:
        self.capture = Capture(
            source,
            self.mailbox,
            self.counters,
            fps=fps,
            max_side=1280,
            stall_s=stall_s,
            loop=loop,
            backoff=Backoff(first_s=0.02, cap_s=0.1),
        )
        self.capture.start()
        return self.capture

    def count(self, name: str) -> int:
        return self.counters.snapshot()[name]


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    if rig.capture:
        rig.capture.stop(timeout_s=10)


class Scripted:
    """A source whose life is a list: numbers are frames, errors are raised, events are waited for without end."""

    name = "scripted"

    def __init__(self, *lives: Sequence[object], live: bool = True) -> None:
        self.live = live
        self._lives = iter(lives)

    def shots(self) -> Generator[Shot]:
        for step in next(self._lives, []):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Event):
                step.wait()
            elif isinstance(step, int):
                yield Shot(np.full((2, 2, 3), step, np.uint8))
        if self.live:
            raise CameraUnavailable("its life is over")


def test_a_live_source_is_never_held_up_and_what_is_overtaken_counts(rig: Rig, until: Until) -> None:
    rig.start(Scripted([1, 2, 3, 4, 5]), fps=1e9)
    until(lambda: rig.count("captured") == 5)
    until(lambda: rig.count("dropped") == 4)
    taken = rig.mailbox.take(timeout_s=5)
    assert taken is not None
    assert taken.image[0, 0, 0] == 5


def test_frames_beyond_the_wanted_pace_are_skipped(rig: Rig, until: Until) -> None:
    rig.start(Scripted([1, 2, 3, 4, 5]), fps=0.001)
    until(lambda: rig.count("skipped") == 4)
    assert rig.count("dropped") == 0


def test_a_file_waits_and_loses_nothing(
    rig: Rig, video: Path, number_of: Callable[[np.ndarray], int], until: Until
) -> None:
    capture = rig.start(VideoSource(video), fps=1, loop=False)
    taken = [rig.mailbox.take(timeout_s=10) for _ in range(20)]
    assert [number_of(each.image) for each in taken if each] == list(range(20))
    until(lambda: capture.ended)


def test_a_file_begins_again(rig: Rig, video: Path, number_of: Callable[[np.ndarray], int]) -> None:
    capture = rig.start(VideoSource(video))
    taken = [rig.mailbox.take(timeout_s=10) for _ in range(41)]
    assert [number_of(each.image) for each in taken if each] == [*range(20), *range(20), 0]
    assert not capture.ended
    assert rig.count("reconnects") == 0


class Album(Scripted):
    """A folder of one picture, which is shown for `SHOWN_S`."""

    SHOWN_S = 0.2

    def shots(self) -> Generator[Shot]:
        yield Shot(np.zeros((2, 2, 3), np.uint8), self.SHOWN_S)


def test_the_last_picture_of_a_round_lasts_as_long_as_any(rig: Rig) -> None:
    rig.start(Album(live=False))
    taken = [rig.mailbox.take(timeout_s=10) for _ in range(6)]
    times = [each.captured_at for each in taken if each]
    assert (times[-1] - times[0]).total_seconds() > 4 * Album.SHOWN_S


def test_a_source_that_dies_is_opened_again_and_that_counts(rig: Rig, until: Until) -> None:
    rig.start(Scripted([1], [CameraUnavailable("away")], [OSError("still away")], [2], [3]))
    until(lambda: rig.count("captured") == 3)
    assert rig.count("reconnects") == 2


def test_an_error_that_nobody_foresaw_is_told_and_the_source_is_opened_again(
    caplog: pytest.LogCaptureFixture, rig: Rig, until: Until
) -> None:
    released, end = Event(), Event()
    capture = rig.start(Scripted([1, ValueError("rtsp://user:S3CRET@cam/ is odd")], [released, 2, end]))
    until(lambda: capture.trouble is not None)
    assert capture.trouble == "the source failed unexpectedly (ValueError: rtsp://***@cam/ is odd)"
    until(lambda: any(record.exc_info for record in caplog.records))
    released.set()
    until(lambda: rig.count("reconnects") == 1)
    assert capture.trouble is None
    end.set()


def test_a_demo_whose_digits_are_missing_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rig: Rig, until: Until
) -> None:
    demo._sample.cache_clear()
    monkeypatch.setattr(demo, "SAMPLE", tmp_path / "sample.png")
    capture = rig.start(DemoSource())
    until(lambda: capture.trouble is not None)
    assert "sample.png is missing or damaged; install the package again" in (capture.trouble or "")


def test_a_camera_that_was_never_there_is_no_reconnect(rig: Rig, until: Until, camera: Any) -> None:
    rig.start(UrlSource(camera.url, stall_s=5))
    until(lambda: rig.count("captured") > 3)
    assert rig.count("reconnects") == 0


def test_a_network_camera_that_is_killed_comes_back(rig: Rig, until: Until, camera: Any) -> None:
    rig.start(UrlSource(camera.url, stall_s=5))
    until(lambda: rig.count("captured") > 3)
    camera.kill()
    rig.mailbox.take(timeout_s=0)
    camera.start()
    until(lambda: rig.count("reconnects") == 1)
    assert rig.mailbox.take(timeout_s=10) is not None


def test_a_network_camera_that_falls_silent_is_opened_again(rig: Rig, until: Until, camera: Any) -> None:
    rig.start(UrlSource(camera.url, stall_s=0.4))
    until(lambda: rig.count("captured") > 3)
    camera.silent.set()
    until(lambda: len(camera.clients) > 1)
    camera.silent.clear()
    until(lambda: rig.count("reconnects") >= 1)


def test_a_driver_that_hangs_is_left_behind(rig: Rig, until: Until) -> None:
    for_ever = Event()
    capture = rig.start(Scripted([1, for_ever], [2, for_ever]), stall_s=0.01)
    capture._hang_s = 0.05

    def second_life() -> bool:
        capture.watch()
        return rig.count("captured") == 2

    until(second_life)
    assert rig.count("reconnects") == 1
    for_ever.set()


def test_a_driver_that_hangs_again_and_again_needs_a_new_process(rig: Rig, until: Until) -> None:
    for_ever = Event()
    capture = rig.start(Scripted(*[[1, for_ever]] * 10))
    capture._hang_s = 0.05

    def gives_up() -> bool:
        try:
            capture.watch()
        except CameraUnavailable as error:
            return "started anew" in str(error)
        return False

    until(gives_up)
    for_ever.set()


def test_a_thread_that_was_left_behind_delivers_nothing_more(rig: Rig, until: Until) -> None:
    hanging = Event()
    capture = rig.start(Scripted([1, hanging, 99, 99], [2]))
    until(lambda: rig.count("captured") == 1)
    first = capture._reading.thread
    capture._give_up()
    capture.start()
    until(lambda: rig.count("captured") == 2)
    hanging.set()
    assert first is not None
    first.join(10)
    assert rig.count("captured") == 2


def test_the_wait_grows_while_a_source_fails(caplog: pytest.LogCaptureFixture, rig: Rig, until: Until) -> None:
    with caplog.at_level(logging.WARNING):
        rig.start(Scripted(*[[CameraUnavailable("away")]] * 5))
        until(lambda: len(caplog.records) >= 5)
    assert "away; next try in 0.0 s" in caplog.text
    assert "away; next try in 0.1 s" in caplog.text


def test_a_password_in_an_error_is_not_logged(caplog: pytest.LogCaptureFixture, rig: Rig, until: Until) -> None:
    with caplog.at_level(logging.WARNING):
        rig.start(Scripted([OSError("rtsp://user:S3CRET@cam/ is away")]))
        until(lambda: "is away" in caplog.text)
    assert "S3CRET" not in caplog.text
