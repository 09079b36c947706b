"""The stream of events: where to resume, what the lines mean, and when to come back."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .backoff import Backoff
from .contracts import CameraState, EventType, ModelList, Recognition, Training
from .contracts.document import Document
from .errors import DigitscribeError, NoConnection, TryLater, UnexpectedAnswer
from .retry import CAP_S, FIRST_S, Patience
from .sse import EventParser, ServerSentEvent

SILENCE_S = 40.0
"""The gateway sends a comment every 15 s; a stream that is silent for longer than two of them is dead."""

DOCUMENTS: dict[EventType, TypeAdapter[Any]] = {
    EventType.RECOGNITION: TypeAdapter(Recognition),
    EventType.CAMERA: TypeAdapter(CameraState),
    EventType.TRAINING: TypeAdapter(Training),
    EventType.MODEL: TypeAdapter(ModelList),
}
"""What an event of each type carries; what `queue` carries is plain JSON."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something that happened.

    Attributes:
        type: What it is about.
        data: The document's JSON, as it stands after the event.
        document: The same as a `Recognition`, `CameraState`, `Training` or `ModelList`; None for the type `queue`, and
            where a newer gateway says something that this client does not know.
        id: Where in the stream it is; empty for the type `queue`, which has no place in it.
    """

    type: EventType
    data: dict[str, Any]
    document: Document | None
    id: str

    @property
    def moment(self) -> datetime | None:
        """When it happened."""
        milliseconds = self.id.partition("-")[0]
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds.isdecimal() else None


class Resumable:
    """What is known of a stream over all its connections.

    Args:
        last_id: The event to resume behind; None: the stream begins now.
        patience_s: How long the first connection is tried. Once there was one, the stream comes back for ever.
        backoff: The pauses between connections.
    """

    def __init__(self, last_id: str | None, patience_s: float, backoff: Backoff | None = None) -> None:
        self.last_id = last_id or ""
        self._backoff = backoff or Backoff(FIRST_S, CAP_S)
        self._patience = Patience(patience_s, self._backoff)
        self._parser = EventParser(self.last_id)

    def headers(self) -> dict[str, str]:
        """Headers of the next connection, which begins here."""
        self._parser = EventParser(self.last_id)
        resume = {"Last-Event-ID": self.last_id} if self.last_id else {}
        return {"Accept": "text/event-stream", **resume}

    def feed(self, piece: bytes) -> list[LiveEvent]:
        """The events that `piece` completes; types that this client does not know are passed over.

        Raises:
            UnexpectedAnswer: it is no stream of events.
        """
        self._backoff.succeed()
        self._patience = Patience(math.inf, self._backoff)
        try:
            sent = self._parser.feed(piece)
        except ValueError as error:
            raise UnexpectedAnswer(f"the stream of events cannot be understood: {error}") from error
        self.last_id = self._parser.last_id
        return [event for each in sent if (event := live_event(each))]

    def pause_s(self, fault: DigitscribeError) -> float:
        """Seconds until the next connection after `fault`, which is raised if another would not help."""
        if not isinstance(fault, NoConnection | TryLater):
            raise fault
        asked_s = fault.retry_after_s if isinstance(fault, TryLater) else self._parser.retry_s
        pause_s = self._patience.pause_s(asked_s)
        if pause_s is None:
            raise fault
        self._patience.spend(pause_s)
        return pause_s


def live_event(sent: ServerSentEvent) -> LiveEvent | None:
    """`sent` as an event of the gateway; None if it is none that this client knows."""
    try:
        kind, data = EventType(sent.type), json.loads(sent.data)
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    # the parser gives an event without an id the one before it
    place = "" if kind is EventType.QUEUE else sent.id
    return LiveEvent(kind, data, _document(kind, sent.data), place)


def _document(kind: EventType, text: str) -> Document | None:
    adapter = DOCUMENTS.get(kind)
    try:
        document: Document | None = adapter.validate_json(text, extra="ignore") if adapter else None
    except ValidationError:
        return None
    return document
