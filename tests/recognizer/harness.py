"""What the recognizer's tests share: pictures, submissions, and recognizers as processes of their own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from digitscribe.contracts import Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs
from digitscribe.queueing.store import RecognitionStore, Submission
from PIL import Image, ImageDraw

UNKIND = Path(__file__).with_name("unkind_recognizer.py")
"""A recognizer whose vision dies of POISON and hangs on HANG."""

POISON = b"POISON"
HANG = b"HANG"

_PATIENCE_S = 60.0


def strokes(count: int) -> bytes:
    """A PNG with `count` strokes of ink next to each other, each of which vision takes for a digit."""
    image = Image.new("L", (40 * count + 40, 100), 255)
    draw = ImageDraw.Draw(image)
    for place in range(count):
        draw.line([(40 + 40 * place, 20), (40 + 40 * place, 80)], fill=0, width=6)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def submission(image: bytes, source: Source = Source.UPLOAD, camera: str | None = None) -> Submission:
    """An image as the gateway submits it."""
    record = Recognition(
        id=jobs.new_id(), status=RecognitionStatus.QUEUED, source=source, camera=camera, created_at=now()
    )
    return Submission(record, image)


def accept(store: RecognitionStore, images: Sequence[bytes], queue: str = jobs.INTERACTIVE) -> list[str]:
    """Accept `images` as one batch; their ids."""
    batch = [submission(image) for image in images]
    store.accept(queue, batch)
    return [each.recognition.id for each in batch]


def recognition(store: RecognitionStore, recognition_id: str) -> Recognition:
    """The record, which must be there."""
    found = store.get(recognition_id)
    assert found is not None
    return found


def statuses(store: RecognitionStore, ids: Sequence[str]) -> list[str]:
    """The status of each of `ids`."""
    return [recognition(store, each).status.value for each in ids]


def problem(store: RecognitionStore, recognition_id: str) -> str:
    """The last part of the type of the problem that a recognition failed with."""
    error = recognition(store, recognition_id).error
    assert error is not None
    return error.type.rpartition(":")[2]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return when `condition` holds; fail the test when it takes implausibly long."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {_PATIENCE_S} s for {what}"
        time.sleep(0.02)


def wait_for_all(store: RecognitionStore) -> None:
    """Return when nothing that was accepted is unfinished."""
    wait_until(lambda: store.pending().images == 0, "all images to be finished")


@contextmanager
def recognizer(env: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A recognizer process; ended, if need be by force, when the context ends."""
    process = start(env, *command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def supervised(env: dict[str, str], *command: str) -> Iterator[list[int]]:
    """A recognizer that is started again whenever it ends, as a process manager does; the list holds exit codes."""
    codes: list[int] = []
    stopping = threading.Event()
    current = [start(env, *command)]

    def watch() -> None:
        while True:
            code = current[0].wait()
            if stopping.is_set():
                return
            codes.append(code)
            current[0] = start(env, *command)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield codes
    finally:
        stopping.set()
        current[0].kill()
        watcher.join()


def start(env: dict[str, str], *command: str, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Start a recognizer with DIGITSCRIBE_… settings `env`."""
    arguments = command or ("-m", "recognizer")
    settings = {f"DIGITSCRIBE_{name}": value for name, value in env.items()}
    return subprocess.Popen([sys.executable, *arguments], env={**os.environ, **settings}, stderr=stderr)
