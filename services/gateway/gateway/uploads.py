"""Images out of request bodies: the header of each is read, no pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from digitscribe.errors import ImageTooLarge, InvalidImage
from digitscribe.settings import ImageSettings
from digitscribe.vision.decode import ImageHeader, inspect
from flask import Request

from gateway.bodies import chunks, read_all
from gateway.errors import BodyTooLarge, UnsupportedBody
from gateway.multipart import parse_multipart

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
        body = chunks(request, limits.request_bytes)
        return _inspected(parse_multipart(body, boundary, PART, limits.image_bytes, limits.images), limits)
    if request.mimetype.startswith("image/"):
        return [_raw(request, limits)]
    raise UnsupportedBody(
        f"send an image as the body (image/png, image/jpeg, …) or as multipart/form-data parts named {PART!r}, "
        f"not {request.mimetype or 'without a Content-Type'}"
    )


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
