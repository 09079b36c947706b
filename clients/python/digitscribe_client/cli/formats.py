"""Outcomes as lines: JSON, CSV, plain text, and a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from rich.table import Table
from rich.text import Text

from ..batches import Outcome
from ..contracts import Problem, Recognition
from . import console

COLUMNS = ("file", "status", "text", "digits", "confidence", "model_version", "id", "error")
"""The columns of the CSV. `confidence` is the least sure digit's; `text` has one line for each row of digits."""


class Form(StrEnum):
    """How outcomes are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TEXT = "text"


def least_sure(recognition: Recognition) -> float | None:
    """The confidence of the least sure digit, in [0, 1]; None without digits."""
    return min((digit.confidence for digit in recognition.digits), default=None)


def document(outcome: Outcome) -> dict[str, Any]:
    """`outcome` in JSON's terms: the recognition with its file, or the file with its error."""
    if outcome.recognition:
        return {"file": outcome.name, **outcome.recognition.model_dump(mode="json", exclude_none=True)}
    problem = outcome.error.problem if outcome.error else None
    error = problem or Problem(title="Image cannot be read", status=400, detail=str(outcome.error))
    return {"file": outcome.name, "status": "failed", "error": error.model_dump(mode="json")}


def json_line(outcome: Outcome) -> str:
    """`outcome` as one line of JSON."""
    return json.dumps(document(outcome), ensure_ascii=False)


def csv_line(cells: Iterable[object]) -> str:
    """A line of CSV (RFC 4180)."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # with its line end: only then are line breaks within cells quoted
    return line.getvalue().removesuffix("\r\n")


def csv_cells(outcome: Outcome) -> tuple[object, ...]:
    """`outcome` as the cells of `COLUMNS`."""
    found, error = outcome.recognition, outcome.error or ""
    if found is None:
        return (outcome.name, "failed", "", "", "", "", "", error)
    least = least_sure(found)
    sure = "" if least is None else f"{least:.4f}"
    version = found.model_version or ""
    return (outcome.name, found.status.value, found.text or "", len(found.digits), sure, version, found.id, error)


def outcome_table() -> Table:
    """An empty table of outcomes."""
    return console.table(
        "File", "Read", "Least sure", "Digits", "Version", "Time", right=("Least sure", "Digits", "Version", "Time")
    )


def add_row(table: Table, outcome: Outcome) -> None:
    """Write `outcome` below the others."""
    found = outcome.recognition
    if not outcome.ok or found is None:
        table.add_row(Text(outcome.name), Text(f"✗ {_in_short(outcome)}", style="red"))
        return
    text = Text(found.text, style="bold") if found.text else Text("no digits", style="dim")
    took = console.number(found.timing_ms.total, "ms") if found.timing_ms else "–"
    cells = (console.confidence(least_sure(found)), str(len(found.digits)), f"v{found.model_version}", took)
    table.add_row(Text(outcome.name), text, *cells)


def _in_short(outcome: Outcome) -> str:
    problem = outcome.error.problem if outcome.error else None
    return problem.title.lower() if problem else "not read"


def complaint(outcome: Outcome) -> str:
    """Which image could not be read, and why."""
    reason = str(outcome.error)
    return f"✗ {reason}" if reason.startswith(outcome.name) else f"✗ {outcome.name}: {reason}"


def plain(outcome: Outcome) -> str:
    """What was read and nothing else; empty if nothing was."""
    return (outcome.recognition.text or "") if outcome.recognition else ""


def json_array(documents: list[Any]) -> str:
    """`documents` as an array, indented."""
    return json.dumps(documents, ensure_ascii=False, indent=2)
