"""Arrays to and from the tensors that travel over gRPC, without TensorFlow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitscribe.serving.protos import tensor_pb2, tensor_shape_pb2, types_pb2


def encode_floats(array: NDArray[np.float32]) -> Any:
    """`array` (any shape) as a TensorProto of DT_FLOAT."""
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in array.shape]
    return tensor_pb2.TensorProto(
        dtype=types_pb2.DT_FLOAT,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=dims),
        tensor_content=np.ascontiguousarray(array, dtype="<f4").tobytes(),
    )


def decode_floats(tensor: Any) -> NDArray[np.float32]:
    """The array in a TensorProto of DT_FLOAT, whichever of its two fields carries the values.

    Raises:
        ValueError: another dtype, or a number of values that does not fit the shape.
    """
    if tensor.dtype != types_pb2.DT_FLOAT:
        raise ValueError(f"expected DT_FLOAT, got {types_pb2.DataType.Name(tensor.dtype)}")
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, dtype="<f4").reshape(shape).astype(np.float32, copy=False)
    values = np.array(tensor.float_val, dtype=np.float32)
    # a short list stands for its last value repeated: that is how TensorFlow packs constants
    missing = math.prod(shape) - values.size
    return (
        np.pad(values, (0, missing), mode="edge").reshape(shape) if missing > 0 < values.size else values.reshape(shape)
    )
