"""How many images a second go through Redis, RQ and the recognizer, with a twin in the model server's place.

    python -m tools.benchmark_queue --images 2048 --batch 64 --recognizers 1

The twin answers at once, so what is measured is everything around the model. Starts a Redis of its own.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from digitscribe.contracts import Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs
from digitscribe.queueing.connection import connect
from digitscribe.queueing.store import RecognitionStore, Submission
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import QueueSettings
from PIL import Image, ImageDraw

from tools.machine import machine


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--recognizers", type=int, default=1)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        url = stack.enter_context(_redis())
        twin = stack.enter_context(ServingTwin())
        for _ in range(arguments.recognizers):
            stack.enter_context(_recognizer(url, twin.target))
        redis = stack.enter_context(connect(url, retries=60))
        store = RecognitionStore(redis, QueueSettings(max_pending_images=1_000_000))
        _read(store, 64, 64)  # everything is imported and connected after this
        print(f"{machine()}, {arguments.recognizers} recognizers")
        rate = _rate(store, arguments.images, arguments.batch)
        print(f"{arguments.images} images in batches of {arguments.batch}: {rate:.0f} images/s")
        times = sorted(_one_ms(store) for _ in range(100))
        print(f"one image at a time: median {statistics.median(times):.1f} ms, 99th {times[98]:.1f} ms")


def _rate(store: RecognitionStore, images: int, batch: int) -> float:
    began = time.perf_counter()
    _read(store, images, batch)
    return images / (time.perf_counter() - began)


def _one_ms(store: RecognitionStore) -> float:
    began = time.perf_counter()
    _read(store, 1, 1)
    return (time.perf_counter() - began) * 1000


def _read(store: RecognitionStore, images: int, batch: int) -> None:
    picture = _picture()
    for start in range(0, images, batch):
        store.accept(jobs.BULK, [_submission(picture) for _ in range(min(batch, images - start))])
    while store.pending().images:
        time.sleep(0.0005)


def _submission(picture: bytes) -> Submission:
    return Submission(Recognition(id=jobs.new_id(), status=RecognitionStatus.QUEUED, created_at=now()), picture)


def _picture() -> bytes:
    """A stroke of a pen on a sheet of 280×280 pixels, as the page's canvas sends it: PNG."""
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(90, 60), (190, 60), (120, 220)], fill=0, width=18, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def _redis() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    executable = shutil.which("redis-server") or str(Path(sys.executable).with_name("redis-server"))
    with tempfile.TemporaryDirectory() as folder:
        command = [executable, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"]
        yield from _running(command, {}, f"redis://127.0.0.1:{port}/0")


@contextmanager
def _recognizer(redis_url: str, serving: str) -> Iterator[str]:
    settings = {"DIGITSCRIBE_REDIS_URL": redis_url, "DIGITSCRIBE_SERVING_GRPC": serving}
    command = [sys.executable, "-m", "recognizer"]
    yield from _running(command, {**settings, "DIGITSCRIBE_LOG_LEVEL": "WARNING"}, "recognizer")


def _running(command: list[str], env: dict[str, str], handle: str) -> Iterator[str]:
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        yield handle
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
