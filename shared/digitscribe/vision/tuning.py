"""Changes to a preprocessing profile: read from JSON, checked setting by setting, and carried as little as possible.

A profile travels as what it changes of `Profile()`: a record stays small, and one that was written before a setting
was renamed can still be listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from .profile import Profile

Value = bool | int | float | str
"""A setting's value in JSON's terms."""

Changes = dict[str, Value]
"""Settings by name; those that are not named keep their values."""


def parse(text: str) -> Changes:
    """The changes in `text`, a JSON object of settings; empty text changes nothing.

    Raises:
        ValueError: it is no such object; the message names the setting and what it may be.
    """
    try:
        given = json.loads(text or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError("expected a JSON object of settings") from error
    if not isinstance(given, dict):
        raise ValueError("expected a JSON object of settings")
    changed(Profile(), given)
    return given


def checked(text: str) -> str:
    """`text`, if `parse` takes it; raises as that does."""
    parse(text)
    return text


def changed(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """`profile` with `changes`.

    Raises:
        ValueError: a setting is unknown or has a value that it may not have; the message names both.
    """
    known = Profile.model_fields
    for name in changes:
        if name not in known:
            raise ValueError(f"there is no setting {name[:40]!r}; there are {', '.join(known)}")
    values = {**profile.model_dump(mode="json"), **{name: _whole(value) for name, value in changes.items()}}
    try:
        return Profile.model_validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(fault["loc"][0]) if fault["loc"] else ""
        raise ValueError(f"{name}: expected {expected(name)}" if name in known else str(fault["msg"])) from error


def changes_of(profile: Profile) -> Changes:
    """What `profile` changes of `Profile()`."""
    usual = Profile().model_dump(mode="json")
    return {name: value for name, value in profile.model_dump(mode="json").items() if value != usual[name]}


def expected(name: str) -> str:
    """What the setting `name` may be, in words."""
    schema = Profile.model_json_schema()
    field = schema["properties"][name]
    reference = field.get("$ref", "") or next((part["$ref"] for part in field.get("allOf", ()) if "$ref" in part), "")
    field = {**schema.get("$defs", {}).get(reference.rpartition("/")[2], {}), **field}
    if "enum" in field:
        return f"one of {', '.join(map(str, field['enum']))}"
    if field.get("type") == "boolean":
        return "true or false"
    low = _bound(field, "minimum", "from {:g}", "exclusiveMinimum", "above {:g}")
    high = _bound(field, "maximum", "to {:g}", "exclusiveMaximum", "below {:g}")
    kind = {"integer": "an integer", "number": "a number"}.get(str(field.get("type")), "a text")
    return " ".join(part for part in (kind, low, high) if part)


def _bound(field: Mapping[str, Any], inclusive: str, said: str, exclusive: str, otherwise: str) -> str:
    if inclusive in field:
        return said.format(field[inclusive])
    return otherwise.format(field[exclusive]) if exclusive in field else ""


def _whole(value: Any) -> Any:
    """`3.0` is the integer 3, as JSON Schema has it; a number that may have a fraction takes an integer as well."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")
