"""JSON as RapidJSON reads and writes it, for TensorFlow Serving's REST API prints what RapidJSON says.

Text is read by Python's own parser. Only what that one refuses, or what RapidJSON would see differently, is read again
by `rapid`, which knows RapidJSON's errors and their offsets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from serving.rest import rapid
from serving.rest.rapid import JsonError

INDENT = "    "

_BOM = b"\xef\xbb\xbf"
_ODD = re.compile(rb"[eE]\+?[0-9]{3}|[0-9]{300}|\\u[dD][89a-fA-F]")
"""Numbers beyond a double, and surrogates: Python takes them, RapidJSON does not."""

_ESCAPES = {code: f"\\u{code:04X}" for code in range(0x20)} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def parse(body: bytes) -> Any:
    """The first JSON value in `body`; what follows it is ignored, of equal keys the first counts.

    Strings are str, with bytes that are not UTF-8 as surrogate escapes. NaN and infinities are numbers.

    Raises:
        JsonError: `body` does not begin with a JSON value.
    """
    text = body.removeprefix(_BOM)
    if not _ODD.search(text):
        try:
            return _DECODER.raw_decode(text.decode("utf-8", "surrogateescape").lstrip(" \t\r\n"))[0]
        except (ValueError, RecursionError):
            pass
    return rapid.parse(text)


def _first_of_equal_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else dict(reversed(pairs))


_DECODER = json.JSONDecoder(object_pairs_hook=_first_of_equal_keys)


def quote(text: str) -> str:
    """`text` as a JSON string; only what must be escaped is."""
    return f'"{text.translate(_ESCAPES)}"'


def pretty(value: Any, depth: int = 0) -> str:
    """`value` on several lines, arrays on one, as in TensorFlow Serving's error messages."""
    if isinstance(value, Mapping):
        return object_of([(name, pretty(each, depth + 1)) for name, each in value.items()], depth)
    if isinstance(value, list):
        return "[" + ", ".join(pretty(each, depth + 1) for each in value) + "]"
    if isinstance(value, str):
        return quote(value)
    return _SCALARS.get(type(value), str)(value)


def object_of(members: Sequence[tuple[str, str]], depth: int) -> str:
    """A JSON object whose members are JSON text already, each on a line of its own."""
    if not members:
        return "{}"
    inner, outer = "\n" + INDENT * (depth + 1), "\n" + INDENT * depth
    return "{" + ",".join(f"{inner}{quote(name)}: {text}" for name, text in members) + outer + "}"


def array_of(elements: Sequence[str], depth: int) -> str:
    """A JSON array whose elements are JSON text already, each on a line of its own."""
    if not elements:
        return "[]"
    inner, outer = "\n" + INDENT * (depth + 1), "\n" + INDENT * depth
    return "[" + ",".join(inner + text for text in elements) + outer + "]"


def error_body(message: str) -> str:
    """The body of an answer that is an error."""
    return object_of([("error", quote(message))], 0)


_SCALARS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    float: lambda value: json.dumps(value),
}

__all__ = ["JsonError", "array_of", "error_body", "object_of", "parse", "pretty", "quote"]
