"""The parts of TensorFlow that the server runs models with, and TensorFlow Serving's messages: 0.8 s and 350 MB.

Loading and running a SavedModel takes the kernels and the session. Every other module here gets its TensorFlow from
this one.
"""

from __future__ import annotations

import os

from digitscribe.serving.bare_tensorflow import bare_tensorflow

# before the first import of TensorFlow's libraries: warnings and errors only
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

with bare_tensorflow():
    from google.protobuf import text_format
    from tensorflow.core.framework import tensor_pb2, types_pb2
    from tensorflow.core.protobuf import config_pb2, saved_model_pb2
    from tensorflow.python.client import pywrap_tf_session, session
    from tensorflow.python.framework import dtypes, errors_impl, ops
    from tensorflow.python.lib.io import tf_record
    from tensorflow.python.platform import tf_logging
    from tensorflow.python.saved_model import loader_impl
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

# the reader of warm-up requests and the loader of TensorFlow 1 call themselves deprecated
tf_logging.set_verbosity(tf_logging.ERROR)

__all__ = [
    "config_pb2",
    "dtypes",
    "errors_impl",
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "loader_impl",
    "model_management_pb2",
    "model_pb2",
    "model_server_config_pb2",
    "model_service_pb2_grpc",
    "ops",
    "predict_pb2",
    "prediction_log_pb2",
    "prediction_service_pb2_grpc",
    "pywrap_tf_session",
    "saved_model_pb2",
    "session",
    "tensor_pb2",
    "text_format",
    "tf_record",
    "types_pb2",
]
