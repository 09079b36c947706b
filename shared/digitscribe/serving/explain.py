"""Asking a model version how it came to an answer: the signature `explain`, which newer versions have."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from digitscribe.errors import NotExplained, ServingRefused
from digitscribe.model_shape import CLASSES, SIDE
from digitscribe.serving.calls import Caller, CallFailed
from digitscribe.serving.faults import Fault
from digitscribe.serving.protos import model_pb2, predict_pb2, prediction_service_pb2_grpc
from digitscribe.serving.tensors import decode_floats, encode_floats
from digitscribe.settings import ServingSettings

SIGNATURE = "explain"
"""Where a version says how it came to its answer."""

PATIENCE_S = 3.0
"""How long an unavailable model server is tried again: a person looks on."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """How a version came to its answer about one digit.

    Attributes:
        version: of the model that was asked.
        features: float32 [H, W, C] of each convolution block that it shows, first to last.
        evidence: float32 [28, 28]; by how much the log-odds of the answer fall when the ink around a pixel is covered:
            above 0 it spoke for the answer, below 0 against.
        probabilities: float32 [10].
        digit_score: how sure it is that this is one digit, 0 to 1.
    """

    version: int
    features: tuple[NDArray[np.float32], ...]
    evidence: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    digit_score: float


class Explainer:
    """Asks the model server to explain; thread-safe, connects at the first call.

    Example:
        explanation = Explainer(settings).explain(crop.astype(np.float32) / 255, version=3)
    """

    def __init__(self, settings: ServingSettings) -> None:
        self._settings = settings
        self._caller = Caller(settings.serving_grpc)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._caller.channel)

    def close(self) -> None:
        """Close the connections; calls in flight are cancelled."""
        self._caller.channel.close()

    def explain(self, image: NDArray[np.float32], version: int | None = None) -> Explanation:
        """How `version` reads `image`, float32 [28, 28] in [0, 1]; the label's version if that is not loaded.

        Raises:
            NotExplained: the version that was asked has no such signature.
            ServingUnavailable: no answer in time.
            ServingRefused: the server will not answer this, or answers something else.
        """
        if image.shape != (SIDE, SIDE):
            raise ValueError(f"expected an image [28, 28], got {list(image.shape)}")
        try:
            if version:
                return self._ask(image, {"version": {"value": version}})
        except CallFailed as failed:
            if not failed.fault.not_loaded:
                raise _error(failed) from failed
        try:
            return self._ask(image, {"version_label": self._settings.model_label})
        except CallFailed as failed:
            raise _error(failed) from failed

    def _ask(self, image: NDArray[np.float32], chosen: dict[str, Any]) -> Explanation:
        spec = model_pb2.ModelSpec(name=self._settings.model_name, signature_name=SIGNATURE, **chosen)
        inputs = {"images": encode_floats(image.reshape(1, SIDE, SIDE, 1))}
        request = predict_pb2.PredictRequest(model_spec=spec, inputs=inputs)
        until = time.monotonic() + min(PATIENCE_S, self._settings.serving_patience_s)
        answer = self._caller.patiently(
            self._predictions.Predict, request, self._settings.predict_timeout_s, until, _passing
        )
        return _explanation(answer)


def _passing(fault: Fault) -> bool:
    return fault.passing and not fault.not_loaded


def _error(failed: CallFailed) -> Exception:
    fault = failed.fault
    if fault.code is grpc.StatusCode.FAILED_PRECONDITION and SIGNATURE in fault.details:
        return NotExplained(
            "this version of the model cannot show how it reads; a newer one can: retrain, or activate one that does"
        )
    return failed.error


def _explanation(answer: Any) -> Explanation:
    try:
        found = {name: decode_floats(tensor) for name, tensor in answer.outputs.items()}
        names = sorted(name for name in found if name.startswith("features_"))
        explanation = Explanation(
            version=int(answer.model_spec.version.value),
            features=tuple(found[name][0] for name in names),
            evidence=found["evidence"].reshape(SIDE, SIDE),
            probabilities=found["probabilities"].reshape(-1),
            digit_score=float(found["digit_score"].reshape(())) if "digit_score" in found else 1.0,
        )
    except (KeyError, ValueError, IndexError) as error:
        raise ServingRefused(f"the model explains itself in terms that are not known here: {error}") from error
    if not _is_sound(explanation):
        raise ServingRefused("the model explains itself without feature maps, or not in finite numbers")
    return explanation


def _is_sound(explanation: Explanation) -> bool:
    arrays = (*explanation.features, explanation.evidence, explanation.probabilities)
    maps = bool(explanation.features) and all(each.ndim == 3 and each.size for each in explanation.features)
    told = all(np.isfinite(each).all() for each in arrays) and math.isfinite(explanation.digit_score)
    return maps and len(explanation.probabilities) == CLASSES and told
