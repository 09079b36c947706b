"""A JSON reader with RapidJSON's errors: the same sentence at the same offset. Slow, for what is wrong or odd."""

from __future__ import annotations

import math
import re
from typing import Any

MAX_DEPTH = 200
"""Deeper nesting is refused rather than risked."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_NUMBER = re.compile(rb"-?(0|[1-9][0-9]*)(\.([0-9]*))?([eE][+-]?([0-9]*))?")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_WORDS = {b"null": None, b"true": True, b"false": False}
_NOT_FINITE = re.compile(rb"(-?)(NaN|Inf(?:inity)?)")
_ESCAPED = {b'"': '"', b"\\": "\\", b"/": "/", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t"}
_HEX = re.compile(rb"[0-9a-fA-F]{4}")


class JsonError(ValueError):
    """`message` as RapidJSON words it, and the byte where it was noticed."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} at offset: {offset}")
        self.message = message
        self.offset = offset


def parse(text: bytes) -> Any:
    """The first value in `text`.

    Raises:
        JsonError: there is none.
    """
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Any:
        self._skip()
        if self._at >= len(self._text):
            raise JsonError("The document is empty.", self._at)
        return self._value(0)

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise JsonError("Terminate parsing due to Handler error.", self._at)
        head = self._text[self._at : self._at + 1]
        if head == b"{":
            return self._object(depth)
        if head == b"[":
            return self._array(depth)
        if head == b'"':
            return self._string()
        for word, value in _WORDS.items():
            if head == word[:1]:
                return self._word(word, value)
        return self._number()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        self._skip()
        if self._take(b"}"):
            return found
        while True:
            if self._peek() != b'"':
                raise JsonError("Missing a name for object member.", self._at)
            name = self._string()
            self._skip()
            if not self._take(b":"):
                raise JsonError("Missing a colon after a name of object member.", self._at)
            self._skip()
            found.setdefault(name, self._value(depth + 1))
            self._skip()
            if self._take(b"}"):
                return found
            if not self._take(b","):
                raise JsonError("Missing a comma or '}' after an object member.", self._at)
            self._skip()

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        self._skip()
        if self._take(b"]"):
            return found
        while True:
            found.append(self._value(depth + 1))
            self._skip()
            if self._take(b"]"):
                return found
            if not self._take(b","):
                raise JsonError("Missing a comma or ']' after an array element.", self._at)
            self._skip()

    def _string(self) -> str:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self._text, self._at)
            assert plain
            parts.append(plain[0].decode("utf-8", "surrogateescape"))
            self._at = plain.end()
            if self._take(b'"'):
                return "".join(parts)
            if self._peek() != b"\\":
                ended = self._peek() in (b"", b"\0")
                message = "Missing a closing quotation mark in string." if ended else "Invalid encoding in string."
                raise JsonError(message, start if ended else self._at)
            parts.append(self._escape())

    def _escape(self) -> str:
        start = self._at
        kind = self._text[start + 1 : start + 2]
        self._at += 2
        if kind in _ESCAPED:
            return _ESCAPED[kind]
        if kind != b"u":
            raise JsonError("Invalid escape character in string.", start)
        code = self._hex(start)
        if 0xD800 <= code <= 0xDFFF:
            code = self._surrogate(code, start)
        return chr(code)

    def _surrogate(self, high: int, start: int) -> int:
        low = self._hex(start) if high <= 0xDBFF and self._take(b"\\") and self._take(b"u") else 0
        if not 0xDC00 <= low <= 0xDFFF:
            raise JsonError("The surrogate pair in string is invalid.", start)
        return ((high - 0xD800) << 10 | (low - 0xDC00)) + 0x10000

    def _hex(self, start: int) -> int:
        digits = _HEX.match(self._text, self._at)
        if not digits:
            raise JsonError("Incorrect hex digit after \\u escape in string.", start)
        self._at = digits.end()
        return int(digits[0], 16)

    def _word(self, word: bytes, value: Any) -> Any:
        for index, letter in enumerate(word):
            if self._text[self._at + index : self._at + index + 1] != bytes([letter]):
                raise JsonError("Invalid value.", self._at + index)
        self._at += len(word)
        return value

    def _number(self) -> int | float:
        start = self._at
        special = _NOT_FINITE.match(self._text, start)
        if special:
            self._at = special.end()
            value = math.nan if special[2] == b"NaN" else math.inf
            return -value if special[1] else value
        match = _NUMBER.match(self._text, start)
        if not match:
            raise JsonError("Invalid value.", start + (self._peek() == b"-"))
        self._at = match.end()
        return self._convert(match, start)

    def _convert(self, match: re.Match[bytes], start: int) -> int | float:
        if match[2] and not match[3]:
            raise JsonError("Miss fraction part in number.", match.end(2))
        if match[4] and not match[5]:
            raise JsonError("Miss exponent in number.", match.end(4))
        if not match[2] and not match[4] and len(match[1]) < 20:
            return int(match[0])
        value = float(match[0])
        if math.isinf(value):
            raise JsonError("Number too big to be stored in double.", start)
        return value

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        assert space
        self._at = space.end()

    def _peek(self) -> bytes:
        return self._text[self._at : self._at + 1]

    def _take(self, expected: bytes) -> bool:
        found = self._peek() == expected
        self._at += found
        return found
