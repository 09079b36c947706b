"""Images out of request bodies: the header of each is read, no pixel is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digitscribe.errors import ImageTooLarge, InvalidImage, InvalidInput
from digitscribe.settings import ImageSettings
from digitscribe.vision.decode import ImageHeader, inspect
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from gateway.bodies import chunks, read_all
from gateway.errors import BodyTooLarge, UnsupportedBody

MAX_IMAGES = 64
"""Images in one request at most."""

PART = "image"
"""The name of the multipart parts that are images."""

_REQUEST_FACTOR = 10
_OVERHEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much a request may carry."""

    image_bytes: int
    image_pixels: int
    request_bytes: int
    images: int = MAX_IMAGES

    @classmethod
    def of(cls, settings: ImageSettings) -> UploadLimits:
        """The limits that `settings` give: a request carries up to ten of the largest images."""
        image_bytes = settings.max_image_megabytes * 1_000_000
        pixels = settings.max_image_megapixels * 1_000_000
        return cls(image_bytes, pixels, _REQUEST_FACTOR * image_bytes + _OVERHEAD)

    def longest(self, mimetype: str) -> int:
        """The longest body, in bytes, of a request of `mimetype`."""
        return self.request_bytes if mimetype == "multipart/form-data" else self.image_bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """An image as it was sent, and what its header says."""

    data: bytes
    header: ImageHeader

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.header.width * self.header.height


def read_uploads(request: Request, limits: UploadLimits) -> list[Upload]:
    """The images in the request's body, in order: the body itself, or each multipart part named `image`.

    Raises:
        UnsupportedBody: the body is neither `image/*` nor `multipart/form-data`.
        BodyTooLarge, ImageTooLarge: more than the limits allow.
        InvalidImage: one of the images cannot be read; then none of them is taken.
        InvalidInput: the body is malformed, or carries no image.
    """
    if request.mimetype == "multipart/form-data":
        boundary = request.mimetype_params.get("boundary", "")
        return _inspected(parse_multipart(chunks(request, limits.request_bytes), boundary, limits), limits)
    if request.mimetype.startswith("image/"):
        return [_raw(request, limits)]
    raise UnsupportedBody(
        f"send an image as the body (image/png, image/jpeg, …) or as multipart/form-data parts named {PART!r}, "
        f"not {request.mimetype or 'without a Content-Type'}"
    )


def parse_multipart(body: Iterable[bytes], boundary: str, limits: UploadLimits) -> list[bytes]:
    """The bytes of each part named `image` in a multipart body.

    Raises:
        InvalidInput: it is malformed, has parts of other names, no part, or more than a request may.
        ImageTooLarge: a part is longer than an image may be.
    """
    if not boundary or len(boundary) > 70 or not boundary.isascii():
        raise InvalidInput("multipart/form-data needs a boundary in its Content-Type")
    parser = _Parts(MultipartDecoder(boundary.encode(), max_parts=limits.images), limits)
    try:
        for chunk in _whole_line_breaks(body):
            parser.feed(chunk)
        parser.feed(None)
    except RequestEntityTooLarge as error:
        raise InvalidInput(f"a request may carry {limits.images} images at most") from error
    except ValueError as error:  # a header that is no UTF-8 is one too
        raise InvalidInput(f"malformed multipart body: {error}") from error
    if not parser.images:
        raise InvalidInput(f"no multipart part is named {PART!r}")
    return [bytes(image) for image in parser.images]


def _whole_line_breaks(body: Iterable[bytes]) -> Iterator[bytes]:
    """`body`, cut so that no piece ends in a carriage return: the decoder would take it for a whole line break."""
    held = b""
    for chunk in body:
        piece = held + chunk
        held = b"\r" if piece.endswith(b"\r") else b""
        yield piece.removesuffix(b"\r")
    yield held


class _Parts:
    """Collects the parts that the decoder announces."""

    def __init__(self, decoder: MultipartDecoder, limits: UploadLimits) -> None:
        self.images: list[bytearray] = []
        self._decoder, self._limits = decoder, limits

    def feed(self, chunk: bytes | None) -> None:
        self._decoder.receive_data(chunk)
        while not isinstance(event := self._decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, Field | File):
                self._begin(event.name)
            elif isinstance(event, Data):
                self._extend(event.data)

    def _begin(self, name: str | None) -> None:
        if name != PART:
            raise InvalidInput(f"unknown multipart part {name!r}; name each image {PART!r}")
        self.images.append(bytearray())

    def _extend(self, data: bytes) -> None:
        self.images[-1] += data
        if len(self.images[-1]) > self._limits.image_bytes:
            raise ImageTooLarge(f"image {len(self.images)} has more than {self._limits.image_bytes:,} bytes")


def _raw(request: Request, limits: UploadLimits) -> Upload:
    try:
        data = read_all(request, limits.image_bytes)
    except BodyTooLarge as error:
        raise ImageTooLarge(f"an image may have {limits.image_bytes:,} bytes at most") from error
    return Upload(data, inspect(data, limits.image_bytes, limits.image_pixels))


def _inspected(images: list[bytes], limits: UploadLimits) -> list[Upload]:
    uploads = []
    for number, data in enumerate(images, start=1):
        try:
            uploads.append(Upload(data, inspect(data, limits.image_bytes, limits.image_pixels)))
        except InvalidImage as error:
            where = f"image {number} of {len(images)}, and none was taken: " if len(images) > 1 else ""
            raise type(error)(f"{where}{error}") from error
    return uploads
