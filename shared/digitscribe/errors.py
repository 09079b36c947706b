"""Every error that Digitscribe raises on purpose.

    DigitscribeError
    ├── InvalidImage                the bytes are not an image that can be read
    │   ├── UnsupportedImage        not one of the formats that are accepted
    │   ├── ImageTooLarge           more bytes or more pixels than allowed
    │   └── CorruptImage            a known format, but broken or cut off
    ├── InvalidInput                a request that contradicts the contract
    ├── NotFound                    nothing lives under this name (or it has expired)
    ├── Gone                        what would be needed was there, and is kept no longer
    ├── Conflict                    what is asked for contradicts the present state
    ├── ForeignOrigin               another web page asks to change something here
    ├── UnknownHost                 a service was reached by a name that it does not know
    ├── QueueFull                   more work is waiting than the system lets in
    ├── ServingError                the model server could not answer
    │   ├── ServingUnavailable      it is away or overloaded: trying again later helps
    │   └── ServingRefused          it answered, and refused: trying again does not help
    ├── ModelError                  a model, an export or a version that cannot be used
    │   └── NotExplained            a version that cannot show how it reads
    ├── RecognizerDied              an image whose recognizer died each time it was read
    ├── RecognitionTimeout          an image that took longer to read than it may
    ├── FrameTooOld                 a camera frame that no recognizer had time for while it was live
    ├── CameraUnavailable           a camera that cannot be opened, or that has stopped delivering frames
    └── SettingsError               environment variables that are missing or wrong

Each error knows the HTTP status and the short title that it has as a problem (RFC 9457), so that the gateway,
the recognizer and the clients say the same words about the same fault.
"""

from __future__ import annotations

from typing import ClassVar

from digitscribe.contracts.problem import Problem


class DigitscribeError(Exception):
    """Anything that Digitscribe raises on purpose; the message says what happened and what to do."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    slug: ClassVar[str] = "internal"

    def to_problem(self) -> Problem:
        """This error as a problem object (RFC 9457)."""
        return Problem(
            type=f"urn:digitscribe:problem:{self.slug}", title=self.title, status=self.status, detail=str(self)
        )


class InvalidImage(DigitscribeError):
    """The bytes are not an image that can be read."""

    status, title, slug = 422, "Image cannot be read", "invalid-image"


class UnsupportedImage(InvalidImage):
    """The bytes are not one of the formats that are accepted."""

    status, title, slug = 415, "Image format not supported", "unsupported-image"


class ImageTooLarge(InvalidImage):
    """The image has more bytes or more pixels than allowed."""

    status, title, slug = 413, "Image too large", "image-too-large"


class CorruptImage(InvalidImage):
    """The image's format is known, but the data is broken or cut off."""

    status, title, slug = 422, "Image is damaged", "corrupt-image"


class InvalidInput(DigitscribeError):
    """The request contradicts the contract."""

    status, title, slug = 400, "Invalid request", "invalid-request"


class NotFound(DigitscribeError):
    """Nothing lives under this name, or it has expired."""

    status, title, slug = 404, "Not found", "not-found"


class Gone(DigitscribeError):
    """What would be needed was there, and is kept no longer."""

    status, title, slug = 410, "No longer kept", "gone"


class Conflict(DigitscribeError):
    """What is asked for contradicts the present state."""

    status, title, slug = 409, "Conflict", "conflict"


class ForeignOrigin(DigitscribeError):
    """Another web page asks to change something here."""

    status, title, slug = 403, "Request from another web page", "foreign-origin"


class UnknownHost(DigitscribeError):
    """A service was reached by a name that it does not know."""

    status, title, slug = 421, "Unknown host name", "unknown-host"


class QueueFull(DigitscribeError):
    """More work is waiting than the system lets in; `retry_after_s` says when to come back."""

    status, title, slug = 503, "Queue is full", "queue-full"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ServingError(DigitscribeError):
    """The model server could not answer."""

    status, title, slug = 502, "Model server failed", "serving-failed"


class ServingUnavailable(ServingError):
    """The model server is away or overloaded: trying again later helps."""

    status, title, slug = 503, "Model server unavailable", "serving-unavailable"


class ServingRefused(ServingError):
    """The model server answered, and refused: trying again does not help."""

    status, title, slug = 502, "Model server refused the request", "serving-refused"


class ModelError(DigitscribeError):
    """A model, an export or a version that cannot be used."""

    status, title, slug = 409, "Model cannot be used", "model-unusable"


class NotExplained(ModelError):
    """This version of the model cannot show how it reads, or not how it read this."""

    status, title, slug = 409, "This cannot be looked into", "not-explained"


class RecognizerDied(DigitscribeError):
    """The recognizer died each time it read this image."""

    status, title, slug = 500, "Recognizer died on this image", "recognizer-died"


class CameraUnavailable(DigitscribeError):
    """A camera cannot be opened, or has stopped delivering frames: trying again later may help."""

    status, title, slug = 503, "Camera unavailable", "camera-unavailable"


class RecognitionTimeout(DigitscribeError):
    """Reading the image took longer than it may."""

    status, title, slug = 504, "Reading took too long", "recognition-timeout"


class FrameTooOld(DigitscribeError):
    """A camera frame that was no longer live when a recognizer had time for it."""

    status, title, slug = 503, "Frame too old", "frame-too-old"


class SettingsError(DigitscribeError):
    """Environment variables are missing or wrong; the message names each of them."""

    status, title, slug = 500, "Settings are wrong", "settings"
