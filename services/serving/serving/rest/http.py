"""HTTP/1.1 around the routes, with the headers and the error pages of TensorFlow Serving's own HTTP server."""

from __future__ import annotations

import logging
import socket
import threading
import time
import zlib
from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from serving.rest.routes import Answer, Routes

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1 << 30
"""Longest body that is read, unpacked or not."""

_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "POST, GET"),
    ("Access-Control-Allow-Headers", "Content-Type"),
)
_PHRASES = {504: "Gateway Time-out"}
_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH")
_PLAIN_TYPE = ("Content-Type", "text/html; charset=ISO-8859-1")


class _BadRequest(Exception):
    """The request is not HTTP as it should be."""


class RestServer:
    """Serves the routes on a port, one thread a connection, until it is stopped.

    Raises:
        OSError: the port cannot be had.
    """

    def __init__(self, address: tuple[str, int], routes: Routes, *, cors: bool = False) -> None:
        self._server = _Server(address, routes, cors=cors)
        self._thread = threading.Thread(target=self._server.serve_forever, name="rest", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, drain_s: float) -> None:
        """Take no more connections, and give the requests in flight `drain_s` seconds to be answered."""
        self._server.stopping = True
        self._server.shutdown()
        self._server.server_close()
        self._server.drain(drain_s)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], routes: Routes, *, cors: bool) -> None:
        self.routes = routes
        self.cors = cors
        self.stopping = False
        self._in_flight = 0
        self._changed = threading.Condition()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # as http.server does, without asking the name service who we are
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def begin(self) -> None:
        with self._changed:
            self._in_flight += 1

    def end(self) -> None:
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def drain(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._in_flight, until - time.monotonic())

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        log.debug("Connection of %s ended", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read a request, answer it."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        self.server.begin()
        try:
            if self.parse_request():
                self._respond()
            self.wfile.flush()
        finally:
            self.server.end()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What cannot be parsed is a bad request, and the connection's last."""
        self.close_connection = True
        self._send_page(HTTPStatus.BAD_REQUEST, last=True)

    def log_message(self, format: str, *args: object) -> None:
        """The metrics count requests; nothing is logged."""

    def _respond(self) -> None:
        if self.command not in _METHODS:
            self.close_connection = True
            self._send_page(HTTPStatus.NOT_IMPLEMENTED, last=True)
            return
        try:
            body = self._read_body()
        except _BadRequest:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        path = _path_of(self.requestline.split()[1])
        # the real server takes a whole address for a proxy's request, and answers one of them a connection
        absolute = not self.path.startswith("/")
        if not self.server.routes.knows(path):
            asked_to_close, self.close_connection = self.close_connection, True
            self._send_page(HTTPStatus.NOT_FOUND, last=not asked_to_close)
        elif self.command == "OPTIONS":
            self._send_preflight()
        else:
            self._send_answer(self.server.routes.answer(self.command, path, body))
        self.close_connection = self.close_connection or absolute

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = b"".join(self._chunks())
        else:
            body = self._read_exactly(self._length(self.headers.get("Content-Length", "0"), 10))
        return _unzip(body) if self.headers.get("Content-Encoding", "").lower() == "gzip" else body

    def _chunks(self) -> Any:
        total = 0
        while size := self._length(self.rfile.readline(1024).split(b";")[0].strip().decode("latin-1"), 16):
            total += size
            if total > MAX_BODY_BYTES:
                raise _BadRequest
            yield self._read_exactly(size)
            self.rfile.readline(3)
        while self.rfile.readline(65537).strip():
            pass

    def _length(self, text: str, base: int) -> int:
        if not text.isalnum():
            raise _BadRequest
        try:
            length = int(text, base)
        except ValueError as error:
            raise _BadRequest from error
        if length > MAX_BODY_BYTES:
            raise _BadRequest
        return length

    def _read_exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            raise ConnectionAbortedError("the body ended early")
        return body

    def _send_answer(self, answer: Answer) -> None:
        body = answer.body.encode("utf-8", "surrogateescape")
        headers = [("Content-Type", answer.content_type), *self._cors()]
        self._send(answer.status, headers, body)

    def _send_preflight(self) -> None:
        status = HTTPStatus.OK if self.headers.get("Origin") else HTTPStatus.BAD_REQUEST
        self._send(status, self._cors(), b"", after=[_PLAIN_TYPE])

    def _cors(self) -> Sequence[tuple[str, str]]:
        return _CORS if self.server.cors else ()

    def _send_page(self, status: HTTPStatus, *, last: bool = False) -> None:
        phrase = _phrase(status)
        page = (
            f"<HTML><HEAD>\n<TITLE>{status.value} {phrase}</TITLE>\n</HEAD><BODY>\n<H1>{phrase}</H1>\n</BODY></HTML>\n"
        )
        self.request_version = "HTTP/1.1"
        headers = [("Content-Type", "text/html")]
        if last:
            headers.append(("Connection", "close"))
        self._send(status.value, headers, page.encode(), closing=not last)

    def _send(
        self,
        status: int,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        after: Sequence[tuple[str, str]] = (),
        closing: bool = True,
    ) -> None:
        if self.server.stopping:
            self.close_connection = True
        sent = [*headers, ("Date", formatdate(usegmt=True))]
        sent += [] if self.command == "HEAD" else [("Content-Length", str(len(body)))]
        sent += after
        if self.close_connection and closing:
            sent.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {int(status)} {_phrase(status)}", *(f"{name}: {value}" for name, value in sent)]
        head = "\r\n".join(lines) + "\r\n\r\n"
        # a body after the answer to HEAD would be taken for the next answer
        self.wfile.write(head.encode("latin-1") + (b"" if self.command == "HEAD" else body))
        self.wfile.flush()


def _path_of(target: str) -> str:
    """The decoded path of a request's target, which may be a path or a whole address."""
    _, scheme, rest = target.partition("://")
    path = "/" + rest.partition("/")[2] if scheme and not target.startswith("/") else target
    return unquote(path.partition("?")[0])


def _phrase(status: int) -> str:
    try:
        return _PHRASES.get(int(status)) or HTTPStatus(int(status)).phrase
    except ValueError:
        return "Unknown"


def _unzip(body: bytes) -> bytes:
    """The unpacked body; nothing, if it cannot be unpacked."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY_BYTES)
    except zlib.error:
        return b""
    return unpacked if unpacker.eof else b""
