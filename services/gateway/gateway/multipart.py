"""multipart/form-data (RFC 7578), read piece by piece within limits.

Not Werkzeug's: its form parser keeps no limit for each part, and its decoder adds a carriage return to a part if the
body happens to be cut in the middle of a boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digitscribe.errors import ImageTooLarge, InvalidInput
from werkzeug.http import parse_options_header

_HEAD_BYTES = 16 * 1024
_LONGEST_BOUNDARY = 200  # RFC 2046 allows 70 characters; some libraries draw longer ones now and then
_BREAK = b"\r\n"
_END = b"--"


def parse_multipart(body: Iterable[bytes], boundary: str, name: str, part_bytes: int, parts: int) -> list[bytes]:
    """The content of each part of `body`; all parts must have the name `name`.

    Raises:
        InvalidInput: it is malformed, has parts of other names, no part, or more than `parts`.
        ImageTooLarge: a part is longer than `part_bytes`.
    """
    if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
        raise InvalidInput("multipart/form-data needs a boundary in its Content-Type")
    found: list[bytes] = []
    for content in _contents(_Pieces(body), _BREAK + b"--" + boundary.encode(), name, part_bytes):
        found.append(content)
        if len(found) > parts:
            raise InvalidInput(f"a request may carry {parts} parts named {name!r} at most")
    if not found:
        raise InvalidInput(f"no multipart part is named {name!r}")
    return found


def _contents(pieces: _Pieces, delimiter: bytes, name: str, part_bytes: int) -> Iterator[bytes]:
    if pieces.until(delimiter, _HEAD_BYTES) is None:
        raise InvalidInput("the multipart body does not begin with its boundary")
    while pieces.next(len(_END)) != _END:  # what follows the last boundary, a line break say, is optional
        if _head(pieces, _BREAK).strip(b" \t"):
            raise InvalidInput("a multipart boundary is followed by something else")
        _check_name(_head(pieces, _BREAK + _BREAK), name)
        content = pieces.until(delimiter, part_bytes)
        if content is None:
            raise ImageTooLarge(f"a part of the body has more than {part_bytes:,} bytes")
        yield content
    pieces.drain()


def _head(pieces: _Pieces, end: bytes) -> bytes:
    head = pieces.until(end, _HEAD_BYTES)
    if head is None:
        raise InvalidInput("the head of a multipart part is too long")
    return head


def _check_name(head: bytes, name: str) -> None:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        field, _, value = line.partition(":")
        if field.strip().lower() == "content-disposition":
            given = parse_options_header(value.strip())[1].get("name")
            if given != name:
                raise InvalidInput(f"unknown multipart part {given!r}; name each {name!r}")
            return
    raise InvalidInput("a multipart part has no Content-Disposition")


class _Pieces:
    """A body that is cut at markers."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = iter(body)
        self._buffer = bytearray(_BREAK)  # the first boundary may come without a line break before it

    def until(self, marker: bytes, at_most: int) -> bytes | None:
        """What comes before `marker`, which is taken away too; None if that is more than `at_most` bytes."""
        begin = 0
        while (end := self._buffer.find(marker, begin)) < 0 and len(self._buffer) <= at_most + len(marker):
            begin = max(0, len(self._buffer) - len(marker) + 1)
            self._more()
        if not 0 <= end <= at_most:
            return None
        piece = bytes(self._buffer[:end])
        del self._buffer[: end + len(marker)]
        return piece

    def next(self, count: int) -> bytes:
        """The `count` bytes that come next; they stay."""
        while len(self._buffer) < count:
            self._more()
        return bytes(self._buffer[:count])

    def drain(self) -> None:
        """Take the rest, which means nothing."""
        for _ in self._body:
            continue

    def _more(self) -> None:
        chunk = next(self._body, None)
        if chunk is None:
            raise InvalidInput("the multipart body is cut off")
        self._buffer += chunk
