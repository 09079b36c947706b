"""`digitscribe train` and `digitscribe trainings`: retrains, live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..client import Digitscribe
from ..contracts import Training, TrainingProgress, TrainingRequest, TrainingStatus
from ..contracts.document import explained
from . import console, documents, exits
from .session import common, gateway
from .sparkline import sparkline
from .styled import Command

EXAMPLES = """\
digitscribe train
digitscribe train --epochs 5 --from-scratch --no-promote
digitscribe train --follow 3f2a…    # one that runs already
digitscribe train --cancel 3f2a…"""

STYLES = {
    TrainingStatus.DONE: "green",
    TrainingStatus.REJECTED: "yellow",
    TrainingStatus.FAILED: "red",
    TrainingStatus.CANCELLED: "yellow",
}


@click.command("train", cls=Command, examples=EXAMPLES)
@click.option("--epochs", type=int, help="How often every image is shown.")
@click.option("--limit", type=int, help="Train on this many images only.")
@click.option("--from-scratch", is_flag=True, help="Do not begin with the weights in traffic.")
@click.option("--no-promote", is_flag=True, help="Keep the new version out of the traffic, however good it is.")
@click.option("--max-accuracy-drop", type=float, help="How much validation accuracy a new version may lose.")
@click.option("--seed", type=int, help="For weights, order and augmentation.")
@click.option("--detach", is_flag=True, help="Print the training's id and do not wait.")
@click.option("--follow", metavar="ID", help="Show a training that was started before.")
@click.option("--cancel", metavar="ID", help="Cancel a training.")
@click.option("--json", "as_json", is_flag=True, help="Print the training as JSON when it has ended.")
@common
def train(detach: bool, follow: str | None, cancel: str | None, as_json: bool, **asked: Any) -> int:
    """Retrain the model, with progress and, at the end, its curves.

    A version that is good enough takes the traffic. Ctrl-C stops looking, not the training. What is not given is as
    the API has it.
    """
    if follow and cancel:
        raise click.UsageError("--follow or --cancel, not both")
    with gateway() as client:
        if cancel:
            return _report(client.cancel(cancel), as_json)
        training_id = follow or client.train(_request(**asked)).id
        if detach:
            click.echo(training_id)
            return exits.DONE
        return _report(_shown(client, training_id), as_json)


@click.command("trainings", cls=Command)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@common
def trainings(limit: int, as_json: bool) -> int:
    """The newest trainings, and what became of them."""
    with gateway() as client:
        found = tuple(client.trainings(limit))
    if as_json:
        documents.print_all(found)
        return exits.DONE
    table = console.table("Training", "Begun", "Status", "Epochs", "Validation", "Version", right=("Epochs", "Version"))
    for each in found:
        begun = each.created_at.astimezone().strftime("%d %b %H:%M")
        status = Text(each.status.value, style=STYLES.get(each.status, ""))
        version = f"v{each.version}" if each.version else "–"
        table.add_row(each.id, begun, status, str(each.request.epochs), _validation(each), version)
    console.out.print(table if found else Text("nothing was trained yet", style="dim"))
    return exits.DONE


def _request(from_scratch: bool, no_promote: bool, **numbers: Any) -> TrainingRequest:
    given = {name: value for name, value in numbers.items() if value is not None}
    given |= {"fine_tune": False} if from_scratch else {}
    given |= {"promote": False} if no_promote else {}
    try:
        return TrainingRequest(**given)
    except ValidationError as error:
        raise click.UsageError(explained(error)) from error


def _shown(client: Digitscribe, training_id: str) -> Training:
    """Follow a training with a bar; on Ctrl-C say how to come back."""
    try:
        return _with_bar(client.follow(training_id))
    except KeyboardInterrupt:
        console.say(
            f"\nthe training goes on; [bold]digitscribe train --follow {training_id}[/] looks again, --cancel ends it"
        )
        raise


def _with_bar(states: Iterable[Training]) -> Training:
    columns = (
        TextColumn("[bold]{task.fields[phase]}[/]"),
        BarColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    hidden = console.quiet() or not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None, phase="queued", detail="")
        for state in states:
            share, phase, detail = progress_of(state)
            bar.update(task, total=None if share is None else 1.0, completed=share or 0.0, phase=phase, detail=detail)
    return state


def progress_of(training: Training) -> tuple[float | None, str, str]:
    """How far a training is (share in [0, 1], None: unknown), its phase, and its numbers."""
    progress = training.progress
    if progress is None:
        return None, training.status.value, ""
    if progress.phase != "train" or not progress.steps:
        return None, progress.phase, ""
    return min(1.0, progress.step / progress.steps), progress.phase, _numbers(progress)


def _numbers(progress: TrainingProgress) -> str:
    running = min(progress.epoch + 1, progress.epochs)
    parts = [f"epoch {running} of {progress.epochs}"]
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.4f}")
    if progress.validation_accuracy is not None:
        parts.append(f"validation {100 * progress.validation_accuracy:.2f} %")
    return " · ".join(parts)


def _report(training: Training, as_json: bool) -> int:
    if as_json:
        documents.print_one(training)
    else:
        console.out.print(Text(summary(training), style=STYLES.get(training.status, "")))
        for name, curve in curves(training):
            console.out.print(f"  [dim]{name:<12}[/] {curve}")
    ended_well = training.status in (TrainingStatus.DONE, TrainingStatus.CANCELLED)
    return exits.DONE if ended_well else exits.FAILED


def curves(training: Training) -> list[tuple[str, str]]:
    """The loss and the validation accuracy of each epoch, as lines of blocks with their last values."""
    losses = [each.loss for each in training.history if each.loss is not None]
    scores = [each.validation_accuracy for each in training.history if each.validation_accuracy is not None]
    lines = [("loss", f"{sparkline(losses)}  {losses[-1]:.4f}")] if losses else []
    return lines + ([("validation", f"{sparkline(scores)}  {100 * scores[-1]:.2f} %")] if scores else [])


def summary(training: Training) -> str:
    """Where a training stands, in a few words."""
    match training.status:
        case TrainingStatus.DONE:
            return f"done: version {training.version}, validation {_validation(training)}"
        case TrainingStatus.REJECTED:
            return f"rejected: validation {_validation(training)} is no better than what is in traffic"
        case TrainingStatus.FAILED:
            return f"failed: {training.error.detail if training.error else 'the log of the trainer says why'}"
        case TrainingStatus.RUNNING:
            _, phase, detail = progress_of(training)
            return f"{phase} {detail}".strip()
    return training.status.value


def _validation(training: Training) -> str:
    return f"{100 * training.metrics.validation_accuracy:.2f} %" if training.metrics else "–"
