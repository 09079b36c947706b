"""The stub gateway's part in how something was read: profile, steps, and a look inside."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from digitscribe import contracts as c
from digitscribe.vision import tuning
from digitscribe.vision.profile import Profile
from flask import Flask, Response
from numpy.typing import NDArray
from PIL import Image

PROBLEM = "application/problem+json"


@dataclass
class Looks:
    """What the stub was asked to look at, and what it is to refuse."""

    profiles: list[dict[str, Any]] = field(default_factory=list)
    explains: bool = True

    def note(self, recognition: c.Recognition, query: Mapping[str, str]) -> c.Recognition:
        """`recognition`, as it is answered to a request with `query`."""
        profile = tuning.parse(query.get("profile", ""))
        self.profiles.append(profile)
        return recognition.model_copy(
            update={
                "profile": profile or None,
                "steps": query.get("steps") == "true" or None,
                "live": query.get("live") == "true" or None,
                "sequence": query.get("sequence"),
            }
        )


def png(pixels: NDArray[np.uint8]) -> str:
    """uint8 [H, W] as PNG in base64."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def steps_of(recognition: c.Recognition) -> c.ReadingSteps:
    """Three steps that tell which profile they were read with."""
    profile = json.dumps(recognition.profile or {})
    grey = np.full((60, 120), 200, np.uint8)
    steps = [
        c.ReadingStep(name=name, title=title, sentence=f"{profile}.", width=120, height=60, picture=png(grey))
        for name, title in (("grey", "Grey"), ("ink", "Ink"), ("crops", "What the model saw"))
    ]
    return c.ReadingSteps(recognition_id=recognition.id, steps=tuple(steps))


def inside_of(recognition: c.Recognition, index: int) -> c.Inside:
    """What spoke for the answer lies at the top, what spoke against it at the bottom left."""
    evidence = np.zeros((28, 28), np.float32)
    evidence[2:6, 10:18], evidence[22:26, 2:8] = 2.5, -1.0
    layers = [_layer("Convolution block 1", 28, 6), _layer("Convolution block 2", 14, 8)]
    return c.Inside(
        recognition_id=recognition.id,
        digit_index=index,
        digit=recognition.digits[index].digit,
        model_version=recognition.model_version or 0,
        answer=recognition.digits[index].digit,
        probabilities=(0.05,) * 10,
        digit_score=0.9,
        layers=tuple(layers),
        evidence=c.Evidence(width=28, height=28, values=tuple(evidence.ravel().tolist())),
    )


def _layer(title: str, side: int, count: int) -> c.FeatureLayer:
    """Each map stronger than the one before it, the first silent."""
    maps = [
        c.FeatureMap(picture=png(np.full((side, side), 30 * number, np.uint8)), strength=number / (count - 1))
        for number in range(count)
    ]
    return c.FeatureLayer(title=title, width=side, height=side, maps=tuple(maps))


def add_inside(app: Flask, stub: Any) -> None:
    """The routes; `stub` is a StubGateway."""

    @app.get("/v1/profile")
    def profile() -> Response:
        state = {"values": Profile().model_dump(mode="json"), "json_schema": Profile.model_json_schema()}
        return Response(json.dumps(state), mimetype="application/json")

    @app.get("/v1/recognitions/<name>/steps")
    def steps(name: str) -> Response:
        return Response(steps_of(stub.recognitions[name]).model_dump_json(), mimetype="application/json")

    @app.get("/v1/recognitions/<name>/digits/<int:index>/inside")
    def inside(name: str, index: int) -> Response:
        if stub.looks.explains:
            return Response(inside_of(stub.recognitions[name], index).model_dump_json(), mimetype="application/json")
        problem = c.Problem(
            type="urn:digitscribe:problem:not-explained",
            title="This model cannot be looked into",
            status=409,
            detail="a newer one can: retrain",
        )
        return Response(problem.model_dump_json(), status=409, mimetype=PROBLEM)
