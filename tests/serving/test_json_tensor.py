"""JSON to arrays and back, without a server."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from serving.rest import decode, encode, rapid
from serving.rest.json_text import JsonError, parse, pretty, quote
from serving.runtime import types_pb2
from serving.status import StatusError
from tensorflow.core.protobuf import meta_graph_pb2

DTYPES = {
    np.float32: types_pb2.DT_FLOAT,
    np.float64: types_pb2.DT_DOUBLE,
    np.int32: types_pb2.DT_INT32,
    np.int64: types_pb2.DT_INT64,
    np.uint8: types_pb2.DT_UINT8,
    np.bool_: types_pb2.DT_BOOL,
}
SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
ARRAYS = st.sampled_from(sorted(DTYPES, key=str)).flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def info(dtype: int) -> Any:
    return meta_graph_pb2.TensorInfo(dtype=dtype)


def read_rows(text: str, dtype: int) -> Any:
    document = decode.parse_object(text.replace('"predictions"', '"instances"').encode("utf-8", "surrogateescape"))
    return decode.predict_input(document, "", {"x": info(dtype)}).inputs["x"]


def read_columns(text: str, dtype: int) -> Any:
    document = decode.parse_object(text.replace('"outputs"', '"inputs"').encode("utf-8", "surrogateescape"))
    return decode.predict_input(document, "", {"x": info(dtype)}).inputs["x"]


@given(ARRAYS)
def test_rows_survive_the_way_to_json_and_back(array: Any) -> None:
    found = read_rows(encode.predictions({"x": array}), DTYPES[array.dtype.type])
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@given(ARRAYS)
def test_columns_survive_the_way_to_json_and_back(array: Any) -> None:
    found = read_columns(encode.outputs_by_name({"x": array}), DTYPES[array.dtype.type])
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@given(st.lists(st.binary(), min_size=1, max_size=5))
def test_bytes_survive_the_way_to_json_and_back(values: list[bytes]) -> None:
    text = encode.predictions({"x_bytes": np.array(values, object)})
    assert read_rows(text, types_pb2.DT_STRING).tolist() == values


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_strings_survive_the_way_to_json_and_back(values: list[str]) -> None:
    text = encode.predictions({"x": np.array([value.encode() for value in values], object)})
    assert [value.decode() for value in read_rows(text, types_pb2.DT_STRING)] == values


@given(JSON)
def test_the_reader_of_odd_json_reads_what_pythons_does(value: Any) -> None:
    text = json.dumps(value).encode()
    assert rapid.parse(text) == json.loads(text)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(JsonError):
        json.dumps(parse(body))


@given(JSON)
def test_what_is_printed_for_people_is_json(value: Any) -> None:
    assert json.loads(pretty(value)) == value


@given(JSON)
def test_whatever_the_document_holds_it_is_an_array_or_refused(value: Any) -> None:
    for key in ("instances", "inputs"):
        with contextlib.suppress(StatusError):
            found = decode.predict_input({key: value}, "", {"x": info(types_pb2.DT_FLOAT)})
            assert found.inputs["x"].dtype == np.float32


@pytest.mark.parametrize("dtype", [types_pb2.DT_FLOAT, types_pb2.DT_INT32, types_pb2.DT_STRING])
@pytest.mark.parametrize("depth", [100, 900, 100_000])
def test_lists_in_lists_without_end_are_refused(depth: int, dtype: int) -> None:
    body = b'{"inputs": ' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(StatusError, match="INVALID_ARGUMENT"):
        decode.predict_input(decode.parse_object(body), "", {"x": info(dtype)})


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ('{"a" 1}', "Missing a colon after a name of object member.", 5),
        ('{"a": 1 "b"}', "Missing a comma or '}' after an object member.", 8),
        ("{1: 2}", "Missing a name for object member.", 1),
        ('{"a": "b}', "Missing a closing quotation mark in string.", 6),
        ('{"a": "\\x"}', "Invalid escape character in string.", 7),
        ('{"a": "\\u12g4"}', "Incorrect hex digit after \\u escape in string.", 7),
        ('{"a": "\\ud800x"}', "The surrogate pair in string is invalid.", 7),
        ('{"a": 1.}', "Miss fraction part in number.", 8),
        ('{"a": 1e}', "Miss exponent in number.", 8),
        ('{"a": 1e999}', "Number too big to be stored in double.", 6),
        ("   ", "The document is empty.", 3),
        ("[" * 100_000, "Terminate parsing due to Handler error.", 201),
    ],
)
def test_wrong_json_is_refused_in_rapidjsons_words(text: str, message: str, offset: int) -> None:
    with pytest.raises(JsonError) as refused:
        parse(text.encode())
    assert (refused.value.message, refused.value.offset) == (message, offset)


@pytest.mark.parametrize(
    ("text", "value"), [("NaN", math.nan), ("Infinity", math.inf), ("-Infinity", -math.inf), ("-Inf", -math.inf)]
)
def test_numbers_need_not_be_finite(text: str, value: float) -> None:
    np.testing.assert_equal(parse(f"[{text}]".encode()), [value])


@pytest.mark.parametrize(
    ("rows", "dtype", "message"),
    [
        ([[True, 1.0]], types_pb2.DT_FLOAT, "JSON Value: true Type: True is not of expected type: float"),
        ([[1, 2], [[3, 4]]], types_pb2.DT_FLOAT, "Expecting shape [2] but got: [1,2]"),
        ([[1, [2]]], types_pb2.DT_FLOAT, "Encountered list at unexpected level: 1 expected < 1"),
        ([{"a": 1}], types_pb2.DT_FLOAT, "JSON object: does not have named input: a"),
        ([2**31], types_pb2.DT_INT32, "JSON Value: 2147483648 Type: Number is not of expected type: int32"),
        ([{"b64": "AA==", "c": 1}], types_pb2.DT_STRING, "JSON object: does not have named input: b64"),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows: Any, dtype: int, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        decode.predict_input({"instances": rows}, "", {"x": info(dtype)})
    assert refused.value.message.endswith(f"INVALID_ARGUMENT: {message}")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1 / 3, "0.333333343"), (9_000_000, "9e+06"), (2, "2.0"), (-0.0, "-0.0"), (3e-05, "3e-05")],
)
def test_floats_have_as_many_digits_as_they_need(value: float, text: str) -> None:
    assert encode.predictions({"x": np.array([value], np.float32)}) == f'{{\n    "predictions": [{text}\n    ]\n}}'


def test_outputs_of_different_lengths_have_no_rows() -> None:
    with pytest.raises(StatusError, match="Tensor name: b has inconsistent batch size: 1 expecting: 2"):
        encode.predictions({"a": np.zeros(2), "b": np.zeros(1)})


def test_control_characters_are_escaped_as_rapidjson_does() -> None:
    assert quote('a"\\\n\x1f/é') == '"a\\"\\\\\\n\\u001F/é"'
