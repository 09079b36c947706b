"""What was read, for people to look through: newest first, page by page, filtered.

It is a stream of its own beside the one of events, for cameras would fill that within the hour: of a moving picture
only a reading that was the same three times running is listed, and once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

from digitscribe.contracts.recognition import Recognition, RecognitionStatus, Source
from digitscribe.queueing import keys

STEADY_AFTER = 3
"""Like readings in a row after which a moving picture's reading is listed."""

RUN_TTL_S = 3600
"""After such a silence a moving picture begins anew: what it shows is listed, even if it was listed last."""

_PAGE = 200


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which recognitions are wanted; None: whatever it is."""

    status: RecognitionStatus | None = None
    source: Source | None = None
    text: str | None = None
    """Digits that the text contains; line breaks do not count."""
    below: float | None = None
    """Only those with a digit less sure than this."""
    version: int | None = None
    """Only what this version of the model read."""

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether `record` (a Recognition as JSON) is wanted."""
        checks = (
            self.status is None or record.get("status") == self.status,
            self.source is None or record.get("source") == self.source,
            self.text is None or self.text in (record.get("text") or "").replace("\n", ""),
            self.below is None or any(each["confidence"] < self.below for each in record.get("digits", ())),
            self.version is None or record.get("model_version") == self.version,
        )
        return all(checks)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some of the history, newest first, and the place of the next page; None: there is none."""

    recognitions: tuple[Recognition, ...]
    next: str | None


class History:
    """The history, as it is read; `scripts.FINISH` writes it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def page(self, limit: int, wanted: HistoryFilter | None = None, before: str | None = None) -> HistoryPage:
        """The newest `limit` of what is `wanted`; `before` is an earlier page's `next`."""
        found: list[tuple[str, Mapping[str, Any]]] = []
        for place, record in self._newest_first(before):
            if wanted is None or wanted.matches(record):
                found.append((place, record))
            if len(found) > limit:
                break
        shown = tuple(Recognition.model_validate(record) for _, record in found[:limit])
        return HistoryPage(shown, found[limit - 1][0] if len(found) > limit else None)

    def _newest_first(self, before: str | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
        last = f"({before}" if before else "+"
        while page := cast(Any, self._redis.xrevrange(keys.HISTORY, max=last, count=_PAGE)):
            yield from ((place.decode(), json.loads(fields[b"data"])) for place, fields in page)
            last = f"({page[-1][0].decode()}"


def is_frame(recognition: Recognition) -> bool:
    """Whether it is one of many frames of a moving picture: a camera's, or a page's that says so."""
    return recognition.source is Source.CAMERA or bool(recognition.live)


def moving_picture(recognition: Recognition) -> str:
    """The name of the moving picture that it is a frame of."""
    return f"{recognition.source} {recognition.camera or recognition.sequence or ''}".rstrip()


def listing_of(recognition: Recognition) -> str:
    """Whether the history lists it: "always", "never", or once its moving picture is "steady"."""
    if recognition.steps:  # a look at how something was read, not a reading
        return "never"
    if not is_frame(recognition):
        return "always"
    # a frame that failed says nothing of what was shown
    return "never" if recognition.status is RecognitionStatus.FAILED else "steady"
