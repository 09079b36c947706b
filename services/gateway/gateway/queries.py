"""Query parameters: each has a parser; unknown, repeated and malformed ones are refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from digitscribe.errors import InvalidInput
from flask import request

Parser = Callable[[str], Any]

E = TypeVar("E", bound=StrEnum)


def query(**parsers: Parser) -> dict[str, Any]:
    """The present request's query parameters, parsed; absent ones are absent.

    Raises:
        InvalidInput: a parameter is unknown, given twice, or not what its parser expects.
    """
    return parse(request.args.to_dict(flat=False), parsers)


def parse(given: Mapping[str, list[str]], parsers: Mapping[str, Parser]) -> dict[str, Any]:
    """`given` (values by name), parsed; see `query`."""
    for name, values in given.items():
        if name not in parsers:
            known = ", ".join(sorted(parsers)) or "none"
            raise InvalidInput(f"unknown query parameter {name!r}; this call knows: {known}")
        if len(values) > 1:
            raise InvalidInput(f"query parameter {name!r} is given {len(values)} times; give it once")
    return {name: _parsed(name, values[0], parsers[name]) for name, values in given.items()}


def _parsed(name: str, value: str, parser: Parser) -> Any:
    try:
        return parser(value)
    except ValueError as error:
        raise InvalidInput(f"query parameter {name!r}: {error}, not {value[:80]!r}") from error


def number(low: float, high: float) -> Parser:
    """A number from `low` to `high`, written as in JSON."""

    def parser(text: str) -> float:
        value = _json_number(text)
        if value is None or not low <= value <= high:  # NaN is not between anything either
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return float(value)

    return parser


def integer(low: int, high: int) -> Parser:
    """An integer from `low` to `high`."""

    def parser(text: str) -> int:
        value = _json_number(text)
        if value is None or not low <= value <= high or value != int(value):
            raise ValueError(f"expected an integer from {low} to {high}")
        return int(value)

    return parser


def choice(*choices: E) -> Parser:
    """One of `choices`."""

    def parser(text: str) -> E:
        for each in choices:
            if each.value == text:
                return each
        raise ValueError(f"expected one of {', '.join(choices)}")

    return parser


def choices(*known: E) -> Parser:
    """Some of `known`, separated by commas."""
    one = choice(*known)

    def parser(text: str) -> frozenset[E]:
        return frozenset(one(part) for part in text.split(","))

    return parser


def flag(text: str) -> bool:
    """`1` or `true`, `0` or `false`."""
    if text not in ("0", "1", "true", "false"):
        raise ValueError("expected true or false")
    return text in ("1", "true")


def _json_number(text: str) -> float | int | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
