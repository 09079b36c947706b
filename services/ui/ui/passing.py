"""The way through to the gateway: requests and answers pass as they come, streams included."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator

import httpx
from digitscribe.errors import DigitscribeError
from flask import Request, Response

from ui.errors import BodyStalled, BodyTooLarge, GatewayUnavailable
from ui.headers import end_to_end, forwarded_for

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 512 * 1024 * 1024
"""More than any request that the gateway accepts; it knows the limits of images, this one only bounds a flood."""

TIMEOUT = httpx.Timeout(connect=3.0, read=75.0, write=60.0, pool=3.0)
"""Reading waits longer than the gateway holds an answer (30 s) and than its streams are silent (15 s)."""

ACTIVATION_S = 600.0
"""How long the answer to an activation is waited for: longer than the model server may take over all of its steps."""

IDLE_S = 1.0
"""How long an unused connection is kept: less than the gateway keeps it (15 s), so that none is used as it closes."""

_CHUNK = 64 * 1024
_ACTIVATION = re.compile(rb"/v1/models/[^/?]+/activate(\?.*)?")
_OWN_REQUEST_HEADERS = frozenset({"host", "origin", "x-forwarded-for", "x-forwarded-host", "content-length", "expect"})


class Gateway:
    """The gateway, as seen from the page.

    Example:
        gateway = Gateway("http://gateway:8080")
        response = gateway.pass_on(request, b"/v1/system")
    """

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=IDLE_S)
        self._client = httpx.Client(timeout=TIMEOUT, limits=limits, trust_env=False)

    def pass_on(self, request: Request, path: bytes) -> Response:
        """Send `request` to `path` (still quoted, with its query) and answer what the gateway answers.

        Raises:
            GatewayUnavailable: it cannot be reached, or broke off before its answer began.
            BodyTooLarge: the body is longer than MAX_BODY_BYTES.
            BodyStalled: the body did not come in time.
        """
        _check_length(request.content_length)
        try:
            answer = self._client.send(self._outgoing(request, path), stream=True)
        except httpx.TransportError as error:
            logger.warning("the gateway at %s does not answer: %r", self._url, error)
            raise GatewayUnavailable(self._advice(error)) from error
        return _incoming(answer)

    def _outgoing(self, request: Request, path: bytes) -> httpx.Request:
        url = self._url.copy_with(raw_path=self._url.raw_path.rstrip(b"/") + path)
        content = _body(request.stream.read) if _has_body(request) else None
        headers, timeout = _outgoing_headers(request), timeout_of(path)
        return self._client.build_request(request.method, url, headers=headers, content=content, timeout=timeout)

    def _advice(self, error: httpx.TransportError) -> str:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return "The gateway took too long to answer. Try again; if it stays so, look at its log."
        return (
            "The gateway does not answer, so nothing can be read right now. Start it (`make up`, or "
            "`docker compose up -d gateway`) or set DIGITSCRIBE_GATEWAY_URL. This page connects again by itself."
        )


def timeout_of(path: bytes) -> httpx.Timeout:
    """How long the gateway is waited for, if `path` is asked for."""
    if not _ACTIVATION.fullmatch(path):
        return TIMEOUT
    return httpx.Timeout(connect=TIMEOUT.connect, read=ACTIVATION_S, write=TIMEOUT.write, pool=TIMEOUT.pool)


def _check_length(length: int | None) -> None:
    if length is not None and length > MAX_BODY_BYTES:
        raise BodyTooLarge(
            f"A request may carry {MAX_BODY_BYTES // 2**20} MB at most. Send the images in smaller groups."
        )


def _has_body(request: Request) -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _outgoing_headers(request: Request) -> list[tuple[str, str]]:
    headers = [pair for pair in end_to_end(request.headers.items()) if pair[0].lower() not in _OWN_REQUEST_HEADERS]
    headers.append(
        ("X-Forwarded-For", forwarded_for(request.headers.get("X-Forwarded-For"), request.remote_addr or ""))
    )
    headers.append(("X-Forwarded-Host", request.host))
    if request.content_length is not None:
        headers.append(("Content-Length", str(request.content_length)))
    return headers


def _body(read: Callable[[int], bytes]) -> Iterator[bytes]:
    sent = 0
    while chunk := _read(read):
        sent += len(chunk)
        _check_length(sent)
        yield chunk


def _read(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(_CHUNK)
    except TimeoutError as error:
        raise BodyStalled("The request came too slowly, or not to its end. Send it again.") from error


def _incoming(answer: httpx.Response) -> Response:
    response = Response(_stream(answer), status=answer.status_code, direct_passthrough=True)
    response.headers.clear()
    response.headers.extend(end_to_end(answer.headers.multi_items()))
    response.call_on_close(answer.close)
    return response


def _stream(answer: httpx.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_raw()
    except (httpx.TransportError, DigitscribeError) as error:
        # the status is sent already: all that is left is to break off, which the browser sees and heals
        logger.warning("the gateway broke off %s: %r", answer.url.path, error)
        raise ConnectionResetError("the gateway broke off its answer") from error
