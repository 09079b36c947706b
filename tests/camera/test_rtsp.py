"""RTSP: a small server that plays a video made by ffmpeg, is killed, and comes back."""

from __future__ import annotations

import contextlib
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from camera_worker.capture import Capture
from camera_worker.counters import Counters
from camera_worker.image import Captured
from camera_worker.mailbox import Mailbox
from camera_worker.sources import UrlSource
from digitscribe.backoff import Backoff

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the video; apt install ffmpeg")

PACKET = 7 * 188
"""MPEG-TS packets of one RTP packet, as RFC 2250 has it."""

SDP = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"


class _Session(socketserver.StreamRequestHandler):
    """One client: answers until PLAY, then sends RTP over the same connection."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, RtspCamera)
        server.clients.append(self.connection)
        with contextlib.suppress(OSError):
            while request := self._request():
                self._answer(*request)
                if request[0] == "PLAY":
                    self._play(server.video)

    def _request(self) -> tuple[str, str] | None:
        first = self.rfile.readline().decode()
        sequence = ""
        while line := self.rfile.readline().decode().strip():
            if line.lower().startswith("cseq:"):
                sequence = line.split(":")[1].strip()
        return (first.split()[0], sequence) if first else None

    def _answer(self, method: str, sequence: str) -> None:
        special = {
            "OPTIONS": b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
            "DESCRIBE": b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(SDP),
            "SETUP": b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
        }.get(method, b"")
        head = b"RTSP/1.0 200 OK\r\nCSeq: %b\r\nSession: 1\r\n%b\r\n" % (sequence.encode(), special)
        self.wfile.write(head + (SDP if method == "DESCRIBE" else b""))

    def _play(self, video: bytes) -> None:
        sequence = 0
        while True:
            for start in range(0, len(video), PACKET):
                rtp = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, sequence * 900 & 0xFFFFFFFF, 7)
                body = rtp + video[start : start + PACKET]
                self.wfile.write(b"$\0" + struct.pack(">H", len(body)) + body)
                sequence += 1
                time.sleep(0.005)


class RtspCamera(socketserver.ThreadingTCPServer):
    """The server; `kill` is a pulled plug."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, video: bytes, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.video = video
        self.clients: list[socket.socket] = []
        self.port = int(self.server_address[1])
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/stream"

    def kill(self) -> None:
        self.shutdown()
        self.server_close()
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of ffmpeg's test picture, 320 × 240, as an MPEG transport stream."""
    path: Path = tmp_path_factory.mktemp("rtsp") / "clip.ts"
    made = "-f lavfi -i testsrc=size=320x240:rate=25 -t 2 -c:v mpeg2video -g 5 -f mpegts"
    subprocess.run(["ffmpeg", "-loglevel", "error", *made.split(), str(path)], check=True)
    return path.read_bytes()


@pytest.fixture
def camera(stream: bytes) -> Iterator[RtspCamera]:
    camera = RtspCamera(stream)
    yield camera
    camera.kill()


def test_an_rtsp_camera_delivers_frames(camera: RtspCamera) -> None:
    with closing(UrlSource(camera.url, stall_s=10).shots()) as shots:
        assert next(shots).image.shape == (240, 320, 3)


def test_an_rtsp_camera_that_is_killed_comes_back(
    camera: RtspCamera, stream: bytes, until: Callable[..., None]
) -> None:
    counters, mailbox = Counters(), Mailbox[Captured]()
    source = UrlSource(camera.url, stall_s=10)
    capture = Capture(
        source, mailbox, counters, fps=60, max_side=1280, stall_s=10, backoff=Backoff(first_s=0.05, cap_s=0.2)
    )
    capture.start()
    until(lambda: counters.snapshot()["captured"] > 3)
    camera.kill()
    again = RtspCamera(stream, camera.port)
    until(lambda: counters.snapshot()["reconnects"] == 1)
    again.kill()
    assert capture.stop(timeout_s=20)
