"""`digitscribe recognize`: files, folders, patterns and the standard input."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click
from click.shell_completion import CompletionItem
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ..batches import BATCH, IN_FLIGHT, MAX_BATCH, Outcome
from ..client import Digitscribe
from ..vision.profile import Profile
from ..vision.tuning import Value, changed
from . import console, exits, formats, sources
from .formats import Form
from .session import common, gateway
from .styled import Command

LOOK_EVERY_S = 0.5
"""How often a watched folder is looked at."""

EXAMPLES = """\
digitscribe recognize photo.jpg
digitscribe recognize scans/ --recursive --csv > readings.csv
digitscribe recognize 'sheets/*.png' --jsonl | jq .text
curl -s https://example.org/meter.jpg | digitscribe recognize - --text
digitscribe recognize board.jpg --set polarity=light_on_dark --set deslant=true
digitscribe recognize --watch inbox/"""


class Writer:
    """Writes outcomes as they come, in one of the forms, and counts them."""

    def __init__(self, form: Form) -> None:
        self.read = self.failed = 0
        self._form = form
        self._table = formats.outcome_table()
        self._documents: list[object] = []
        self._complaints: list[str] = []

    def __enter__(self) -> Self:
        if self._form is Form.CSV:
            click.echo(formats.csv_line(formats.COLUMNS))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is written as a whole; of an interrupted run, what there is."""
        self.flush()
        if self._form is Form.JSON:
            click.echo(formats.json_array(self._documents))

    def write(self, outcome: Outcome) -> None:
        """Write `outcome`, or keep it for the end."""
        self.read += outcome.ok
        self.failed += not outcome.ok
        if self._form is Form.TABLE:
            formats.add_row(self._table, outcome)
        elif self._form is Form.JSON:
            self._documents.append(formats.document(outcome))
        else:
            click.echo(_line(outcome, self._form))
        if not outcome.ok:
            self._complaints.append(formats.complaint(outcome))
            if self._form is not Form.TABLE:
                self._complain()

    def flush(self) -> None:
        """Write what has been kept so far, and begin anew."""
        if self._form is Form.TABLE and self._table.row_count:
            console.out.print(self._table)
            self._table = formats.outcome_table()
            self._table.show_header = False
        self._complain()

    def _complain(self) -> None:
        for complaint in self._complaints:
            console.complain(complaint)
        self._complaints.clear()


@dataclass(frozen=True, slots=True)
class Many:
    """How images are read and written."""

    form: Form
    recursive: bool
    batch: int
    in_flight: int
    profile: dict[str, Value]

    def read(self, client: Digitscribe, images: Iterable[sources.Source]) -> Iterator[Outcome]:
        """The outcomes of `images`, in order."""
        return client.recognize_many(images, batch=self.batch, in_flight=self.in_flight, profile=self.profile)


def changes_of(settings: Iterable[str]) -> dict[str, Value]:
    """`name=value` words as settings; values are JSON, or texts as they stand.

    Raises:
        UsageError: a setting is unknown or has a value that it may not have.
    """
    changes: dict[str, Value] = {}
    for word in settings:
        name, _, value = word.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    try:
        changed(Profile(), changes)
    except ValueError as error:
        raise click.UsageError(f"--set: {error}") from error
    return changes


def _complete_setting(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    fields = Profile.model_fields.items()
    items = [CompletionItem(f"{name}=", help=field.title) for name, field in fields]
    return [item for item in items if item.value.startswith(incomplete)]


def _line(outcome: Outcome, form: Form) -> str:
    if form is Form.CSV:
        return formats.csv_line(formats.csv_cells(outcome))
    return formats.json_line(outcome) if form is Form.JSONL else formats.plain(outcome)


@click.command("recognize", cls=Command, examples=EXAMPLES)
@click.argument("words", metavar="SOURCE...", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--json", "form", flag_value=Form.JSON.value, help="One JSON array of recognitions.")
@click.option("--jsonl", "form", flag_value=Form.JSONL.value, help="One recognition a line, as they come.")
@click.option("--csv", "form", flag_value=Form.CSV.value, help="CSV, a line an image, as they come.")
@click.option("--text", "form", flag_value=Form.TEXT.value, help="What was read, and nothing else.")
@click.option("-r", "--recursive", is_flag=True, help="Look into folders within folders.")
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    shell_complete=_complete_setting,
    help="Read with another setting of preprocessing; may be given several times.",
)
@click.option("--watch", metavar="FOLDER", type=click.Path(exists=True, file_okay=False), help="Read what comes there.")
@click.option("--batch", type=click.IntRange(1, MAX_BATCH), default=BATCH, show_default=True, help="Images a request.")
@click.option("--in-flight", type=click.IntRange(1, 32), default=IN_FLIGHT, show_default=True, help="Requests at once.")
@common
def recognize(
    words: tuple[str, ...],
    form: str | None,
    recursive: bool,
    settings: tuple[str, ...],
    watch: str | None,
    batch: int,
    in_flight: int,
) -> int:
    """Read images: files, folders, patterns, or `-` for the standard input.

    The table, the JSON and the CSV have one entry an image, in the order of the command line. An image that cannot be
    read is named, and does not keep the others from being read.
    """
    if bool(words) == bool(watch):
        raise click.UsageError("name images to read (or `-` for the standard input), or a folder to --watch")
    many = Many(Form(form or Form.TABLE), recursive, batch, in_flight, changes_of(settings))
    with gateway() as client:
        if watch:
            return _watch(client, Path(watch), many)
        return _read(client, _expanded(words, recursive), many)


def _expanded(words: tuple[str, ...], recursive: bool) -> list[sources.Source]:
    try:
        return list(sources.expand(words, recursive))
    except sources.NoImages as error:
        raise click.UsageError(str(error)) from error


def _read(client: Digitscribe, images: list[sources.Source], many: Many) -> int:
    began = time.monotonic()
    writer = Writer(many.form)
    try:
        with writer:
            for outcome in _with_progress(many.read(client, images), len(images)):
                writer.write(outcome)
    finally:
        if len(images) > 1:
            _sum_up(writer, len(images), time.monotonic() - began)
    return exits.FAILED if writer.failed else exits.DONE


def _sum_up(writer: Writer, asked: int, seconds: float) -> None:
    left = asked - writer.read - writer.failed
    parts = [
        f"[green]{writer.read} read[/]",
        *([f"[red]{writer.failed} failed[/]"] if writer.failed else []),
        *([f"[yellow]{left} left[/]"] if left else []),
    ]
    console.say(f"{' · '.join(parts)} [dim]in {seconds:.1f} s[/]")


def _with_progress(outcomes: Iterable[Outcome], count: int) -> Iterator[Outcome]:
    """`outcomes`, with a bar on a terminal while there are several to come."""
    columns = (TextColumn("[dim]reading[/]"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = count < 2 or console.quiet() or not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=hidden) as progress:
        yield from progress.track(outcomes, total=count)


def _watch(client: Digitscribe, folder: Path, many: Many) -> int:
    """Read what lies in `folder` and what comes there, until somebody presses Ctrl-C."""
    console.say(Text(f"watching {folder}; Ctrl-C ends it", style="dim"))
    with Writer(many.form) as writer:
        for fresh in arrivals(folder, many.recursive):
            for outcome in many.read(client, fresh):
                writer.write(outcome)
            writer.flush()
    return exits.DONE


def arrivals(folder: Path, recursive: bool) -> Iterator[list[str]]:
    """Images that are new in `folder` or have changed, once they have stopped growing."""
    seen: dict[str, tuple[int, int]] = {}
    read: dict[str, tuple[int, int]] = {}
    while True:
        now = {path: stamp for path in sources.images_in(folder, recursive) if (stamp := _stamp(path))}
        fresh = [path for path, stamp in now.items() if seen.get(path) == stamp != read.get(path)]
        if fresh:
            yield fresh
        seen, read = now, {path: now[path] for path in now if path in fresh or read.get(path) == now[path]}
        time.sleep(LOOK_EVERY_S)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        state = Path(path).stat()
    except OSError:
        return None  # gone since the folder was listed
    return state.st_size, state.st_mtime_ns
