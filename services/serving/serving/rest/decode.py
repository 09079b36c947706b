"""A predict request's JSON to arrays: rows (`instances`) or columns (`inputs`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.rest import values
from serving.rest.json_text import JsonError, parse, pretty
from serving.status import StatusError, invalid_argument
from serving.tensors import Array

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
    return isinstance(row, dict) and not values.is_base64(row)


def _from_plain_rows(rows: list[Any], dtype: int) -> Array:
    quick = values.quick_array(rows, dtype)
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
        leaves: list[Any] = []
        shape = values.shape_of(row)
        values.fill(row, self._dtype, shape, leaves)
        if self._shape is None:
            self._shape, self._size = shape, len(leaves)
        elif len(leaves) != self._size:
            raise invalid_argument(f"Expecting tensor size: {self._size} but got: {len(leaves)}")
        elif shape != self._shape:
            raise invalid_argument(f"Expecting shape {_brackets(self._shape)} but got: {_brackets(shape)}")
        self._values += leaves
        self._rows += 1

    def array(self) -> Array:
        return values.array_of_values(self._values, self._dtype, [self._rows, *(self._shape or [])])


def _brackets(shape: list[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _from_columns(value: Any, infos: Mapping[str, Any]) -> dict[str, Array]:
    if isinstance(value, dict) and not values.is_base64(value):
        for alias in infos:
            if alias not in value:
                raise invalid_argument(f"Missing named input: {alias} in 'inputs' object.")
        return {alias: values.to_array(value[alias], info.dtype) for alias, info in infos.items()}
    if len(infos) > 1:
        raise invalid_argument(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map"
        )
    alias = next(iter(infos))
    return {alias: values.to_array(value, infos[alias].dtype)}
