"""Messages as JSON, the way TensorFlow Serving prints them: every field, in its number's order, one space a level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Field

from serving.rest.json_text import quote

_WIDE = (Field.CPPTYPE_INT64, Field.CPPTYPE_UINT64)


def to_json(message: Any) -> str:
    """A message as JSON text, ending with a line break."""
    return _message(message, 0) + "\n"


def _message(message: Any, depth: int) -> str:
    if message.DESCRIPTOR.full_name == "google.protobuf.Int64Value":
        return f'"{message.value}"'
    members = [
        f"{quote(field.name)}: {_member(message, field, depth + 1)}"
        for field in sorted(message.DESCRIPTOR.fields, key=lambda field: int(field.number))
        if not _is_absent(message, field)
    ]
    return _block("{", members, "}", depth)


def _is_absent(message: Any, field: Any) -> bool:
    return bool(field.has_presence) and not message.HasField(field.name)


def _member(message: Any, field: Any, depth: int) -> str:
    value = getattr(message, field.name)
    if _is_map(field):
        of = field.message_type.fields_by_name["value"]
        return _block("{", [f"{quote(str(key))}: {_value(value[key], of, depth + 1)}" for key in value], "}", depth)
    if field.label == Field.LABEL_REPEATED:
        return _block("[", [_value(each, field, depth + 1) for each in value], "]", depth)
    return _value(value, field, depth)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _value(value: Any, field: Any, depth: int) -> str:
    if field.cpp_type == Field.CPPTYPE_MESSAGE:
        return _message(value, depth)
    if field.cpp_type == Field.CPPTYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        return quote(known.name) if known else str(value)
    if field.cpp_type == Field.CPPTYPE_BOOL:
        return "true" if value else "false"
    if field.cpp_type == Field.CPPTYPE_STRING:
        return quote(value)
    return f'"{value}"' if field.cpp_type in _WIDE else str(value)


def _block(opening: str, members: Sequence[str], closing: str, depth: int) -> str:
    if not members:
        return opening + closing
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    return opening + ",".join(inner + member for member in members) + outer + closing
