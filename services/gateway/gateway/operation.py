"""What one call of the API is, as a value: what it takes, and everything that it may answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from digitscribe.contracts.document import Document

from gateway.answers import Json
from gateway.queries import Parameters


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem: documents as JSON (several: one of them), or something of another media type."""

    description: str
    documents: tuple[type[Document], ...] = ()
    media: dict[str, Json] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: a document as JSON (`example`: one that is sound), or something of other media types."""

    description: str
    document: type[Document] | None = None
    media: dict[str, Json] = field(default_factory=dict)
    example: Json | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `path` is as Flask writes it; `problems` are the statuses that come as problem objects."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    answers: dict[int, Answer]
    problems: tuple[int, ...]
    query: Parameters = field(default_factory=dict)
    body: Body | None = None
    description: str = ""
    headers: dict[str, Json] = field(default_factory=dict)
