"""How much of a batch is in memory at once, in crops: whatever is on its images, a recognizer's memory is enough."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np
import pytest
from digitscribe.contracts import Recognition, RecognitionStatus
from digitscribe.queueing.store import RecognitionStore
from digitscribe.serving.client import Images, Prediction, ServingClient
from digitscribe.settings import ImageSettings, RecognizerSettings
from digitscribe.vision.proposing import Proposal
from recognizer import sources
from recognizer.batch import BatchReader
from recognizer.preparing import CROPS_AT_ONCE, PREPARED_AT_ONCE

from tests.recognizer.harness import accept, problem, statuses

CROPS = 1000
"""Of each of the images: a page full of digits."""

MOST = CROPS_AT_ONCE + PREPARED_AT_ONCE * CROPS


class FullPages:
    """Vision that finds a rich proposal on everything but b"broken", and knows how much of it is still remembered."""

    def __init__(self) -> None:
        self._proposals: list[weakref.ref[Proposal]] = []

    def prepare(self, recognition: Recognition, data: bytes, limits: ImageSettings) -> sources.Prepared:
        if data == b"broken":
            return prepare(recognition, data, limits)
        proposal = Proposal(np.zeros((CROPS, 28, 28), np.uint8), (), (), 1200, 1600, min_confidence=0.5)
        self._proposals.append(weakref.ref(proposal))
        return sources.Prepared(proposal)

    @property
    def remembered(self) -> int:
        """Crops whose proposals are in memory."""
        return CROPS * sum([each() is not None for each in self._proposals])


prepare = sources.prepare


class CountingServing:
    """A model server that notes how much it is asked at once, and how much is remembered meanwhile."""

    def __init__(self, pages: FullPages) -> None:
        self._pages = pages
        self.asked: list[int] = []
        self.kinds: set[str] = set()
        self.remembered: list[int] = []

    def predict(self, images: Images, _patience_s: float | None = None) -> Prediction:
        self.asked.append(len(images))
        self.kinds.add(images.dtype.name)
        self.remembered.append(self._pages.remembered)
        return Prediction(np.full((len(images), 10), 0.1, np.float32), 3, np.ones(len(images), np.float32))


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> CountingServing:
    pages = FullPages()
    monkeypatch.setattr(sources, "prepare", pages.prepare)
    return CountingServing(pages)


@pytest.fixture
def reader(store: RecognitionStore, serving: CountingServing) -> Iterator[BatchReader]:
    with ThreadPoolExecutor(4) as executor:
        yield BatchReader(store, cast(ServingClient, serving), executor, RecognizerSettings())


def test_a_batch_of_full_pages_is_read_in_groups_that_fit_into_memory(
    reader: BatchReader, store: RecognitionStore, serving: CountingServing
) -> None:
    ids = accept(store, [b"page"] * 64)
    reader.read(ids)
    assert set(statuses(store, ids)) == {RecognitionStatus.DONE}
    assert sum(serving.asked) == 64 * CROPS
    assert max(serving.asked) <= MOST
    assert max(serving.remembered) <= MOST


def test_a_groups_crops_are_not_made_larger_all_at_once(
    reader: BatchReader, store: RecognitionStore, serving: CountingServing
) -> None:
    reader.read(accept(store, [b"page"]))
    assert serving.kinds == {"uint8"}


def test_what_fails_in_a_later_group_fails_alone(reader: BatchReader, store: RecognitionStore) -> None:
    ids = accept(store, [*[b"page"] * 20, b"broken", b"page"])
    reader.read(ids)
    assert statuses(store, ids) == [*["done"] * 20, "failed", "done"]
    assert problem(store, ids[20]) == "unsupported-image"
