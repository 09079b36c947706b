"""The base of every document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, ValidationError

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
"""What a camera may be called: it becomes part of URLs and of Redis keys."""

ID_PATTERN = r"^[0-9a-f]{32}$"
"""Identifiers are uuid4 in hexadecimal."""

_FAULTS_NAMED = 5


class Document(BaseModel):
    """An immutable JSON document that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


def explained(error: ValidationError) -> str:
    """What is wrong with a document, field by field, for people."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in faults[:_FAULTS_NAMED]]
    more = len(faults) - len(lines)
    return "; ".join(lines) + (f"; and {more} more" if more else "")


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such moment in UTC") from error


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[AwareDatetime, AfterValidator(_utc), PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""A moment in time, never without its zone; as JSON in UTC with milliseconds, `2026-11-22T10:00:00.000Z` (RFC 3339)."""


def now() -> datetime:
    """The present moment, aware of its zone (UTC)."""
    return datetime.now(UTC)
