"""`digitscribe watch`: what happens, as it happens."""

from __future__ import annotations

import json

import click
from rich.text import Text

from ..contracts import CameraState, EventType, ModelList, Recognition, RecognitionStatus, Training
from ..stream import LiveEvent
from . import console, exits
from .formats import least_sure
from .session import common, gateway
from .styled import Command
from .training import summary

EXAMPLES = """\
digitscribe watch
digitscribe watch recognition training
digitscribe watch recognition --jsonl | jq -r .data.text"""

_MARKS = {
    EventType.RECOGNITION: "blue",
    EventType.CAMERA: "cyan",
    EventType.TRAINING: "magenta",
    EventType.MODEL: "green",
    EventType.QUEUE: "dim",
}


@click.command("watch", cls=Command, examples=EXAMPLES)
@click.argument("types", nargs=-1, type=click.Choice([each.value for each in EventType]), metavar="[TYPE...]")
@click.option("--jsonl", is_flag=True, help="One event a line: type, id, data.")
@click.option("--since", metavar="ID", help="Begin behind the event of this id, not with what comes now.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many events.")
@common
def watch(types: tuple[str, ...], jsonl: bool, since: str | None, count: int | None) -> int:
    """What happens, as it happens, until Ctrl-C.

    Types: recognition, camera, training, model, queue; all unless told. A lost connection is found out and replaced;
    what was missed meanwhile comes then.
    """
    wanted = tuple(EventType(each) for each in types)
    with gateway() as client:
        console.say(Text(f"listening to {client.url}; Ctrl-C ends it", style="dim"))
        events = client.events(wanted, last_event_id=since, on_lost=lambda fault: console.complain(f"… {fault}"))
        for number, event in enumerate(events, 1):
            click.echo(_json(event)) if jsonl else console.out.print(line(event))
            if number == count:
                break
    return exits.DONE


def _json(event: LiveEvent) -> str:
    named = {"type": event.type.value} | ({"id": event.id} if event.id else {})
    return json.dumps({**named, "data": event.data}, ensure_ascii=False)


def line(event: LiveEvent) -> Text:
    """`event` as a line for people."""
    moment = event.moment.astimezone().strftime("%H:%M:%S") if event.moment else " " * 8
    head = Text.assemble((moment, "dim"), "  ", (event.type.value.ljust(11), _MARKS[event.type]), "  ")
    return head.append_text(_about(event))


def _about(event: LiveEvent) -> Text:
    match event.document:
        case Recognition() as recognition:
            return _recognition(recognition)
        case CameraState() as camera:
            return _camera(camera)
        case Training() as training:
            return Text(f"{training.id[:8]} {summary(training)}")
        case ModelList() as models:
            return Text(f"version {models.stable} is in traffic")
    if event.type is EventType.QUEUE:
        waiting = event.data.get("pending_images")
        return Text("nothing waits" if not waiting else f"{waiting:,} images wait", style="dim")
    return Text(json.dumps(event.data, ensure_ascii=False), style="dim")


def _camera(camera: CameraState) -> Text:
    paused = camera.definition is not None and camera.definition.paused
    state = "removed" if camera.removed else "paused" if paused else "online" if camera.online else "offline"
    reading = one_line(camera.reading) or "nothing"
    return Text(f"{camera.name} {state}, reads {reading}, {camera.frames:,} frames{_because(camera.problem)}")


def _because(problem: str | None) -> str:
    return f": {problem}" if problem else ""


def _recognition(recognition: Recognition) -> Text:
    where = recognition.camera or recognition.source.value
    if recognition.status is RecognitionStatus.FAILED:
        return Text(f"{where}: {recognition.error.detail if recognition.error else 'failed'}", style="red")
    took = console.number(recognition.timing_ms.total, "ms") if recognition.timing_ms else ""
    read = Text((one_line(recognition.text) or "no digits").ljust(9), style="bold" if recognition.text else "dim")
    sure = console.confidence(least_sure(recognition)) if recognition.digits else Text("")
    return Text.assemble(read, "  ", sure, "  ", (f"{where}, v{recognition.model_version}, {took}", "dim"))


def one_line(text: str | None) -> str:
    """Rows of digits on one line."""
    return (text or "").replace("\n", " ⏎ ")
