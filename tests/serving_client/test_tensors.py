"""Arrays to tensors and back, in the protocol's own terms."""

from __future__ import annotations

import numpy as np
import pytest
from digitscribe.serving.protos import tensor_pb2, tensor_shape_pb2, types_pb2
from digitscribe.serving.tensors import decode_floats, encode_floats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

Dim = tensor_shape_pb2.TensorShapeProto.Dim


@given(arrays(np.float32, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)))
def test_an_array_comes_back_as_it_went(array: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(decode_floats(encode_floats(array)), array)


@given(arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32)))
def test_values_in_the_list_field_are_read_too(array: NDArray[np.float32]) -> None:
    shape = tensor_shape_pb2.TensorShapeProto(dim=[Dim(size=3), Dim(size=4)])
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape, float_val=array.ravel().tolist())
    np.testing.assert_array_equal(decode_floats(tensor), array)


def test_a_short_list_repeats_its_last_value() -> None:
    shape = tensor_shape_pb2.TensorShapeProto(dim=[Dim(size=4)])
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape, float_val=[1.0, 2.0])
    assert decode_floats(tensor).tolist() == [1.0, 2.0, 2.0, 2.0]


def test_an_array_need_not_be_contiguous() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T
    np.testing.assert_array_equal(decode_floats(encode_floats(array)), array)


@pytest.mark.parametrize(
    "change",
    [{"dtype": types_pb2.DT_DOUBLE}, {"tensor_content": b"\0" * 12}, {"tensor_content": b"\0" * 7}],
    ids=["another dtype", "too few values", "half a value"],
)
def test_what_does_not_fit_is_refused(change: dict[str, object]) -> None:
    shape = tensor_shape_pb2.TensorShapeProto(dim=[Dim(size=4)])
    tensor = tensor_pb2.TensorProto(**{"dtype": types_pb2.DT_FLOAT, "tensor_shape": shape, **change})
    with pytest.raises(ValueError, match=r"DT_FLOAT|reshape|buffer size"):
        decode_floats(tensor)
