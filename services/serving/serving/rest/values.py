"""JSON values to arrays: one value, or nested lists of one shape. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.rest.json_text import pretty
from serving.runtime import types_pb2
from serving.status import invalid_argument
from serving.tensors import Array, numpy_type, type_name

_FLOATS = (types_pb2.DT_FLOAT, types_pb2.DT_DOUBLE)
_RANGES = {
    types_pb2.DT_INT8: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT16: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT32: (-(2**31), 2**31 - 1),
    types_pb2.DT_UINT8: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT64: (-(2**63), 2**63 - 1),
    types_pb2.DT_UINT32: (0, 2**32 - 1),
    types_pb2.DT_UINT64: (0, 2**64 - 1),
}
"""What the integer that JSON holds must fit; narrower types then wrap around, as in TensorFlow Serving."""

_TYPE_NAMES = {type(None): "Null", dict: "Object", list: "Array", str: "String", int: "Number", float: "Number"}


def to_array(value: Any, dtype: int) -> Array:
    """Nested lists of JSON values to an array of the DataType `dtype`.

    Raises:
        StatusError: INVALID_ARGUMENT, the nesting is uneven or a value has the wrong type.
    """
    quick = quick_array(value, dtype)
    if quick is not None:
        return quick
    values: list[Any] = []
    shape = shape_of(value)
    fill(value, dtype, shape, values)
    return array_of_values(values, dtype, shape)


def quick_array(value: Any, dtype: int) -> Array | None:
    """What is plainly an array of floats, without a look at each value in Python; else None."""
    if dtype not in _FLOATS or not _leaf_types(value) <= {int, float}:
        return None
    try:
        with np.errstate(over="ignore"):
            return np.array(value, np.float64).astype(numpy_type(dtype))
    except (ValueError, OverflowError):
        return None


def _leaf_types(value: Any) -> set[type]:
    if not isinstance(value, list):
        return {type(value)}
    kinds = set(map(type, value))
    if list in kinds:
        return (kinds - {list}).union(*(_leaf_types(each) for each in value if isinstance(each, list)))
    return kinds


def shape_of(value: Any) -> list[int]:
    """The shape of nested lists, judged by the first element of each."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def fill(value: Any, dtype: int, shape: list[int], values: list[Any], level: int = 0) -> None:
    """Append the leaves of `value` to `values`.

    Raises:
        StatusError: INVALID_ARGUMENT, a list has not the size that `shape` says, or a leaf not the type.
    """
    if not isinstance(value, list):
        if level != len(shape):
            raise invalid_argument(
                f"JSON Value: {pretty(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                f"Expected at level: {len(shape)}"
            )
        values.append(_leaf(value, dtype))
        return
    if level >= len(shape):
        raise invalid_argument(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
        )
    for each in value:
        fill(each, dtype, shape, values, level + 1)


def is_base64(value: Any) -> bool:
    """Whether `value` stands for bytes: `{"b64": "…"}` and nothing else."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _leaf(value: Any, dtype: int) -> Any:
    if dtype == types_pb2.DT_STRING and isinstance(value, dict):
        return _from_base64(value)
    if dtype == types_pb2.DT_STRING and isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if dtype in _FLOATS and type(value) in (int, float):
        return float(value)
    if dtype == types_pb2.DT_BOOL and isinstance(value, bool):
        return value
    if dtype in _RANGES and type(value) is int and _RANGES[dtype][0] <= value <= _RANGES[dtype][1]:
        return value
    raise invalid_argument(
        f"JSON Value: {pretty(value)} Type: {_type_of(value)} is not of expected type: {type_name(dtype)}"
    )


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    return _TYPE_NAMES[type(value)]


def _from_base64(value: Mapping[str, Any]) -> bytes:
    if not is_base64(value):
        raise invalid_argument(f"JSON Value: {pretty(value)} not formatted correctly for base64 data")
    text = str(value["b64"]).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error


def array_of_values(values: list[Any], dtype: int, shape: list[int]) -> Array:
    """An array of `shape` with values that are right for the DataType `dtype`."""
    kind = numpy_type(dtype)
    with np.errstate(over="ignore"):
        if dtype in _FLOATS:
            return np.array(values, np.float64).astype(kind).reshape(shape)
        if dtype in _RANGES and kind.itemsize < 4:
            return np.array(values, np.int64).astype(kind).reshape(shape)
    array = np.empty(len(values), kind)
    array[:] = values
    return array.reshape(shape)
