"""A gateway of canned documents, for tests of the page alone (the real one is met in test_page_end_to_end.py).

python tests/ui/stub_gateway.py PORT
"""

from __future__ import annotations

import io
import itertools
import json
import logging
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from digitscribe import contracts as c
from flask import Flask, Response, request
from PIL import Image, ImageOps
from scipy import ndimage
from werkzeug.serving import BaseWSGIServer, make_server

from tests.ui.stub_inside import Looks, add_inside
from tests.ui.stub_ops import CameraDesk, Failures, add_ops, add_trainings

Json = dict[str, Any]
EPOCH = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LADDER = (0.998, 0.83, 0.55)


class StubGateway:
    """Answers with canned documents, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Json] = []
        self.images: list[bytes] = []
        self.corrections: list[Json] = []
        self.recognitions: dict[str, c.Recognition] = {}
        self.kept: list[str] = []
        """Names of the recognitions that were not of a live picture; its frames may be answered after a snapshot."""
        self.listeners: list[queue.Queue[bytes | None]] = []
        self.stable = 2
        self.delay_s = 0.0
        self.in_flight = self.most_in_flight = 0
        self.refuse_with: c.Problem | None = None
        self.trainings: list[c.Training] = []
        self.looks = Looks()
        self.failures = Failures()
        self.camera_desk = CameraDesk(self.publish)
        self.numbers = itertools.count(1)
        self._lock = threading.Lock()

    # -- documents -------------------------------------------------------------------------------------------------

    def recognise(self, data: bytes, source: str) -> c.Recognition:
        """Boxes where there is ink, digits 0, 1, 2 … and confidences down a ladder."""
        with self._lock:
            self.images.append(data)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        time.sleep(self.delay_s)
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("L")
        digits = tuple(_digit(index, box) for index, box in enumerate(_boxes(np.asarray(image))))
        recognition = c.Recognition(
            id=f"{next(self.numbers):032x}",
            status=c.RecognitionStatus.DONE,
            source=c.Source(source),
            created_at=datetime.now(UTC),
            text="".join(str(digit.digit) for digit in digits),
            model_version=self.stable,
            width=image.width,
            height=image.height,
            digits=digits,
            timing_ms=c.Timing(queue=1.3, vision=2.4, predict=3.1, total=8.2),
        )
        self.recognitions[recognition.id] = recognition
        with self._lock:
            self.in_flight -= 1
        return recognition

    def publish(self, kind: str, data: Json) -> None:
        """Send a server-sent event to every open stream."""
        line = f"id: 1-{next(self.numbers)}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()
        for listener in list(self.listeners):
            listener.put(line)

    def hang_up(self) -> None:
        """End every open stream, as a dying gateway does."""
        for listener in list(self.listeners):
            listener.put(None)

    def system(self) -> c.SystemState:
        return c.SystemState(
            version="0.1.0",
            pending_images=0,
            max_pending_images=2000,
            queues=tuple(c.QueueDepth(name=name, jobs=0) for name in ("interactive", "bulk", "camera")),
            workers=(c.WorkerState(name="recognizer-1", queues=("interactive", "bulk", "camera"), state="idle"),),
            images_per_second=1.2,
            failed_recently=0,
            latency_ms=c.Latency(count=120, p50=11.5, p95=18.0, p99=31.0),
            serving=c.ServingState(reachable=True, stable=self.stable, states={"1": "AVAILABLE", "2": "AVAILABLE"}),
        )

    def models(self) -> c.ModelList:
        versions = [self._version(version) for version in (3, 2, 1)]
        return c.ModelList(model="digits", stable=self.stable, versions=tuple(versions))

    def _version(self, version: int) -> c.ModelVersion:
        card = c.ModelCard(
            version=version,
            name="digits",
            created_at=EPOCH + timedelta(hours=version),
            architecture="cnn",
            parameters=303_210,
            data={"mnist": 60_000},
            hyperparameters={"epochs": 12},
            metrics=c.Metrics(validation_accuracy=0.9961, test_accuracy=0.9955 + version / 10_000),
            training_seconds=840,
            libraries={"keras": "3.15.0"},
            corrections=(version - 1) * 17,
        )
        labels = ("stable",) if version == self.stable else ()
        return c.ModelVersion(
            version=version, state="AVAILABLE" if version < 3 else "UNLOADED", labels=labels, card=card
        )

    def cameras(self) -> list[c.CameraState]:
        reading = next(iter(self.recognitions.values()), None)
        return [
            c.CameraState(
                name="demo",
                online=True,
                last_frame_at=datetime.now(UTC),
                frames=412,
                counters={"captured": 2060, "skipped": 1648, "sent": 412, "dropped": 0, "reconnects": 0},
                last_recognition=reading,
                reading="4711",
            ),
            *self.camera_desk.cameras.values(),
        ]


def _boxes(grey: np.ndarray) -> list[c.Box]:
    ink = grey < 128 if grey.mean() > 127 else grey > 128
    labels, _ = ndimage.label(ndimage.binary_dilation(ink, iterations=2))
    slices = sorted(ndimage.find_objects(labels), key=lambda pair: pair[1].start)
    return [
        c.Box(x=xs.start, y=ys.start, width=xs.stop - xs.start, height=ys.stop - ys.start)
        for ys, xs in slices
        if (ys.stop - ys.start) * (xs.stop - xs.start) > 60
    ]


def _digit(index: int, box: c.Box) -> c.Digit:
    confidence = LADDER[index % len(LADDER)]
    rest = 1 - confidence
    others = tuple(
        c.Alternative(digit=(index + step) % 10, confidence=rest * share)
        for step, share in ((1, 0.6), (2, 0.3), (3, 0.1))
    )
    return c.Digit(index=index, digit=index % 10, confidence=confidence, row=0, box=box, alternatives=others)


def _json(document: Any, status: int = 200) -> Response:
    body = document.model_dump_json() if hasattr(document, "model_dump_json") else json.dumps(document)
    return Response(body, status=status, mimetype="application/json")


def create_stub(stub: StubGateway) -> Flask:
    """The Flask app around `stub`."""
    app = Flask(__name__)
    _add_recognitions(app, stub)
    _add_models(app, stub)
    _add_streams(app, stub)
    add_inside(app, stub)
    add_ops(app, stub.failures, stub.camera_desk)
    add_trainings(app, stub)

    @app.before_request
    def remember() -> Response | None:
        stub.requests.append({"method": request.method, "path": request.full_path, "headers": dict(request.headers)})
        if stub.refuse_with is None or request.method == "GET":
            return None
        problem = stub.refuse_with
        return Response(problem.model_dump_json(), status=problem.status, mimetype="application/problem+json")

    @app.get("/v1/system")
    def system() -> Response:
        return _json(stub.system())

    @app.route("/echo/<path:path>", methods=["GET", "PUT", "DELETE", "PATCH", "POST"])
    def echo(path: str) -> Response:
        return _json({"method": request.method, "uri": request.environ["RAW_URI"], "bytes": len(request.get_data())})

    @app.get("/broken")
    def broken() -> Response:
        def lines() -> Iterator[bytes]:
            yield b"the beginning"
            raise ConnectionResetError("the stub breaks off, as asked")

        return Response(lines(), headers={"Content-Length": "100"})

    return app


def _matches(item: c.Recognition, wanted: Mapping[str, str]) -> bool:
    checks = (
        wanted.get("source") in (None, item.source),
        wanted.get("status") in (None, item.status),
        wanted.get("text", "") in (item.text or ""),
        "below" not in wanted or any(digit.confidence < float(wanted["below"]) for digit in item.digits),
        wanted.get("version") in (None, str(item.model_version)),
    )
    return all(checks)


def _add_recognitions(app: Flask, stub: StubGateway) -> None:
    @app.post("/v1/recognitions")
    def recognise() -> Response:
        recognition = stub.recognise(request.get_data(), request.args.get("source", "upload"))
        recognition = stub.recognitions[recognition.id] = stub.looks.note(recognition, request.args)
        if "live" not in request.args:
            stub.kept.append(recognition.id)
        stub.publish("recognition", json.loads(recognition.model_dump_json()))
        return _json(recognition)

    @app.get("/v1/recognitions")
    def newest() -> Response:
        wanted = request.args
        if wanted.get("status") == "failed" and stub.failures.recognitions:
            return _json({"recognitions": stub.failures.listed()})
        found = [item for item in list(stub.recognitions.values())[::-1] if not item.steps and _matches(item, wanted)]
        begin, limit = int(wanted.get("before", "0-0")[:-2]), int(wanted.get("limit", 50))
        shown = [json.loads(item.model_dump_json()) for item in found[begin : begin + limit]]
        more = {"next": f"{begin + limit}-0"} if len(found) > begin + limit else {}
        return _json({"recognitions": shown, "corrections": stub.corrections, **more})

    @app.get("/v1/recognitions/<name>")
    def one(name: str) -> Response:
        return _json(stub.recognitions[name])

    @app.get("/v1/recognitions/<name>/digits/<int:index>/image")
    def crop(name: str, index: int) -> Response:
        picture = np.zeros((28, 28), np.uint8)
        picture[5:23, 9 + index % 5 : 14 + index % 5] = 220
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        return Response(file.getvalue(), mimetype="image/png")

    @app.post("/v1/corrections")
    def correct() -> Response:
        stub.corrections.append(request.get_json())
        return _json(request.get_json() | {"created_at": "2026-11-23T10:00:00.000Z", "read_as": 1}, 201)


def _add_models(app: Flask, stub: StubGateway) -> None:
    @app.get("/v1/models")
    def models() -> Response:
        return _json(stub.models())

    @app.post("/v1/models/<int:version>/activate")
    def activate(version: int) -> Response:
        stub.stable = version
        stub.publish("model", json.loads(stub.models().model_dump_json()))
        return _json(stub.models())

    @app.get("/v1/trainings")
    def trainings() -> Response:
        return _json({"trainings": [json.loads(item.model_dump_json()) for item in stub.trainings]})

    @app.post("/v1/trainings")
    def train() -> Response:
        asked = c.TrainingRequest.model_validate(request.get_json())
        training = c.Training(
            id=f"{next(stub.numbers):032x}", status=c.TrainingStatus.QUEUED, request=asked, created_at=datetime.now(UTC)
        )
        stub.trainings.insert(0, training)
        return _json(training, 202)

    @app.get("/v1/cameras")
    def cameras() -> Response:
        return _json({"cameras": [json.loads(item.model_dump_json()) for item in stub.cameras()]})


def _add_streams(app: Flask, stub: StubGateway) -> None:
    @app.get("/v1/events")
    def events() -> Response:
        mailbox: queue.Queue[bytes | None] = queue.Queue()
        stub.listeners.append(mailbox)

        def lines() -> Iterator[bytes]:
            try:
                yield b": hello\n\n"
                while (line := mailbox.get()) is not None:
                    yield line
            finally:
                stub.listeners.remove(mailbox)

        return Response(lines(), mimetype="text/event-stream")

    @app.get("/v1/cameras/<name>/preview")
    def preview(name: str) -> Response:
        if "recognition" in request.args:
            return Response(stub.camera_desk.picture(), mimetype="image/jpeg")
        return Response(_frames(), mimetype="multipart/x-mixed-replace; boundary=frame")


def _frames() -> Iterator[bytes]:
    for count in itertools.count():
        paper = np.full((240, 320), 240, np.uint8)
        paper[60:180, 40 + count % 200 : 60 + count % 200] = 30
        file = io.BytesIO()
        Image.fromarray(paper).save(file, "JPEG")
        yield b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + file.getvalue() + b"\r\n"
        time.sleep(0.2)


def serve_stub(stub: StubGateway, port: int) -> BaseWSGIServer:
    """`stub` behind a real socket; `serve_forever` is the caller's."""
    # werkzeug would log to the stderr of the test that asked first, which is closed by the next one
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    return make_server("127.0.0.1", port, create_stub(stub), threaded=True)


if __name__ == "__main__":
    serve_stub(StubGateway(), int(sys.argv[1])).serve_forever()
