"""How the API is called, for the page about it: first steps in four languages, and a curl line for each call."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass

from gateway.operation import Operation
from gateway.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A way in that can be copied as it stands; docs/clients.md has the same, and its test runs it."""

    title: str
    code: str


FIRST_STEPS = (
    FirstStep(
        "curl",
        """\
A=http://localhost:8080/v1
curl -s --data-binary @number.png -H 'Content-Type: image/png' "$A/recognitions?wait=10" | jq -r .text
""",
    ),
    FirstStep(
        "Python",
        """\
from digitscribe_client import Digitscribe

with Digitscribe() as digitscribe:
    reading = digitscribe.recognize("number.png")
    print(reading.text)
""",
    ),
    FirstStep(
        "JavaScript",
        """\
const gateway = "http://localhost:8080";
const response = await fetch(`${gateway}/v1/recognitions?wait=10`, {
  method: "POST",
  headers: { "Content-Type": "image/png" },
  body: await readFile("number.png"),
});
""",
    ),
    FirstStep("The command", "digitscribe recognize number.png digit.png\n"),
)

_PATHS = {
    "recognition_id": "$ID",
    "training_id": "$ID",
    "trial_id": "$ID",
    "index": "0",
    "version": "1",
    "name": "door",
}
"""What stands for a path's parameters; an id is a shell variable, for whoever copies the line has another."""

_QUERIES = {
    "createRecognition": "wait=10",
    "listRecognitions": "limit=20",
    "streamEvents": "types=recognition",
    "previewCamera": "single=true",
}
"""What is asked for in an example, by the operation's name; the rest is left as usual."""


def curl_lines() -> dict[str, str]:
    """A curl line for each operation, by its name; `$A` is the gateway's address."""
    return {operation.name: curl_line(operation) for operation in OPERATIONS}


def curl_line(operation: Operation) -> str:
    """A curl line that makes the call."""
    path = re.sub(r"<(\w+)>", lambda match: _PATHS[match[1]], operation.path)
    query = f"?{_QUERIES[operation.name]}" if operation.name in _QUERIES else ""
    parts = ["curl", *_flags(operation), f'"$A{path}{query}"']
    return " ".join(parts)


def _flags(operation: Operation) -> list[str]:
    flags = [] if operation.method == "GET" else ["-X", operation.method]
    media = [each for answer in operation.answers.values() for each in answer.media]
    if "text/event-stream" in media:
        flags = ["-N", *flags]
    if "Authorization" in operation.headers:
        flags += ["-H", '"Authorization: Bearer $DIGITSCRIBE_CAMERA_TOKEN"']
    if operation.body is None:
        return flags
    if operation.body.document is None:
        return ["--data-binary @number.png", "-H", "'Content-Type: image/png'"]
    body = "@frame.json" if operation.body.example is None else shlex.quote(json.dumps(operation.body.example))
    return [*flags, "-H", "'Content-Type: application/json'", "-d", body]
