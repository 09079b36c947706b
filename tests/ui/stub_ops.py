"""What the stub gateway answers to those who run the system: history, failures, retries."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from digitscribe import contracts as c
from flask import Flask, Response, request
from PIL import Image

Json = dict[str, Any]


def history(minutes: int, until: datetime) -> c.SystemHistory:
    """A believable hour: a slow wave of readings, a pause of two minutes, and one bad moment."""
    count = minutes * 6
    moments = [until - timedelta(seconds=10 * (count - number)) for number in range(count)]
    there = [(number, at) for number, at in enumerate(moments) if not 200 <= number < 212]
    return c.SystemHistory(period_s=10, samples=tuple(_sample(number, at) for number, at in there))


def _sample(number: int, at: datetime) -> c.SystemSample:
    wave = 1 + math.sin(number / 40) + 0.2 * math.sin(number / 3)
    bad = 280 <= number < 290
    tail = 320 if bad else 0
    return c.SystemSample(
        at=at,
        read={"camera": 40 + number % 5, "canvas": round(30 * max(0, wave)), "upload": 60 if number % 90 < 8 else 2},
        failed=4 if bad else 0,
        late=3 if bad else 0,
        latency_ms=c.Latency(count=80, p50=9 + 2 * wave, p95=16 + 5 * wave + tail / 3, p99=28 + 12 * wave + tail),
        pending_images=180 if bad else round(3 * max(0, wave)),
        queues={"interactive": 9 if bad else 1, "bulk": 6 if number % 90 < 8 else 0, "camera": 0, "training": 0},
        recognizers=1 if bad else 2,
        trainers=1,
    )


class Failures:
    """Failed recognitions of the stub, and what was asked to be read again."""

    def __init__(self) -> None:
        self.recognitions: list[c.Recognition] = []
        self.retried: list[str] = []
        self.refuse_retry: c.Problem | None = None

    def add(self, number: int, problem: c.Problem, source: str = "upload") -> c.Recognition:
        """A recognition that failed with `problem`."""
        failed = c.Recognition(
            id=f"{0xF000 + number:032x}",
            status=c.RecognitionStatus.FAILED,
            source=c.Source(source),
            created_at=datetime.now(UTC) - timedelta(seconds=number),
            error=problem,
        )
        self.recognitions.append(failed)
        return failed

    def listed(self) -> list[Json]:
        """As the gateway lists them."""
        return [json.loads(each.model_dump_json(exclude_none=True)) for each in self.recognitions]


class CameraDesk:
    """Cameras that were defined at the stub, and what was asked of them."""

    def __init__(self, publish: Callable[[str, Json], None]) -> None:
        self._publish = publish
        self.cameras: dict[str, c.CameraState] = {}
        self.calls: list[tuple[str, str, Json]] = []
        self.pictures = 0
        self.refuse_with: c.Problem | None = None
        self.tried: list[str] = []
        self.sees_nothing: str | None = None

    def look(self, source: str) -> c.CameraTrial:
        """What is seen through `source`: three bars on paper, or nothing."""
        self.tried.append(source)
        if self.sees_nothing:
            return c.CameraTrial(problem=self.sees_nothing)
        file = io.BytesIO()
        paper = Image.new("L", (300, 100), 250)
        for left in (40, 120, 200):
            paper.paste(0, (left, 20, left + 20, 80))
        paper.save(file, "JPEG")
        return c.CameraTrial(width=300, height=100, picture=base64.b64encode(file.getvalue()).decode())

    def picture(self) -> bytes:
        """A JPEG, each a little darker than the one before."""
        self.pictures += 1
        file = io.BytesIO()
        Image.new("L", (300, 100), 250 - self.pictures % 100).save(file, "JPEG")
        return file.getvalue()

    def take(self, method: str, name: str, fields: Json) -> Response:
        """Do as the gateway would with a definition."""
        self.calls.append((method, name, fields))
        if self.refuse_with:
            problem = self.refuse_with
            return Response(problem.model_dump_json(), status=problem.status, mimetype="application/problem+json")
        before = self.cameras.get(name) or c.CameraState(name=name, online=False)
        known = before.definition.model_dump(exclude_none=True) if before.definition else {}
        definition = c.ShownDefinition.model_validate({**known, **fields})
        state = before.model_copy(update={"definition": definition, "removed": method == "DELETE"})
        self.cameras[name] = state
        if state.removed:
            del self.cameras[name]
        self._publish("camera", json.loads(state.model_dump_json(exclude_none=True)))
        return Response(state.model_dump_json(exclude_none=True), mimetype="application/json")


def add_ops(app: Flask, failures: Failures, desk: CameraDesk) -> None:
    """The routes."""

    @app.route("/v1/cameras/<name>", methods=["PUT", "PATCH", "DELETE"])
    def camera(name: str) -> Response:
        return desk.take(request.method, name, request.get_json(silent=True) or {})

    @app.post("/v1/camera-trials")
    def try_source() -> Response:
        asked = c.CameraTrialRequest.model_validate(request.get_json())
        return Response(desk.look(asked.source).model_dump_json(exclude_none=True), mimetype="application/json")

    @app.post("/v1/cameras/<name>/trial")
    def try_camera(name: str) -> Response:
        return Response(desk.look(f"of {name}").model_dump_json(exclude_none=True), mimetype="application/json")

    @app.get("/v1/system/history")
    def system_history() -> Response:
        told = history(int(request.args.get("minutes", 60)), datetime.now(UTC))
        return Response(told.model_dump_json(exclude_none=True), mimetype="application/json")

    @app.post("/v1/recognitions/<name>/retry")
    def retry(name: str) -> Response:
        if failures.refuse_retry:
            problem = failures.refuse_retry
            return Response(problem.model_dump_json(), status=problem.status, mimetype="application/problem+json")
        failures.retried.append(name)
        again = next(each for each in failures.recognitions if each.id == name)
        failures.recognitions.remove(again)
        queued = again.model_copy(update={"status": c.RecognitionStatus.QUEUED, "error": None})
        return Response(queued.model_dump_json(exclude_none=True), status=202, mimetype="application/json")


def add_trainings(app: Flask, stub: Any) -> None:
    """The routes that end a training and start one again."""

    @app.delete("/v1/trainings/<name>")
    def cancel(name: str) -> Response:
        place = next(place for place, each in enumerate(stub.trainings) if each.id == name)
        changes = {"status": c.TrainingStatus.CANCELLED, "ended_at": datetime.now(UTC)}
        stub.trainings[place] = ended = stub.trainings[place].model_copy(update=changes)
        stub.publish("training", json.loads(ended.model_dump_json()))
        return Response(ended.model_dump_json(), mimetype="application/json")

    @app.post("/v1/trainings/<name>/retry")
    def train_again(name: str) -> Response:
        asked = next(each.request for each in stub.trainings if each.id == name)
        training = c.Training(
            id=f"{next(stub.numbers):032x}", status=c.TrainingStatus.QUEUED, request=asked, created_at=datetime.now(UTC)
        )
        stub.trainings.insert(0, training)
        return Response(training.model_dump_json(), status=202, mimetype="application/json")
