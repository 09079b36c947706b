"""The parts of TensorFlow that the server runs models with, and TensorFlow Serving's messages.

`import tensorflow` costs 2 s and half a gigabyte, nearly all of it for Keras, datasets and training. Loading and
running a SavedModel takes the kernels and the session. So a bare module with the package's `__path__` stands in for
`tensorflow` before anything is imported from it: 0.8 s and 350 MB.
Every other module here gets its TensorFlow from this one.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from types import ModuleType

# before the first import of TensorFlow's libraries: warnings and errors only, and no notice about oneDNN's rounding
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def _stand_in_for_tensorflow() -> None:
    if "tensorflow" in sys.modules:
        return
    spec = importlib.machinery.PathFinder.find_spec("tensorflow")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("TensorFlow is not installed", name="tensorflow")
    bare = ModuleType("tensorflow")
    bare.__path__ = list(spec.submodule_search_locations)
    sys.modules["tensorflow"] = bare


_stand_in_for_tensorflow()

from google.protobuf import text_format  # noqa: E402
from tensorflow.core.framework import tensor_pb2, types_pb2  # noqa: E402
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2, saved_model_pb2  # noqa: E402
from tensorflow.python.client import pywrap_tf_session, session  # noqa: E402
from tensorflow.python.framework import dtypes, errors_impl, ops  # noqa: E402
from tensorflow.python.lib.io import tf_record  # noqa: E402
from tensorflow.python.platform import tf_logging  # noqa: E402
from tensorflow.python.saved_model import loader_impl  # noqa: E402
from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)
from tensorflow_serving.config import model_server_config_pb2  # noqa: E402

tf_logging.set_verbosity(tf_logging.WARN)

__all__ = [
    "classification_pb2",
    "config_pb2",
    "dtypes",
    "errors_impl",
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "loader_impl",
    "meta_graph_pb2",
    "model_management_pb2",
    "model_pb2",
    "model_server_config_pb2",
    "model_service_pb2_grpc",
    "ops",
    "predict_pb2",
    "prediction_log_pb2",
    "prediction_service_pb2_grpc",
    "pywrap_tf_session",
    "regression_pb2",
    "saved_model_pb2",
    "session",
    "tensor_pb2",
    "text_format",
    "tf_record",
    "types_pb2",
]
