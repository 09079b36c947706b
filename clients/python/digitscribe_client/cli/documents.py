"""Documents as JSON on the standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from ..contracts.document import Document


def print_one(document: Document) -> None:
    """`document` as JSON, indented."""
    click.echo(document.model_dump_json(indent=2, exclude_none=True))


def print_all(documents: Iterable[Document]) -> None:
    """`documents` as a JSON array, indented."""
    plain = [each.model_dump(mode="json", exclude_none=True) for each in documents]
    click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
