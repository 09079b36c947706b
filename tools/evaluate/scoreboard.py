"""The scoreboard as people see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from tools.evaluate.run import Outcome
from tools.evaluate.scoring import Total, total
from tools.machine import machine

KINDS_SHOWN = 60
WORST_SHOWN = 15


def show(outcomes: Sequence[Outcome], model: str, console: Console) -> None:
    """Print everything."""
    console.print()
    console.print(_groups(outcomes))
    if any(not outcome.score.exact for outcome in outcomes):
        console.print(_worst(outcomes))
    console.print(_times(outcomes))
    console.print(f"[dim]Model: {model}. Machine: {machine()}.[/]")


def _groups(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="How well it reads", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("")
    for heading in ("images", "exact", "", "digits", "wrong", "right"):
        table.add_column(heading, justify="right")
    _add(table, "[bold]all[/]", outcomes, "bold")
    for by in (_folder, _kind, _hard):
        names = sorted({by(outcome) for outcome in outcomes})
        if 1 < len(names) <= KINDS_SHOWN:
            table.add_row("")
            for name in names:
                _add(table, name, [outcome for outcome in outcomes if by(outcome) == name], "")
    return table


def _folder(outcome: Outcome) -> str:
    return outcome.sample.folder


def _kind(outcome: Outcome) -> str:
    return outcome.sample.kind


def _hard(outcome: Outcome) -> str:
    return "marked hard" if outcome.sample.hard else "not marked hard"


def _add(table: Table, name: str, outcomes: Sequence[Outcome], style: str) -> None:
    sums: Total = total(outcome.score for outcome in outcomes)
    shares = (f"{100 * sums.images_exact:.1f} %", f"{100 * sums.digits_right:.2f} %")
    cells = (sums.images, sums.exact, shares[0], sums.digits, sums.errors, shares[1])
    table.add_row(name, *(str(cell) for cell in cells), style=style)


def _worst(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="\nWhat went wrong", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("image", "wrong", "expected", "read"):
        table.add_column(heading)
    wrong = [outcome for outcome in outcomes if not outcome.score.exact]
    wrong.sort(key=lambda outcome: (-outcome.score.errors, outcome.sample.name))
    for outcome in wrong[:WORST_SHOWN]:
        rows = (" ".join(outcome.sample.rows), " ".join(outcome.read) or "nothing")
        table.add_row(outcome.sample.name, str(outcome.score.errors), *rows)
    if len(wrong) > WORST_SHOWN:
        table.add_row(f"[dim]and {len(wrong) - WORST_SHOWN} more[/]", "", "", "")
    return table


def _times(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="\nMilliseconds per image", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("", "median", "nine in ten", "longest"):
        table.add_column(heading, justify="right" if heading else "left")
    stages: tuple[tuple[str, Callable[[Outcome], float]], ...] = (
        ("decode", lambda outcome: outcome.decode_ms),
        ("vision", lambda outcome: outcome.vision_ms),
        ("predict", lambda outcome: outcome.predict_ms),
    )
    for name, time_of in stages:
        times = sorted(time_of(outcome) for outcome in outcomes)
        picks = (median(times), times[int(0.9 * (len(times) - 1))], times[-1])
        table.add_row(name, *(f"{pick:.1f}" for pick in picks))
    return table
