"""Real servers for the camera worker: one that takes frames, and a network camera that can be killed."""

from __future__ import annotations

import base64
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from digitscribe.contracts import CameraFrame, CameraReport
from hypothesis import HealthCheck, settings

# A machine that is busy with other tests may take long over any example; slowness is no fault here.
settings.register_profile("camera", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("camera")

Reply = tuple[int, dict[str, str], bytes]


def until(holds: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait until `holds`; a claim that does not come true in time fails the test."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


class _Server:
    """An HTTP server in a thread, which can be killed and started again on the same port."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._handler = handler
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        ThreadingHTTPServer.daemon_threads = True
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def kill(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@dataclass
class FrameServer:
    """What a gateway is for a camera worker: keeps the frames; each reply can be prescribed."""

    frames: list[CameraFrame] = field(default_factory=list)
    reports: list[CameraReport] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    reply: Callable[[CameraFrame], Reply] = lambda _: (202, {}, b"{}")
    server: _Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return self.server.address

    def take(self, path: str, body: bytes, client: tuple[str, int]) -> Reply:
        if path.endswith("/reports"):
            self.reports.append(CameraReport.model_validate_json(body))
            return 200, {}, b"{}"
        frame = CameraFrame.model_validate_json(body)
        reply = self.reply(frame)
        self.paths.append(path)
        self.connections.add(client)
        if reply[0] < 300:
            self.frames.append(frame)
        return reply


def _frame_handler(owner: FrameServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = owner.take(self.path, body, self.client_address)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def frame_server() -> Iterator[FrameServer]:
    server = FrameServer()
    server.server = _Server(_frame_handler(server))
    yield server
    server.server.kill()


class MjpegCamera:
    """A network camera: MJPEG over HTTP, whose picture has a square further right in each frame."""

    def __init__(self, fps: float = 25.0) -> None:
        self.fps = fps
        self.credentials: str | None = None
        self.silent = threading.Event()
        self.clients: list[socket.socket] = []
        self.server = _Server(_camera_handler(self))

    @property
    def url(self) -> str:
        return f"{self.server.address}/stream.mjpg"

    @property
    def authorization(self) -> str:
        return f"Basic {base64.b64encode((self.credentials or '').encode()).decode()}"

    def kill(self) -> None:
        """As if the plug were pulled: nobody listens, and open streams end."""
        self.server.kill()
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self.clients.clear()

    def start(self) -> None:
        self.server.start()


def _camera_handler(owner: MjpegCamera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if owner.credentials and self.headers.get("Authorization", "") != owner.authorization:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            owner.clients.append(self.connection)
            with contextlib.suppress(OSError):
                self.stream()

        def stream(self) -> None:
            for number in itertools.count():
                while owner.silent.is_set():
                    time.sleep(0.01)
                self.wfile.write(_part(number))
                time.sleep(1 / owner.fps)

        def log_message(self, *_: object) -> None:
            pass

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()

    return Handler


def _part(number: int) -> bytes:
    jpeg = cv2.imencode(".jpg", picture(number))[1].tobytes()
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)


def picture(number: int) -> np.ndarray:
    """A light sheet, 320 × 240, with a dark square whose left edge is at 10 × number."""
    image = np.full((240, 320, 3), 220, np.uint8)
    left = 10 * number % 280
    image[100:140, left : left + 40] = 30
    return image


def number_of(image: np.ndarray) -> int:
    """Which `picture` this is, whatever compression did to it."""
    return round(float(np.flatnonzero(image[120, :, 1] < 128)[0]) / 10)


@pytest.fixture
def camera() -> Iterator[MjpegCamera]:
    camera = MjpegCamera()
    yield camera
    camera.kill()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A video of 20 pictures, 20 a second."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (320, 240))
    for number in range(20):
        writer.write(picture(number))
    writer.release()
    return path


@pytest.fixture(name="picture")
def picture_fixture() -> Callable[[int], np.ndarray]:
    return picture


@pytest.fixture(name="number_of")
def number_of_fixture() -> Callable[[np.ndarray], int]:
    return number_of
