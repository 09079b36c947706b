"""Arrays to a predict response's JSON: rows (`predictions`) or columns (`outputs`). Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.rest.json_text import array_of, object_of, quote
from serving.status import invalid_argument
from serving.tensors import Array

_BYTES_SUFFIX = "_bytes"
"""Outputs of strings whose alias ends in this are bytes, and written as base64."""


def predictions(outputs: Mapping[str, Array]) -> str:
    """The body that answers `instances`: one element a row.

    Raises:
        StatusError: INVALID_ARGUMENT, an output has no rows, or not as many as another.
    """
    rows = _row_count(outputs)
    texts = {alias: _leaves(alias, array, 3 if len(outputs) > 1 else 2) for alias, array in outputs.items()}
    if len(outputs) > 1:
        elements = [
            object_of([(alias, _row(texts[alias], array, row)) for alias, array in outputs.items()], 2)
            for row in range(rows)
        ]
        return object_of([("predictions", array_of(elements, 1))], 0)
    ((alias, array),) = outputs.items()
    inline = ", ".join(_row(texts[alias], array, row) for row in range(rows))
    return object_of([("predictions", f"[{inline}\n    ]" if rows else "[]")], 0)


def outputs_by_name(outputs: Mapping[str, Array]) -> str:
    """The body that answers `inputs`: one array an output, or the only one."""
    if len(outputs) == 1:
        ((alias, array),) = outputs.items()
        return object_of([("outputs", _column(alias, array, 1))], 0)
    members = [(alias, _column(alias, array, 2)) for alias, array in outputs.items()]
    return object_of([("outputs", object_of(members, 1))], 0)


def _row_count(outputs: Mapping[str, Array]) -> int:
    rows = -1
    for alias, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {alias} has no shape information ")
        if rows not in (-1, len(array)):
            raise invalid_argument(f"Tensor name: {alias} has inconsistent batch size: {len(array)} expecting: {rows}")
        rows = len(array)
    return rows


def _row(texts: Sequence[str], array: Array, row: int) -> str:
    size = int(np.prod(array.shape[1:], dtype=np.int64))
    return _inline(texts[row * size : (row + 1) * size], array.shape[1:])


def _inline(texts: Sequence[str], shape: Sequence[int]) -> str:
    if not shape:
        return texts[0]
    if len(shape) == 1:
        return f"[{', '.join(texts)}]"
    size = len(texts) // shape[0] if shape[0] else 0
    parts = (_inline(texts[index * size : (index + 1) * size], shape[1:]) for index in range(shape[0]))
    return f"[{', '.join(parts)}]"


def _column(alias: str, array: Array, depth: int) -> str:
    return _lines(_leaves(alias, array, depth + array.ndim), array.shape, depth)


def _lines(texts: Sequence[str], shape: Sequence[int], depth: int) -> str:
    if not shape:
        return texts[0]
    size = len(texts) // shape[0] if shape[0] else 0
    parts = [_lines(texts[index * size : (index + 1) * size], shape[1:], depth + 1) for index in range(shape[0])]
    return array_of(parts, depth)


def _leaves(alias: str, array: Array, depth: int) -> list[str]:
    """Every value of `array` as JSON text; `depth` is where an object among them would stand."""
    values = array.ravel().tolist()
    kind = array.dtype.kind
    if array.dtype.itemsize == 2 and kind not in "iu":
        return _floats(array.astype(np.float32).ravel())
    if kind == "f":
        return _floats(array.ravel())
    if kind == "O":
        return [_string(value, depth, as_bytes=alias.endswith(_BYTES_SUFFIX)) for value in values]
    if kind == "b":
        return ["true" if value else "false" for value in values]
    if kind in "iu":
        return [str(value) for value in values]
    raise invalid_argument(f"Failed to write JSON value for tensor type: {array.dtype}")


def _string(value: Any, depth: int, *, as_bytes: bool) -> str:
    content = value if isinstance(value, bytes) else str(value).encode()
    if as_bytes:
        return object_of([("b64", quote(base64.b64encode(content).decode()))], depth)
    return quote(content.decode("utf-8", "surrogateescape"))


def _floats(array: Array) -> list[str]:
    """Six digits where they give the number back exactly, else as many as it takes; always with a point or exponent."""
    digits = 9 if array.dtype.itemsize == 4 else 17
    short = [f"{value:g}" for value in array.tolist()]
    exact = np.array(short, array.dtype) == array
    texts = (
        text if same else f"{value:.{digits}g}" for text, same, value in zip(short, exact, array.tolist(), strict=True)
    )
    return [_with_point(text) for text in texts]


def _with_point(text: str) -> str:
    if text.endswith(("nan", "inf")):
        return "NaN" if text.endswith("nan") else text.replace("inf", "Infinity")
    return text if "." in text or "e" in text else text + ".0"
