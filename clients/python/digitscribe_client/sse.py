"""Server-sent events out of bytes, wherever those are cut (WHATWG HTML, "Interpreting an event stream")."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

LONGEST_LINE = 8_000_000
"""A stream whose line is longer is none of ours; a bound for the memory of whoever reads it."""

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: `id` is the last one that the stream gave, which is this event's or an earlier one's."""

    type: str
    data: str
    id: str


class EventParser:
    """Takes a stream's bytes in pieces of any size.

    Attributes:
        last_id: The id to resume from.
        retry_s: How long the stream asks to wait before coming back, if it has asked.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = self._id = last_id
        self.retry_s: float | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._begun = False
        self._reset()

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that `piece` completes.

        Raises:
            ValueError: a line grows beyond `LONGEST_LINE`.
        """
        self._text += self._decoder.decode(piece)
        if not self._begun and self._text:
            self._begun = True
            self._text = self._text.removeprefix("\ufeff")
        events = [event for line in self._lines() if (event := self._take(line))]
        if len(self._text) > LONGEST_LINE:
            raise ValueError("a line of the stream does not end")
        return events

    def _lines(self) -> list[str]:
        lines, begin = [], 0
        for end in _LINE_END.finditer(self._text):
            if end[0] == "\r" and end.end() == len(self._text):
                break  # its "\n" may be in the next piece
            lines.append(self._text[begin : end.start()])
            begin = end.end()
        self._text = self._text[begin:]
        return lines

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._type = value
        elif field == "data":
            self._data.append(value)
        elif field == "id" and "\0" not in value:
            self._id = value
        elif field == "retry" and value.isascii() and value.isdecimal():
            self.retry_s = int(value) / 1000
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        self.last_id = self._id  # not before: an event that is cut off must be sent again
        event = ServerSentEvent(self._type or "message", "\n".join(self._data), self.last_id) if self._data else None
        self._reset()
        return event

    def _reset(self) -> None:
        self._type = ""
        self._data: list[str] = []
