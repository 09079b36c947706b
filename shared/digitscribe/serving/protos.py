"""TensorFlow Serving's messages and stubs, without TensorFlow.

`tensorflow_serving.apis` imports its messages from the package `tensorflow`, whose own `__init__` costs 550 MB and two
seconds. While the messages are being imported here, a bare module with nothing but the package's `__path__` stands
in its place, so that only the `_pb2` files are loaded. It goes away again after that: a later `import tensorflow`, by
a trainer, say, gets the real thing. Where TensorFlow is already there, it is used as it is.

The folder `tensorflow` need not be an installed TensorFlow: one that holds only the `_pb2` files will do.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def _bare_tensorflow() -> Iterator[None]:
    if "tensorflow" in sys.modules:
        yield
        return
    spec = importlib.machinery.PathFinder.find_spec("tensorflow")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("no folder `tensorflow` with its _pb2 files is installed", name="tensorflow")
    bare = ModuleType("tensorflow")
    bare.__path__ = list(spec.submodule_search_locations)
    sys.modules["tensorflow"] = bare
    try:
        yield
    finally:
        sys.modules.pop("tensorflow", None)


with _bare_tensorflow():
    from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2

    # model_service_pb2 and prediction_service_pb2 are broken with today's protobuf; the stubs need neither
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_management_pb2,
        model_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_log_pb2,
        prediction_service_pb2_grpc,
    )
    from tensorflow_serving.config import model_server_config_pb2

__all__ = [
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "model_management_pb2",
    "model_pb2",
    "model_server_config_pb2",
    "model_service_pb2_grpc",
    "predict_pb2",
    "prediction_log_pb2",
    "prediction_service_pb2_grpc",
    "tensor_pb2",
    "tensor_shape_pb2",
    "types_pb2",
]
