"""A predict request's JSON to arrays: rows (`instances`) or columns (`inputs`). Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving.rest.json_text import JsonError, parse, pretty
from serving.runtime import types_pb2
from serving.status import StatusError, invalid_argument
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
_OBJECT = "JSON Value: {} {}"


@dataclass(frozen=True, slots=True)
class PredictInput:
    """A predict request: arrays by alias, and whether they came in rows (`instances`)."""

    inputs: dict[str, Array]
    in_rows: bool

    @property
    def rows(self) -> int:
        """How many rows the request holds."""
        return max((len(array) for array in self.inputs.values() if array.ndim), default=1)


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a request's body is.

    Raises:
        StatusError: INVALID_ARGUMENT, it is none.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = parse(body)
    except JsonError as error:
        raise invalid_argument(f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise invalid_argument(_OBJECT.format(pretty(document), "Is not object"))
    return document


def signature_of(document: Mapping[str, Any]) -> str:
    """The signature that a request names; empty if it names none.

    Raises:
        StatusError: INVALID_ARGUMENT, the name is not a string.
    """
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"JSON Value: {pretty(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    return name


def predict_input(document: Mapping[str, Any], name: str, infos: Mapping[str, Any]) -> PredictInput:
    """Read a predict request for the signature `name`, whose inputs are `infos` (TensorInfo by alias).

    Raises:
        StatusError: INVALID_ARGUMENT, the document is not such a request, or contradicts the signature.
    """
    if not infos:
        raise invalid_argument(f"Failed to get input map for signature: {name or 'DEFAULT'}")
    try:
        return _predict_input(document, infos)
    except (RecursionError, ValueError) as error:
        raise invalid_argument("The request's lists are nested too deeply") from error


def _predict_input(document: Mapping[str, Any], infos: Mapping[str, Any]) -> PredictInput:
    if "instances" in document and "inputs" in document:
        raise _format_error(
            document, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        )
    if "instances" in document:
        return PredictInput(_from_rows(document, infos), in_rows=True)
    if "inputs" in document:
        return PredictInput(_from_columns(document["inputs"], infos), in_rows=False)
    raise invalid_argument("Missing 'inputs' or 'instances' key")


def _format_error(document: Any, what: str) -> StatusError:
    return invalid_argument(_OBJECT.format(pretty(document), what))


def _from_rows(document: Mapping[str, Any], infos: Mapping[str, Any]) -> dict[str, Array]:
    rows = document["instances"]
    if not isinstance(rows, list):
        raise _format_error(document, "Expecting 'instances' to be an list/array")
    if not rows:
        raise _format_error(document, "No values in 'instances' array")
    if not isinstance(rows[0], dict) and len(infos) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    if _is_named(rows[0]):
        return _from_named_rows(rows, infos)
    alias = next(iter(infos))
    return {alias: _from_plain_rows(rows, infos[alias].dtype)}


def _is_named(row: Any) -> bool:
    return isinstance(row, dict) and not is_base64(row)


def _from_plain_rows(rows: list[Any], dtype: int) -> Array:
    quick = _quick(rows, dtype)
    if quick is not None:
        return quick
    column = _Column(dtype)
    for index, row in enumerate(rows):
        if _is_named(row):
            raise invalid_argument(f"Expecting value/list but got object at item {index} of input list")
        try:
            column.add(row)
        except StatusError as error:
            raise invalid_argument(f"Failed to process element: {index} of 'instances' list. Error: {error}") from error
    return column.array()


def _from_named_rows(rows: list[Any], infos: Mapping[str, Any]) -> dict[str, Array]:
    columns = {alias: _Column(info.dtype) for alias, info in infos.items()}
    for index, row in enumerate(rows):
        if not _is_named(row):
            raise invalid_argument(f"Expecting object but got list at item {index} of input list")
        for alias, value in row.items():
            _add_named(columns, index, alias, value)
        if row.keys() != infos.keys():
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. JSON object: {pretty(row)} keys must "
                f"be equal to: {','.join(sorted(infos))}"
            )
    return {alias: column.array() for alias, column in columns.items()}


def _add_named(columns: Mapping[str, _Column], index: int, alias: str, value: Any) -> None:
    try:
        if alias not in columns:
            raise invalid_argument(f"JSON object: does not have named input: {alias}")
        columns[alias].add(value)
    except StatusError as error:
        raise invalid_argument(
            f"Failed to process element: {index} key: {alias} of 'instances' list. Error: {error}"
        ) from error


class _Column:
    """The values of one input, row by row; every row has the shape of the first."""

    def __init__(self, dtype: int) -> None:
        self._dtype = dtype
        self._values: list[Any] = []
        self._shape: list[int] | None = None
        self._size = 0
        self._rows = 0

    def add(self, row: Any) -> None:
        values: list[Any] = []
        shape = shape_of(row)
        fill(row, self._dtype, shape, values)
        if self._shape is None:
            self._shape, self._size = shape, len(values)
        elif len(values) != self._size:
            raise invalid_argument(f"Expecting tensor size: {self._size} but got: {len(values)}")
        elif shape != self._shape:
            raise invalid_argument(f"Expecting shape {_brackets(self._shape)} but got: {_brackets(shape)}")
        self._values += values
        self._rows += 1

    def array(self) -> Array:
        return _to_array(self._values, self._dtype, [self._rows, *(self._shape or [])])


def _brackets(shape: list[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _from_columns(value: Any, infos: Mapping[str, Any]) -> dict[str, Array]:
    if isinstance(value, dict) and not is_base64(value):
        for alias in infos:
            if alias not in value:
                raise invalid_argument(f"Missing named input: {alias} in 'inputs' object.")
        return {alias: to_array(value[alias], info.dtype) for alias, info in infos.items()}
    if len(infos) > 1:
        raise invalid_argument(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map"
        )
    alias = next(iter(infos))
    return {alias: to_array(value, infos[alias].dtype)}


def to_array(value: Any, dtype: int) -> Array:
    """Nested lists of JSON values to an array of the DataType `dtype`.

    Raises:
        StatusError: INVALID_ARGUMENT, the nesting is uneven or a value has the wrong type.
    """
    quick = _quick(value, dtype)
    if quick is not None:
        return quick
    values: list[Any] = []
    shape = shape_of(value)
    fill(value, dtype, shape, values)
    return _to_array(values, dtype, shape)


def _quick(value: Any, dtype: int) -> Array | None:
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


def _to_array(values: list[Any], dtype: int, shape: list[int]) -> Array:
    kind = numpy_type(dtype)
    with np.errstate(over="ignore"):
        if dtype in _FLOATS:
            return np.array(values, np.float64).astype(kind).reshape(shape)
        if dtype in _RANGES and kind.itemsize < 4:
            return np.array(values, np.int64).astype(kind).reshape(shape)
    array = np.empty(len(values), kind)
    array[:] = values
    return array.reshape(shape)
