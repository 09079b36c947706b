"""A model server's twin in this process, for tests and benchmarks of everything around the model.

It speaks the same gRPC, but knows no model: a function answers. What the real server does is tested with the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from digitscribe.pairs import Pairs
from digitscribe.serving.protos import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from digitscribe.serving.tensors import decode_floats, encode_floats

Classify = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Images float32 [N, 28, 28, 1] → probabilities float32 [N, 10]."""

_AVAILABLE = get_model_status_pb2.ModelVersionStatus.AVAILABLE


def by_mean_brightness(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Class k for a mean brightness around k/10: a "model" whose answers a test can foresee."""
    classes = np.clip((images.mean(axis=(1, 2, 3)) * 10).astype(int), 0, 9)
    probabilities = np.full((len(images), 10), 0.01, np.float32)
    probabilities[np.arange(len(images)), classes] = 0.91
    return probabilities


class ServingTwin(
    prediction_service_pb2_grpc.PredictionServiceServicer,  # type: ignore[misc]
    model_service_pb2_grpc.ModelServiceServicer,  # type: ignore[misc]
):
    """Answers under any label with `version`; `faults` are answered first, one a call, None being no fault.

    With `score` (images → float32 [N]) it is a version that says how surely each is a digit, with `pair` one that says
    what each is as a pair.

    Example:
        with ServingTwin() as twin:
            client = ServingClient(ServingSettings(serving_grpc=twin.target))
    """

    def __init__(self, classify: Classify = by_mean_brightness, version: int = 1, port: int = 0) -> None:
        self.classify = classify
        self.score: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None
        self.pair: Callable[[NDArray[np.float32]], Pairs] | None = None
        self.versions = [version]
        self.stable = version
        self.faults: Iterator[tuple[grpc.StatusCode, str] | None] = iter(())
        self.explanation: dict[str, NDArray[np.float32]] | None = None  # without it there is no signature `explain`
        self.explained: list[NDArray[np.float32]] = []
        self.batches: list[int] = []
        self.asked_versions: list[int | None] = []
        self.configs: list[Any] = []
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)])
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, self._server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(self, self._server)
        self._port = self._server.add_insecure_port(f"127.0.0.1:{port}")

    @property
    def target(self) -> str:
        """Its address, host:port."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> ServingTwin:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - gRPC's name
        """PredictionService.Predict."""
        self._fail_if_due(context)
        version = self._version_of(request.model_spec, context)
        images = decode_floats(request.inputs["images"])
        if signature := request.model_spec.signature_name:
            self.explained.append(images)
            return self._explain(signature, version, context)
        self.batches.append(len(images))
        answer = predict_pb2.PredictResponse(outputs={"probabilities": encode_floats(self.classify(images))})
        if self.score:
            answer.outputs["digit_score"].CopyFrom(encode_floats(self.score(images)))
        if self.pair:
            told = self.pair(images)
            answer.outputs["pair_probabilities"].CopyFrom(encode_floats(told.probabilities))
            answer.outputs["pair_score"].CopyFrom(encode_floats(told.scores))
        answer.model_spec.version.value = version
        return answer

    def _explain(self, signature: str, version: int, context: grpc.ServicerContext) -> Any:
        if signature != "explain" or self.explanation is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f'Serving signature key "{signature}" not found.')
        outputs = {name: encode_floats(array) for name, array in (self.explanation or {}).items()}
        answer = predict_pb2.PredictResponse(outputs=outputs)
        answer.model_spec.version.value = version
        return answer

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - gRPC's name
        """PredictionService.GetModelMetadata, without the metadata."""
        self._fail_if_due(context)
        self._version_of(request.model_spec, context)
        return get_model_metadata_pb2.GetModelMetadataResponse()

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802 - gRPC's name
        """ModelService.GetModelStatus."""
        self._fail_if_due(context)
        if request.model_spec.name != "digits":
            context.abort(grpc.StatusCode.NOT_FOUND, f"Could not find any versions of model {request.model_spec.name}")
        answer = get_model_status_pb2.GetModelStatusResponse()
        for version in self.versions:
            answer.model_version_status.add(version=version, state=_AVAILABLE)
        return answer

    def HandleReloadConfigRequest(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """ModelService.HandleReloadConfigRequest; keeps the configuration and changes nothing."""
        self._fail_if_due(context)
        self.configs.append(request.config)
        return model_management_pb2.ReloadConfigResponse()

    def _fail_if_due(self, context: grpc.ServicerContext) -> None:
        if fault := next(self.faults, None):
            context.abort(*fault)

    def _version_of(self, spec: Any, context: grpc.ServicerContext) -> int:
        asked = int(spec.version.value) if spec.HasField("version") else None
        self.asked_versions.append(asked)
        version = asked or self.stable
        if version not in self.versions:
            context.abort(
                grpc.StatusCode.NOT_FOUND, f"Servable not found for request: Specific({spec.name}, {version})"
            )
        return version
