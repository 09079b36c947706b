"""The client of the model server."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from digitscribe.errors import ServingRefused
from digitscribe.model_shape import CLASSES, SIDE
from digitscribe.pairs import Pairs, join
from digitscribe.serving.calls import Caller, CallFailed
from digitscribe.serving.faults import Fault, pauses
from digitscribe.serving.protos import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from digitscribe.serving.tensors import decode_floats, encode_floats
from digitscribe.settings import ServingSettings

Images = NDArray[np.float32 | np.uint8]
"""[N, 28, 28, 1], white ink on black: float32 in [0, 1], or uint8, of which one Predict's are float32 at a time."""

NO_VERSION = 0
"""The version of a prediction for which nobody had to be asked."""

RELOAD_TIMEOUT_S = 120.0
"""Longest time that the server may take over a new configuration."""

_PROBE_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says, in the images' order, all by model `version`.

    Attributes:
        probabilities: float32 [N, 10].
        version: of the model.
        digit_scores: float32 [N] in [0, 1], how surely each is one digit; 1 where the version does not say.
        pairs: what each shows as a pair of digits; None where the version does not say.
    """

    probabilities: NDArray[np.float32]
    version: int
    digit_scores: NDArray[np.float32]
    pairs: Pairs | None = None

    def part(self, start: int, end: int) -> Prediction:
        """The same of images `start` to before `end`."""
        pairs = self.pairs and self.pairs.part(start, end)
        return Prediction(self.probabilities[start:end], self.version, self.digit_scores[start:end], pairs)


class ServingClient:
    """Asks the model server by label; thread-safe, connects at the first call. Do not share it across a fork.

    Example:
        with ServingClient(settings) as client:
            prediction = client.predict(crops[..., np.newaxis])
    """

    def __init__(self, settings: ServingSettings) -> None:
        self._settings = settings
        self._caller = Caller(settings.serving_grpc)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._caller.channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._caller.channel)

    def __enter__(self) -> ServingClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; calls in flight are cancelled."""
        self._caller.channel.close()

    def predict(self, images: Images, patience_s: float | None = None) -> Prediction:
        """Classify `images` [N, 28, 28, 1] in as few calls as allowed.

        The label decides which version answers the first call, and that version answers the others too: a swap in
        between does not mix two models. No images: no call, and version NO_VERSION.

        Raises:
            ServingUnavailable: no answer within `patience_s` (if it is not given, `serving_patience_s`).
            ServingRefused: the server will not answer this, however often it is asked.
        """
        if images.ndim != 4 or images.shape[1:] != (SIDE, SIDE, 1):
            raise ValueError(f"expected images [N, 28, 28, 1], got {list(images.shape)}")
        if not len(images):
            return Prediction(np.zeros((0, CLASSES), np.float32), NO_VERSION, np.zeros(0, np.float32))
        chunks = np.array_split(images, math.ceil(len(images) / self._settings.predict_batch_size))
        until = self._patience_ends(patience_s)
        for pause in pauses():
            try:
                return self._predict_chunks(chunks, until)
            except CallFailed as failed:
                # the version that answered the first chunk was retired before the last: ask the label anew
                if not failed.fault.not_loaded or time.monotonic() + pause > until:
                    raise failed.error from failed
            # of two replicas one may have what the other has no more, for as long as that takes to load
            time.sleep(pause)
        raise AssertionError("pauses never end")

    def version_states(self, model: str | None = None) -> dict[int, str]:
        """State by version (`AVAILABLE`, `LOADING`, `END`, …) of `model`; empty if the server does not know it.

        Asks once, for an answer about now.

        Raises:
            ServingUnavailable: no answer.
        """
        spec = model_pb2.ModelSpec(name=model or self._settings.model_name)
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=spec)
        try:
            answer = self._caller.once(self._models.GetModelStatus, request, _PROBE_TIMEOUT_S)
        except CallFailed as failed:
            if failed.fault.code is grpc.StatusCode.NOT_FOUND:
                return {}
            raise failed.error from failed
        name_of = get_model_status_pb2.ModelVersionStatus.State.Name
        return {int(status.version): str(name_of(status.state)) for status in answer.model_version_status}

    def reload(self, config: Any, timeout_s: float = RELOAD_TIMEOUT_S) -> None:
        """Give the server a new configuration (a ModelServerConfig); returns when the server has taken it.

        New versions of a model that is served already may still be loading then: `version_states` tells.

        Raises:
            ServingUnavailable: the server is away, or did not finish within `timeout_s`.
            ServingRefused: the server does not accept the configuration.
        """
        request = model_management_pb2.ReloadConfigRequest(config=config)
        method = self._models.HandleReloadConfigRequest
        try:
            answer = self._caller.patiently(method, request, timeout_s, self._patience_ends(), _is_away)
        except CallFailed as failed:
            raise failed.error from failed
        if answer.status.error_code:
            raise ServingRefused(f"the model server refused the configuration: {answer.status.error_message}")

    def ready(self) -> bool:
        """Whether the version behind the label can be asked now; asks once, and costs the model nothing."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._by_label(), metadata_field=["signature_def"]
        )
        try:
            self._caller.once(self._predictions.GetModelMetadata, request, _PROBE_TIMEOUT_S)
        except CallFailed as failed:
            # an overloaded server is busy answering: it is there
            return failed.fault.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        return True

    def _patience_ends(self, patience_s: float | None = None) -> float:
        return time.monotonic() + (self._settings.serving_patience_s if patience_s is None else patience_s)

    def _by_label(self) -> Any:
        return model_pb2.ModelSpec(name=self._settings.model_name, version_label=self._settings.model_label)

    def _predict_chunks(self, chunks: list[Images], until: float) -> Prediction:
        first = self._predict_chunk(chunks[0], self._by_label(), until)
        pinned = model_pb2.ModelSpec(name=self._settings.model_name, version={"value": first.version})
        rest = [self._predict_chunk(chunk, pinned, until) for chunk in chunks[1:]]
        parts = (first, *rest)
        probabilities = np.concatenate([each.probabilities for each in parts])
        scores = np.concatenate([each.digit_scores for each in parts])
        told = [each.pairs for each in parts if each.pairs]
        return Prediction(probabilities, first.version, scores, join(told) if len(told) == len(parts) else None)

    def _predict_chunk(self, images: Images, spec: Any, until: float) -> Prediction:
        # no output_filter: a server refuses to name outputs that a version does not have
        request = predict_pb2.PredictRequest(model_spec=spec, inputs={"images": encode_floats(_as_floats(images))})
        passing = _is_passing if spec.version_label else _is_passing_for_a_version
        answer = self._caller.patiently(
            self._predictions.Predict, request, self._settings.predict_timeout_s, until, passing
        )
        version = int(answer.model_spec.version.value)
        count = len(images)
        return Prediction(_probabilities(answer, count), version, _digit_scores(answer, count), _pairs(answer, count))


def _as_floats(images: Images) -> NDArray[np.float32]:
    floats = images.astype(np.float32, copy=False)
    return floats / np.float32(255) if images.dtype == np.uint8 else floats


def _is_passing(fault: Fault) -> bool:
    return fault.passing


def _is_passing_for_a_version(fault: Fault) -> bool:
    return fault.passing and not fault.not_loaded


def _is_away(fault: Fault) -> bool:
    # not DEADLINE_EXCEEDED: the server goes on loading, and a second request would only queue up behind
    return fault.code is grpc.StatusCode.UNAVAILABLE


def _probabilities(answer: Any, count: int) -> NDArray[np.float32]:
    return _floats(answer, "probabilities", (count, CLASSES))


def _digit_scores(answer: Any, count: int) -> NDArray[np.float32]:
    if "digit_score" not in answer.outputs:
        return np.ones(count, np.float32)
    return _floats(answer, "digit_score", (count,))


def _pairs(answer: Any, count: int) -> Pairs | None:
    if "pair_score" not in answer.outputs:
        return None
    return Pairs(_floats(answer, "pair_probabilities", (count, 2, CLASSES)), _floats(answer, "pair_score", (count,)))


def _floats(answer: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The output `name`; raises ServingRefused if it is anything but finite numbers of this shape."""
    try:
        values = decode_floats(answer.outputs[name])
    except ValueError as error:
        raise ServingRefused(f"the model answered with {name} that are no table of numbers: {error}") from error
    if values.shape != shape or not np.isfinite(values).all():
        raise ServingRefused(f"the model answered {name} {list(values.shape)}, not finite numbers {list(shape)}")
    return values
