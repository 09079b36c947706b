"""Finding digits on images side by side, in groups that fit into memory whatever is on the images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice

from digitscribe.errors import NotFound
from digitscribe.queueing.store import RecognitionStore
from digitscribe.settings import ImageSettings

from recognizer import sources
from recognizer.work import Work

PREPARED_AT_ONCE = 4
"""Images whose bytes are in memory at the same time; more than there are threads would only wait there."""

CROPS_AT_ONCE = 4096
"""A group takes in no more images once it has so many crops.

A crop costs about 2 KB in its proposal and 2 KB more while the model is asked: 16 MB. The images in hand at that moment
come on top, of which noise may have 28,000 crops each (112 MB). 64 drawings have a few hundred together.
"""

BYTES_KEPT = 64_000_000
"""So much of a group's images and views is kept for a second look, from the first image on; those of an ordinary photo
take 6 MB. What was forgotten is made again, which takes as long as the first time.
"""

EXPIRED = "the image expired before a recognizer had time for it; send it again"


class Preparer:
    """Prepares images of `store` with the help of `executor`'s threads."""

    def __init__(self, store: RecognitionStore, executor: Executor, limits: ImageSettings) -> None:
        self._store = store
        self._executor = executor
        self._limits = limits

    def groups(self, work: Iterable[Work]) -> Iterator[list[Work]]:
        """All of `work` in its order, each with its proposal or its error; a group is prepared when it is asked for."""
        return self._groups(iter(work), self._prepare)

    def second_groups(self, work: Iterable[Work]) -> Iterator[list[Work]]:
        """All of `work`, which has been read, in its order, looked at again; where that fails an error says so."""
        return self._groups(iter(work), self._prepare_again)

    def _groups(self, waiting: Iterator[Work], prepare: Callable[[Work], None]) -> Iterator[list[Work]]:
        yield from iter(lambda: self._group(waiting, prepare), [])

    def _group(self, waiting: Iterator[Work], prepare: Callable[[Work], None]) -> list[Work]:
        group: list[Work] = []
        running: set[Future[None]] = set()
        while True:
            is_full = sum([each.crop_count for each in group]) >= CROPS_AT_ONCE
            for each in islice(waiting, 0 if is_full else PREPARED_AT_ONCE - len(running)):
                group.append(each)
                running.add(self._executor.submit(prepare, each))
            if not running:
                return group
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()  # an image's own error is in its work; Redis's ends the job
            _keep_some(group)

    def _prepare(self, work: Work) -> None:
        [image] = self._store.images([work.recognition.id])
        with work.guarded(), work.timed():
            work.found = sources.prepare(work.recognition, _unexpired(image), self._limits)

    def _prepare_again(self, work: Work) -> None:
        first = work.prepared
        [image] = [b""] if first.image else self._store.images([work.recognition.id])
        with work.guarded(), work.timed():
            seen = (first, work.first_reading)
            work.found = sources.prepare_again(work.recognition, _unexpired(image), self._limits, *seen)
        work.forget()


def _keep_some(group: Sequence[Work]) -> None:
    """Keep what the first images of a group left for a second look, as far as it fits."""
    kept = 0
    for each in group:
        kept += each.found.nbytes if each.found else 0
        if kept > BYTES_KEPT:
            each.forget()


def _unexpired(image: bytes | None) -> bytes:
    if image is None:
        raise NotFound(EXPIRED)
    return image
