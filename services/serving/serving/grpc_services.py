"""PredictionService, ModelService and gRPC's health service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from serving import metadata, predict
from serving.core import ServerCore
from serving.metrics import Metrics
from serving.runtime import model_management_pb2, model_service_pb2_grpc, prediction_service_pb2_grpc
from serving.status import Code, StatusError, invalid_argument, timed_out

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_HEALTHY = ("", "PredictionService", "ModelService")
_SERVING = 1


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):  # type: ignore[misc]
    """Predict and GetModelMetadata; Classify and Regress as far as models without such signatures have them."""

    def __init__(self, core: ServerCore, metrics: Metrics, *, as_content: bool) -> None:
        self._core = core
        self._metrics = metrics
        self._as_content = as_content

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The outputs of a signature."""
        return self._answer(request, context, "Predict", self._predict)

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The signatures of a version."""
        return _abort_on_error(context, lambda: metadata.metadata_response(self._core, request))

    def Classify(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refused: see the README."""
        return self._answer(request, context, "Classify", lambda *_: self._refuse(request, "classification"))

    def Regress(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refused: see the README."""
        return self._answer(request, context, "Regress", lambda *_: self._refuse(request, "regression"))

    def _answer(
        self, request: Any, context: grpc.ServicerContext, api: str, answer: Callable[[Any, float | None], Any]
    ) -> Any:
        started, status, name = time.monotonic(), Code.OK, request.model_spec.name
        try:
            return answer(request, context.time_remaining())
        except StatusError as error:
            status = error.code
            context.abort(_CODES[error.code], error.message)
        except Exception:
            status = Code.UNKNOWN  # as which gRPC answers and logs what is not foreseen
            raise
        finally:
            self._metrics.requests.increment(name, status.name)
            if status is Code.OK:
                self._metrics.request_latency.observe((time.monotonic() - started) * 1e6, name, api, "GRPC")

    def _predict(self, request: Any, timeout_s: float | None) -> Any:
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        with self._core.use(request.model_spec) as servable:
            response = predict.run(servable, request, timeout_s, as_content=self._as_content)
        self._metrics.count_examples(request.model_spec.name, _rows(request))
        return response

    def _refuse(self, request: Any, kind: str) -> Any:
        raise metadata.refuse_examples(self._core, request, kind)


def _rows(request: Any) -> int:
    for proto in request.inputs.values():
        return int(proto.tensor_shape.dim[0].size) if proto.tensor_shape.dim else 1
    return 0


class ModelService(model_service_pb2_grpc.ModelServiceServicer):  # type: ignore[misc]
    """The states of versions, and new configurations."""

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The states of a model's versions."""
        return _abort_on_error(context, lambda: metadata.status_response(self._core, request))

    def HandleReloadConfigRequest(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Put a new configuration in force."""
        return _abort_on_error(context, lambda: self._reload(request, context))

    def _reload(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently "
                "supported"
            )
        _Reload(self._core, request.config, context).wait()
        response = model_management_pb2.ReloadConfigResponse()
        response.status.SetInParent()
        return response


class _Reload:
    """A configuration on a thread of its own.

    One that waits for a model that never comes would else hold a thread of the server, and a few of them all of it.
    """

    def __init__(self, core: ServerCore, config: Any, context: grpc.ServicerContext) -> None:
        self._core = core
        self._config = config
        self._context = context
        self._done = threading.Event()
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="reload", daemon=True).start()
        context.add_callback(self._done.set)

    def wait(self) -> None:
        """Until the configuration is in force, or the caller has gone.

        Raises:
            StatusError: it is refused, or the caller's deadline has passed.
        """
        self._done.wait()
        if self._error:
            raise self._error
        if not self._context.is_active():
            raise timed_out()

    def _run(self) -> None:
        try:
            self._core.configure(self._config, still_wanted=self._context.is_active)
        except BaseException as error:  # raised again where it is waited for
            self._error = error
        finally:
            self._done.set()


def _abort_on_error(context: grpc.ServicerContext, answer: Callable[[], Any]) -> Any:
    try:
        return answer()
    except StatusError as error:
        context.abort(_CODES[error.code], error.message)


def _check_health(request: Any, context: grpc.ServicerContext) -> Any:
    if request.value not in _HEALTHY:
        context.abort(grpc.StatusCode.NOT_FOUND, "service name unknown")
    return Int32Value(value=_SERVING)


def _health_handler() -> Any:
    # on the wire HealthCheckRequest is a StringValue (field 1) and HealthCheckResponse an Int32Value (field 1)
    check = grpc.unary_unary_rpc_method_handler(
        _check_health, request_deserializer=StringValue.FromString, response_serializer=Int32Value.SerializeToString
    )
    return grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": check})


def make_server(
    core: ServerCore, metrics: Metrics, *, threads: int, as_content: bool = False, health: bool = False
) -> grpc.Server:
    """A gRPC server with all services, not yet bound to a port."""
    unlimited = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(ThreadPoolExecutor(threads, thread_name_prefix="grpc"), options=unlimited)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(core, metrics, as_content=as_content), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(core), server)
    if health:
        server.add_generic_rpc_handlers((_health_handler(),))
    return server
