"""`digitscribe status`, `models`, `activate`, `cameras`, `history` and `correct`."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem
from rich.text import Text

from ..client import Digitscribe
from ..contracts import CameraState, ModelVersion, RecognitionStatus, Source, SystemState
from ..errors import DigitscribeError
from . import console, documents, exits, formats
from .session import common, gateway
from .styled import Command
from .watching import one_line

_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_COMPLETION_S = 1.0


@click.command("status", cls=Command)
@_JSON
@common
def status(as_json: bool) -> int:
    """Whether images can be read, what waits, who works, how fast.

    The exit status is 1 if images cannot be read now.
    """
    with gateway(once=True) as client:
        missing, state = client.missing(), client.system()
        url = client.url
    if as_json:
        documents.print_one(state)
    else:
        _print_status(url, missing, state)
    return exits.FAILED if missing else exits.DONE


def _print_status(url: str, missing: str, state: SystemState) -> None:
    head = Text(f"✗ {missing}", style="red") if missing else Text("● ready to read", style="green")
    console.out.print(head, Text(f"{url}, version {state.version}", style="dim"), sep="   ")
    latency = state.latency_ms
    queues = ", ".join(f"{queue.name} {queue.jobs}" for queue in state.queues)
    serving = ", ".join(f"v{version} {name}" for version, name in state.serving.states.items()) or "no answer"
    rows = (
        ("Model", f"v{state.serving.stable} in traffic; {serving}"),
        ("Waiting", f"{state.pending_images:,} of {state.max_pending_images:,} images; jobs: {queues}"),
        ("Workers", ", ".join(f"{worker.name} ({worker.state})" for worker in state.workers) or "none"),
        ("Last minute", f"{state.images_per_second:.1f} images/s, {state.failed_recently} failed"),
        ("Latency", f"p50 {console.number(latency.p50)} · p95 {console.number(latency.p95)} · "
                    f"p99 {console.number(latency.p99, 'ms')} over {latency.count:,}"),
    )  # fmt: skip
    for name, value in rows:
        console.out.print(Text.assemble((f"  {name:<12} ", "dim"), value))


@click.command("models", cls=Command)
@_JSON
@common
def models(as_json: bool) -> int:
    """Versions of the model, how good each is, and which is in traffic."""
    with gateway() as client:
        found = client.models()
    if as_json:
        documents.print_one(found)
        return exits.DONE
    headings = ("", "Version", "State", "Labels", "Validation", "Test", "Parameters", "Corrections", "Made")
    table = console.table(*headings, right=("Validation", "Test", "Parameters", "Corrections"))
    for each in found.versions:
        table.add_row(*_model_row(each, found.stable))
    console.out.print(table)
    return exits.DONE


def _model_row(version: ModelVersion, stable: int | None) -> tuple[str | Text, ...]:
    mark = Text("●", style="green") if version.version == stable else ""
    head = (mark, f"v{version.version}", version.state, ", ".join(version.labels))
    card = version.card
    if card is None:
        return (*head, "–", "–", "–", "–", "–")
    made = card.created_at.astimezone().strftime("%d %b %Y %H:%M")
    scores = (card.metrics.validation_accuracy, card.metrics.test_accuracy)
    shown = [console.number(100 * score, "%", 2) if score is not None else "–" for score in scores]
    return (*head, *shown, f"{card.parameters:,}", f"{card.corrections:,}", made)


def _complete_version(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    try:
        with Digitscribe(ctx.find_root().meta.get("url"), timeout_s=_COMPLETION_S, patience_s=0) as client:
            versions = client.models().versions
    except (DigitscribeError, ValueError):
        return []
    found = [CompletionItem(str(each.version), help=each.state) for each in versions]
    return [each for each in found if each.value.startswith(incomplete)]


@click.command("activate", cls=Command, examples="digitscribe activate 3    # promote, or roll back")
@click.argument("version", type=click.IntRange(min=1), shell_complete=_complete_version)
@common
def activate(version: int) -> int:
    """Let a version take the traffic: promotion, or rollback."""
    with gateway() as client, console.err.status(f"version {version} is being loaded", spinner="dots"):
        found = client.activate(version)
    console.out.print(f"[green]✓[/] version {found.stable} is in traffic")
    return exits.DONE


@click.command("cameras", cls=Command)
@_JSON
@common
def cameras(as_json: bool) -> int:
    """Cameras: what each reads, and how it is doing (● reads, ‖ paused, ○ silent)."""
    with gateway() as client:
        found = client.cameras()
    if as_json:
        documents.print_all(found)
        return exits.DONE
    headings = ("", "Camera", "Reads", "Source", "Frames", "Dropped", "Last frame")
    table = console.table(*headings, right=("Frames", "Dropped"))
    for each in found:
        table.add_row(*_camera_row(each))
    console.out.print(table if found else Text("no camera has sent a frame", style="dim"))
    for each in found:
        if each.problem:
            console.complain(f"✗ {each.name}: {each.problem}")
    return exits.DONE


def _camera_row(camera: CameraState) -> tuple[str | Text, ...]:
    paused = camera.definition is not None and camera.definition.paused
    mark = (
        Text("‖", style="yellow") if paused else Text("●", style="green") if camera.online else Text("○", style="red")
    )
    last = camera.last_frame_at.astimezone().strftime("%d %b %H:%M:%S") if camera.last_frame_at else "–"
    reading = Text(one_line(camera.reading) or "–", style="bold" if camera.reading else "dim")
    return (mark, camera.name, reading, camera.source or "–", f"{camera.frames:,}", f"{camera.dropped:,}", last)


@click.command("history", cls=Command, examples="digitscribe history --below 0.9\ndigitscribe history --text 47 --json")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@click.option("--text", metavar="DIGITS", help="Only with these digits somewhere in the text.")
@click.option("--below", type=float, help="Only with a digit less sure than this, from 0 to 1.")
@click.option("--source", type=click.Choice([each.value for each in Source]), help="Only from there.")
@click.option("--failed", is_flag=True, help="Only what could not be read.")
@_JSON
@common
def history(limit: int, text: str | None, below: float | None, source: str | None, failed: bool, as_json: bool) -> int:
    """What was read, newest first."""
    status = RecognitionStatus.FAILED if failed else None
    origin = Source(source) if source else None
    with gateway() as client:
        found = tuple(client.history(limit, text=text, below=below, source=origin, status=status))
    if as_json:
        documents.print_all(found)
        return exits.DONE
    table = console.table("When", "Id", "From", "Read", "Least sure", "Version", right=("Least sure", "Version"))
    for each in found:
        when = each.created_at.astimezone().strftime("%d %b %H:%M:%S")
        read = Text(each.text, style="bold") if each.text else Text(each.error.title if each.error else "no digits")
        sure = console.confidence(formats.least_sure(each))
        version = f"v{each.model_version}" if each.model_version else "–"
        table.add_row(when, each.id, each.camera or each.source.value, read, sure, version)
    console.out.print(table)
    return exits.DONE


@click.command("correct", cls=Command, examples="digitscribe correct 3f2a… 0 7\ndigitscribe correct 3f2a… 2 none")
@click.argument("recognition_id", metavar="ID")
@click.argument("index", type=click.IntRange(min=0))
@click.argument("label", type=click.Choice([*map(str, range(10)), "none"]))
@common
def correct(recognition_id: str, index: int, label: str) -> int:
    """Say what a digit really is; `none`: it is no digit. Retrains learn from it.

    INDEX is the digit's place in reading order, from 0.
    """
    with gateway() as client:
        kept = client.correct(recognition_id, index, None if label == "none" else int(label))
    console.say(f"[green]✓[/] digit {kept.digit_index}, read as {kept.read_as}, is {label}")
    return exits.DONE
