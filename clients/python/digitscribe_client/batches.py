"""Many images: cut into requests, and each image's outcome, whatever happens to its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .calls import Reading
from .contracts import Recognition
from .errors import DigitscribeError, ImageRefused, NotFound, UnusableImage
from .flows import Flow, Manners, finished, read
from .images import Image, Upload, load, name_of

BATCH = 16
"""Images in one request: enough to make one job of the recognizer's worthwhile, few enough to be answered soon."""

BATCH_BYTES = 16_000_000
"""A request is sent when it has grown so long, however few its images."""

MAX_BATCH = 64
"""What the gateway takes in one request."""

IN_FLIGHT = 4
"""Requests in flight at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one image of many.

    Attributes:
        index: Its place among the images handed over, from 0.
        name: Its path, or what it is.
        recognition: What was read; a failed one if it was accepted and could not be read; None if it was refused.
        error: Why it was not read; None if it was.
    """

    index: int
    name: str
    recognition: Recognition | None = None
    error: DigitscribeError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was read."""
        return self.error is None

    def result(self) -> Recognition:
        """What was read, or the error, raised."""
        if self.error is not None:
            raise self.error
        assert self.recognition is not None
        return self.recognition


@dataclass(frozen=True, slots=True)
class Item:
    """An image on its way, or why it is none."""

    index: int
    name: str
    upload: Upload | None
    error: UnusableImage | None = None

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.upload.data) if self.upload else 0


def items(images: Iterable[Image]) -> Iterator[Item]:
    """`images`, loaded one by one as they are asked for."""
    for index, image in enumerate(images):
        yield item(index, image)


def item(index: int, image: Image) -> Item:
    """`image`, loaded."""
    try:
        upload = load(image)
    except UnusableImage as error:
        return Item(index, name_of(image), None, error)
    return Item(index, upload.name, upload)


class Packer:
    """Collects items into batches.

    Args:
        most: Images in a batch at most, from 1 to 64.
    """

    def __init__(self, most: int) -> None:
        if not 1 <= most <= MAX_BATCH:
            raise ValueError(f"a batch has 1 to {MAX_BATCH} images, not {most}")
        self._most = most
        self._batch: list[Item] = []
        self._bytes = 0

    def add(self, item: Item) -> tuple[Item, ...]:
        """Take `item`; returns the batch that is full before it or with it, or nothing."""
        full = self.rest() if self._batch and self._bytes + item.size > BATCH_BYTES else ()
        self._batch.append(item)
        self._bytes += item.size
        return full or (self.rest() if len(self._batch) >= self._most else ())

    def rest(self) -> tuple[Item, ...]:
        """What has been collected so far."""
        batch = tuple(self._batch)
        self._batch, self._bytes = [], 0
        return batch


def outcomes(batch: tuple[Item, ...], wait_s: float, reading: Reading, manners: Manners) -> Flow[list[Outcome]]:
    """What becomes of each item of `batch`, in its order.

    Raises:
        NoConnection, TryLater: the gateway was away or busy for longer than the patience lasted.
    """
    sent = tuple(each for each in batch if each.upload)
    found = (yield from _sent(sent, wait_s, reading, manners)) if sent else {}
    return [found.get(each.index) or Outcome(each.index, each.name, error=each.error) for each in batch]


def _sent(batch: tuple[Item, ...], wait_s: float, reading: Reading, manners: Manners) -> Flow[dict[int, Outcome]]:
    """The gateway takes all images of a request or none: of a batch that it refuses, the halves are tried."""
    uploads = tuple(each.upload for each in batch if each.upload)
    try:
        found = yield from read(uploads, wait_s, reading, manners)
    except (ImageRefused, NotFound) as error:
        if len(batch) == 1:
            return {batch[0].index: Outcome(batch[0].index, batch[0].name, error=error)}
    else:
        return {each.index: _outcome(each, recognition) for each, recognition in zip(batch, found, strict=True)}
    middle = len(batch) // 2
    first = yield from _sent(batch[:middle], wait_s, reading, manners)
    second = yield from _sent(batch[middle:], wait_s, reading, manners)
    return first | second


def _outcome(item: Item, recognition: Recognition) -> Outcome:
    try:
        return Outcome(item.index, item.name, finished(recognition))
    except DigitscribeError as error:
        return Outcome(item.index, item.name, recognition, error)
