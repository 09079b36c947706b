"""Bodies: whatever comes, an answer in the range of 400 comes back, and nothing is read beyond the limits."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from digitscribe.errors import DigitscribeError, ImageTooLarge, InvalidInput
from flask import Request
from gateway.bodies import chunks, read_all
from gateway.errors import BodyStalled, BodyTooLarge
from gateway.multipart import parse_multipart
from gateway.uploads import PART, UploadLimits, read_uploads
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from tests.gateway.conftest import encoded

LIMITS = UploadLimits(image_bytes=2000, image_pixels=10_000, request_bytes=5000, images=3)
BOUNDARY = "xxx"


def body_of(*images: bytes, name: str = "image", boundary: str = BOUNDARY) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'.encode()
    return b"".join(head + image + b"\r\n" for image in images) + f"--{boundary}--\r\n".encode()


def request_of(body: bytes, content_type: str, length: int | None = -1) -> Request:
    environ = EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_type=content_type).get_environ()
    environ["wsgi.input_terminated"] = True
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(len(body) if length == -1 else length)
    return Request(environ)


def status_of(call: Callable[[], object]) -> int:
    """200, or the status of the error that `call` raises; only errors raised on purpose are caught."""
    try:
        call()
    except DigitscribeError as error:
        return error.status
    return 200


class Endless(io.RawIOBase):
    """A body without an end that counts how much of it was read."""

    read_so_far = 0

    def read(self, count: int = -1) -> bytes:
        assert count > 0
        self.read_so_far += count
        return bytes(count)


class Silent(io.RawIOBase):
    """A body whose sender falls silent."""

    def read(self, _count: int = -1) -> bytes:
        raise TimeoutError


def endless(content_type: str) -> tuple[Request, Endless]:
    body, request = Endless(), request_of(b"", content_type, length=None)
    request.environ["wsgi.input"] = body
    return request, body


def parsed(body: Iterable[bytes], boundary: str = BOUNDARY) -> list[bytes]:
    return parse_multipart(body, boundary, PART, LIMITS.image_bytes, LIMITS.images)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(1, 400))
def test_multipart_images_come_out_as_they_went_in(images: list[bytes], step: int) -> None:
    body = body_of(*images, boundary="a-boundary-that-is-in-no-image")
    pieces = (body[begin : begin + step] for begin in range(0, len(body), step))
    assert parsed(pieces, "a-boundary-that-is-in-no-image") == images


@pytest.mark.parametrize("length", [70, 75, 200])
def test_a_boundary_may_be_longer_than_the_standard_has_it(length: int) -> None:
    assert parsed([body_of(b"one", boundary="-" * length)], "-" * length) == [b"one"]


def test_a_boundary_without_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="boundary"):
        parsed([body_of(b"one", boundary="-" * 201)], "-" * 201)


@pytest.mark.parametrize("image", [b"\r", b"\n", b"\r\n", b"\r\n--", b"--xx", b"\r\n--xx\r\n", b"\r\n\r\n"])
def test_what_resembles_a_boundary_is_content(image: bytes) -> None:
    assert parsed([body_of(image, image)]) == [image, image]


def test_preamble_and_epilogue_mean_nothing() -> None:
    assert parsed([b"hello\r\n" + body_of(b"a") + b"\r\ngood bye"]) == [b"a"]


@given(st.binary(max_size=600), st.text(max_size=80))
def test_multipart_junk_is_refused_or_read(junk: bytes, boundary: str) -> None:
    assert status_of(lambda: parsed([junk], boundary)) < 500


@given(st.data())
def test_a_damaged_multipart_body_is_refused_or_read(data: st.DataObject) -> None:
    body = bytearray(body_of(encoded((8, 8)), encoded((9, 9))))
    for _ in range(data.draw(st.integers(1, 5))):
        begin = data.draw(st.integers(0, len(body) - 1))
        body[begin : begin + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    request = request_of(bytes(body), f"multipart/form-data; boundary={BOUNDARY}")
    assert status_of(lambda: read_uploads(request, LIMITS)) < 500


SIGNATURES = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"RIFF\0\0\0\0WEBP",
    b"\0\0\0\x1cftypheic",
]


@given(st.binary(max_size=300), st.sampled_from(SIGNATURES))
def test_junk_as_an_image_is_refused_or_read(junk: bytes, signature: bytes) -> None:
    assert status_of(lambda: read_uploads(request_of(signature + junk, "image/png"), LIMITS)) in (200, 413, 415, 422)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (body_of(b"a", b"b", b"c", b"d"), InvalidInput),
        (body_of(bytes(2001)), ImageTooLarge),
        (body_of(b"a", name="file"), InvalidInput),
        (b"--xxx--\r\n", InvalidInput),
        (b"", InvalidInput),
        (body_of(b"a")[:-10], InvalidInput),
    ],
    ids=["too many", "too long", "other name", "no part", "nothing", "cut off"],
)
def test_a_multipart_body_against_the_rules_is_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parsed([body])


@pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\nan epilogue", b" "])
def test_whatever_follows_the_last_boundary_means_nothing(after: bytes) -> None:
    body = body_of(b"a", b"b").removesuffix(b"\r\n") + after
    assert parsed([body]) == [b"a", b"b"]


@pytest.mark.parametrize("content_type", ["image/png", f"multipart/form-data; boundary={BOUNDARY}"])
def test_an_endless_body_is_not_read_to_its_end(content_type: str) -> None:
    request, body = endless(content_type)
    with pytest.raises(DigitscribeError):
        read_uploads(request, LIMITS)
    assert body.read_so_far <= 512 * 1024


def test_a_body_that_says_it_is_too_long_is_not_read_at_all() -> None:
    request, body = endless("image/png")
    request.environ["CONTENT_LENGTH"] = "1000000000"
    with pytest.raises(ImageTooLarge):
        read_uploads(request, LIMITS)
    assert body.read_so_far == 0


def test_a_body_that_ends_early_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ended after 5"):
        read_all(request_of(b"image", "image/png", length=10), max_bytes=100)


def test_a_sender_that_falls_silent_is_told() -> None:
    request = request_of(b"", "image/png", length=None)
    request.environ["wsgi.input"] = Silent()
    with pytest.raises(BodyStalled):
        read_all(request, max_bytes=100)


@given(st.binary(max_size=1000), st.integers(0, 1000))
def test_a_body_is_read_whole_or_not_at_all(body: bytes, limit: int) -> None:
    def read() -> Iterator[bytes]:
        return chunks(request_of(body, "image/png", length=None), limit)

    if len(body) > limit:
        with pytest.raises(BodyTooLarge):
            list(read())
    else:
        assert b"".join(read()) == body


def test_the_settings_sizes_are_decimal(make_settings: Any) -> None:
    limits = UploadLimits.of(make_settings(max_image_megabytes=20, max_image_megapixels=50))
    assert (limits.image_bytes, limits.image_pixels) == (20_000_000, 50_000_000)
