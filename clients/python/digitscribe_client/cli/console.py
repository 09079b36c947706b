"""Where words and pictures go: answers to the standard output, everything else to the standard error."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

SURE, DOUBT = 0.9, 0.7
"""Confidences from which a digit counts as read surely, and below which as a guess; as on the page."""

_PIPE_WIDTH = 240
"""Columns where no terminal says how many there are: wide enough that nothing is cut off in a pipe."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(highlight=False, stderr=True)


def table(*headings: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table with these headings; those in `right` head columns of numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return made


def confidence(share: float | None) -> Text:
    """A confidence in per cent, coloured by what it is worth."""
    if share is None:
        return Text("–", style="dim")
    style = "green" if share >= SURE else "yellow" if share >= DOUBT else "red"
    return Text(f"{100 * share:.1f} %", style=style)


def number(value: float | None, unit: str = "", digits: int = 1) -> str:
    """A number with its unit, or a dash."""
    return "–" if value is None else f"{value:,.{digits}f}{f' {unit}' if unit else ''}"


def say(message: str | Text) -> None:
    """Tell whoever sits there, unless they want it quiet."""
    if not quiet():
        err.print(message)


def complain(message: str) -> None:
    """Say what went wrong, on one line however long it is."""
    err.print(message, style="red", markup=False, soft_wrap=True)


def quiet() -> bool:
    """Whether nothing but answers and errors is wanted."""
    return bool(click.get_current_context().find_root().meta.get("quiet"))
