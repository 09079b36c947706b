"""TensorProto ↔ NumPy arrays, with the rules of TensorFlow's own decoder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.runtime import dtypes, tensor_pb2, types_pb2

Array = NDArray[Any]

MAX_TENSOR_BYTES = 2**31
"""Largest tensor that a request may describe; a few bytes of shape must not make the server allocate more."""

_FIELDS = {
    types_pb2.DT_FLOAT: "float_val",
    types_pb2.DT_DOUBLE: "double_val",
    types_pb2.DT_INT32: "int_val",
    types_pb2.DT_INT16: "int_val",
    types_pb2.DT_INT8: "int_val",
    types_pb2.DT_UINT8: "int_val",
    types_pb2.DT_UINT16: "int_val",
    types_pb2.DT_HALF: "half_val",
    types_pb2.DT_BFLOAT16: "half_val",
    types_pb2.DT_STRING: "string_val",
    types_pb2.DT_INT64: "int64_val",
    types_pb2.DT_BOOL: "bool_val",
    types_pb2.DT_UINT32: "uint32_val",
    types_pb2.DT_UINT64: "uint64_val",
}
_PACKED_TAGS = {types_pb2.DT_FLOAT: b"\x2a", types_pb2.DT_DOUBLE: b"\x32"}
"""Wire tags of the packed fields float_val and double_val, whose payload is the array's own bytes."""


def type_name(dtype: int) -> str:
    """TensorFlow's short name of a DataType, as its messages use it: `float`, `int32`, `string`."""
    return str(types_pb2.DataType.Name(dtype)).removeprefix("DT_").lower()


def numpy_type(dtype: int) -> np.dtype[Any]:
    """The NumPy type that holds a DataType; strings are objects (bytes)."""
    found: np.dtype[Any] = np.dtype(dtypes.as_dtype(dtype).as_numpy_dtype)
    return found


def decode(proto: Any) -> Array:
    """The array in a TensorProto.

    As in TensorFlow, values beyond the shape are ignored, and where there are too few the last one is repeated.

    Raises:
        ValueError: the proto contradicts itself, or describes a tensor beyond MAX_TENSOR_BYTES.
    """
    if proto.dtype not in _FIELDS:
        raise ValueError(f"unsupported type {proto.dtype}")
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if proto.tensor_shape.unknown_rank or any(size < 0 for size in shape):
        raise ValueError("the shape is not fully defined")
    dtype = numpy_type(proto.dtype)
    count = math.prod(shape)
    if count * dtype.itemsize > MAX_TENSOR_BYTES:
        raise ValueError("the tensor is too large")
    if proto.tensor_content:
        return _from_content(proto.tensor_content, dtype, count).reshape(shape)
    return _from_values(_values(proto, dtype), dtype, count).reshape(shape)


def _from_content(content: bytes, dtype: np.dtype[Any], count: int) -> Array:
    if dtype.kind == "O" or len(content) != count * dtype.itemsize:
        raise ValueError("tensor_content does not fit the shape")
    return np.frombuffer(content, dtype)


def _values(proto: Any, dtype: np.dtype[Any]) -> Array:
    values = getattr(proto, _FIELDS[proto.dtype])
    if _FIELDS[proto.dtype] == "half_val":
        return np.array(values, np.uint16).view(dtype)
    return np.array(values, np.int64).astype(dtype) if _FIELDS[proto.dtype] == "int_val" else np.array(values, dtype)


def _from_values(values: Array, dtype: np.dtype[Any], count: int) -> Array:
    if len(values) >= count:
        return values[:count]
    if not len(values):
        return np.full(count, b"", object) if dtype.kind == "O" else np.zeros(count, dtype)
    return np.concatenate([values, np.full(count - len(values), values[-1], dtype)])


def encode(array: Array, *, as_content: bool = False) -> Any:
    """A TensorProto with the values of `array`, one by one, or with their bytes (`as_content`)."""
    dtype = dtypes.as_dtype(array.dtype).as_datatype_enum
    proto = tensor_pb2.TensorProto(dtype=dtype)
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if dtype != types_pb2.DT_STRING and as_content:
        proto.tensor_content = array.tobytes()
    elif dtype in _PACKED_TAGS:
        _merge_packed(proto, _PACKED_TAGS[dtype], array.tobytes())
    else:
        _extend(proto, _FIELDS[dtype], array)
    return proto


def _merge_packed(proto: Any, tag: bytes, payload: bytes) -> None:
    # a message is the concatenation of its fields: this spares a Python object for each of a million floats
    if payload:
        proto.MergeFromString(tag + _varint(len(payload)) + payload)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _extend(proto: Any, field: str, array: Array) -> None:
    flat = array.ravel()
    getattr(proto, field).extend((flat.view(np.uint16) if field == "half_val" else flat).tolist())
