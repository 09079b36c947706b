"""Query parameters: each knows how to parse itself and how to describe itself; wrong ones are refused in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from digitscribe.contracts.document import ID_PATTERN
from digitscribe.errors import InvalidInput
from flask import request

from gateway.answers import Json


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter: `parse` raises ValueError saying what was expected; `schema` is JSON Schema."""

    parse: Callable[[str], Any]
    schema: Json
    description: str
    exploded: bool = True
    is_json: bool = False


Parameters = Mapping[str, Parameter]
"""A call's query parameters by name."""


def query(parameters: Parameters) -> dict[str, Any]:
    """The present request's query parameters, parsed; absent ones are absent.

    Raises:
        InvalidInput: a parameter is unknown, given twice, or not what it should be.
    """
    return parse(request.args.to_dict(flat=False), parameters)


def parse(given: Mapping[str, list[str]], parameters: Parameters) -> dict[str, Any]:
    """`given` (values by name), parsed; see `query`."""
    for name, values in given.items():
        if name not in parameters:
            known = ", ".join(sorted(parameters)) or "none"
            raise InvalidInput(f"unknown query parameter {name!r}; this call knows: {known}")
        if len(values) > 1:
            raise InvalidInput(f"query parameter {name!r} is given {len(values)} times; give it once")
    return {name: _parsed(name, values[0], parameters[name]) for name, values in given.items()}


def _parsed(name: str, value: str, parameter: Parameter) -> Any:
    try:
        return parameter.parse(value)
    except ValueError as error:
        raise InvalidInput(f"query parameter {name!r}: {error}, not {value[:80]!r}") from error


def number(low: float, high: float, description: str, default: float = 0) -> Parameter:
    """A number from `low` to `high`, written as in JSON."""

    def parse_number(text: str) -> float:
        value = _json_number(text)
        if value is None or not low <= value <= high:  # NaN is not between anything either
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return float(value)

    schema = {"type": "number", "minimum": low, "maximum": high, "default": default}
    return Parameter(parse_number, schema, description)


def integer(low: int, high: int, description: str, default: int) -> Parameter:
    """An integer from `low` to `high`."""

    def parse_integer(text: str) -> int:
        value = _json_number(text)
        if value is None or not low <= value <= high or value != int(value):
            raise ValueError(f"expected an integer from {low} to {high}")
        return int(value)

    schema = {"type": "integer", "minimum": low, "maximum": high, "default": default}
    return Parameter(parse_integer, schema, description)


def choice(choices: Collection[StrEnum], description: str) -> Parameter:
    """One of `choices`."""
    return Parameter(lambda text: _chosen(choices, text), _enum(choices), description)


def several(choices: Collection[StrEnum], description: str) -> Parameter:
    """Some of `choices`, separated by commas."""

    def parse_several(text: str) -> frozenset[StrEnum]:
        return frozenset(_chosen(choices, part) for part in text.split(","))

    schema = {"type": "array", "items": _enum(choices), "minItems": 1, "uniqueItems": True}
    return Parameter(parse_several, schema, description, exploded=False)


def identifier(description: str) -> Parameter:
    """The id of something."""

    def parse_identifier(text: str) -> str:
        if not re.fullmatch(ID_PATTERN, text):
            raise ValueError("expected an id of 32 hexadecimal digits")
        return text

    return Parameter(parse_identifier, {"type": "string", "pattern": ID_PATTERN}, description)


def flag(description: str) -> Parameter:
    """`true` or `1`, `false` or `0`."""

    def parse_flag(text: str) -> bool:
        if text not in ("0", "1", "true", "false"):
            raise ValueError("expected true or false")
        return text in ("1", "true")

    # the digits are a convenience; what is promised is JSON's true and false
    return Parameter(parse_flag, {"type": "boolean", "default": False}, description)


def json_object(parse: Callable[[str], Any], schema: Json, description: str) -> Parameter:
    """A JSON object that `parse` checks; it raises ValueError."""
    return Parameter(parse, schema, description, is_json=True)


def matching(pattern: str, expected: str, description: str) -> Parameter:
    """A text that `pattern` describes from end to end; `expected` says in words what that is."""

    def parse_matching(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"expected {expected}")
        return text

    return Parameter(parse_matching, {"type": "string", "pattern": f"^{pattern}$"}, description)


def _enum(choices: Collection[StrEnum]) -> Json:
    return {"type": "string", "enum": [each.value for each in choices]}


def _chosen(choices: Collection[StrEnum], text: str) -> StrEnum:
    for each in choices:
        if each.value == text:
            return each
    raise ValueError(f"expected one of {', '.join(choices)}")


def _json_number(text: str) -> float | int | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
