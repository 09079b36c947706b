"""The pure parts of the local server: tensors, batches, the policy, versions on disk, flags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from serving import batch, flags, tensors, versions
from serving.batching import BatchingParameters, BatchQueue, BatchScheduler
from serving.grpc_services import PredictionService
from serving.metrics import Metrics
from serving.policy import Act, Action, Phase, Snapshot, next_action
from serving.runtime import model_server_config_pb2, predict_pb2, tensor_pb2, text_format, types_pb2
from serving.status import StatusError, invalid_argument

NUMBERS = ["float32", "float64", "int32", "int64", "int8", "uint8", "int16", "uint32", "uint64", "bool", "float16"]
ARRAYS = st.sampled_from(NUMBERS).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


@given(ARRAYS, st.booleans())
def test_an_array_survives_the_way_to_a_proto_and_back(array: Any, as_content: bool) -> None:
    found = tensors.decode(tensors.encode(array, as_content=as_content))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@given(st.lists(st.binary()))
def test_strings_survive_the_way_to_a_proto_and_back(values: list[bytes]) -> None:
    array = np.array([*values, b""], object)[:-1]
    assert tensors.decode(tensors.encode(array)).tolist() == values


def test_a_shape_alone_cannot_make_the_server_allocate() -> None:
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[1.0])
    proto.tensor_shape.dim.add(size=10**12)
    with pytest.raises(ValueError, match="too large"):
        tensors.decode(proto)


@given(st.binary(max_size=80))
def test_whatever_a_proto_says_it_is_an_array_or_refused(body: bytes) -> None:
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT32, tensor_content=body)
    proto.tensor_shape.dim.add(size=len(body) // 4)
    try:
        assert tensors.decode(proto).shape == (len(body) // 4,)
    except ValueError:
        assert len(body) % 4


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.lists(st.integers(1, 40), unique=True).map(sorted))
def test_every_task_gets_its_own_rows_back(sizes: list[int], allowed: list[int]) -> None:
    tasks = [{"x": np.full((size, 2), index)} for index, size in enumerate(sizes)]
    rows = batch.padded_size(sum(sizes), allowed)
    padded = batch.pad_rows(batch.merge(tasks, pad=False), rows)
    assert len(padded["x"]) == rows
    shares = batch.split([padded["x"] * 10], sizes, rows)
    for index, (share, size) in enumerate(zip(shares, sizes, strict=True)):
        np.testing.assert_array_equal(share[0], np.full((size, 2), index * 10))


def test_padding_grows_with_the_first_value() -> None:
    merged = batch.merge([{"x": np.ones((1, 3))}, {"x": np.full((1, 4), 2.0)}], pad=True)
    np.testing.assert_array_equal(merged["x"], [[1, 1, 1, 1], [2, 2, 2, 2]])


def test_without_padding_shapes_must_agree() -> None:
    with pytest.raises(StatusError, match="FAILED_PRECONDITION: Tensors with name 'x' from different tasks"):
        batch.merge([{"x": np.ones((1, 3))}, {"x": np.ones((1, 4))}], pad=False)


def test_what_waits_together_runs_together() -> None:
    """A batch of three: the first two wait for the third, which fills it."""
    ran: list[int] = []

    def run(feeds: Any, _: float | None) -> Any:
        ran.append(len(feeds["x"]))
        return [feeds["x"] + 1]

    scheduler = BatchScheduler(BatchingParameters(max_batch_size=3, batch_timeout_s=60, num_batch_threads=1))
    queue = BatchQueue(run)
    scheduler.add(queue)
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(scheduler.submit, queue, {"x": np.full((1, 1), value)}, 30) for value in range(3)]
        answers = [job.result()[0].item() for job in jobs]
    scheduler.remove(queue)
    scheduler.stop()
    assert ran == [3]
    assert answers == [1, 2, 3]


def test_a_failed_batch_fails_all_that_are_in_it() -> None:
    def run(feeds: Any, _: float | None) -> Any:
        raise ValueError("no")

    scheduler = BatchScheduler(BatchingParameters(max_batch_size=1, num_batch_threads=1))
    queue = BatchQueue(run)
    scheduler.add(queue)
    with pytest.raises(ValueError, match="no"):
        scheduler.submit(queue, {"x": np.zeros((1, 1))}, None)
    scheduler.stop()


def test_a_task_does_not_wait_longer_than_it_may() -> None:
    scheduler = BatchScheduler(BatchingParameters(max_batch_size=2, batch_timeout_s=60, num_batch_threads=1))
    queue = BatchQueue(lambda feeds, _: [feeds["x"]])
    scheduler.add(queue)
    with pytest.raises(StatusError, match="DEADLINE_EXCEEDED"):
        scheduler.submit(queue, {"x": np.zeros((1, 1))}, 0.05)
    scheduler.stop()


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], None),
        ([Snapshot(1, Phase.NEW, True)], Action(Act.LOAD, 1)),
        ([Snapshot(1, Phase.NEW, True), Snapshot(2, Phase.NEW, True)], Action(Act.LOAD, 2)),
        ([Snapshot(1, Phase.READY, False), Snapshot(2, Phase.NEW, True)], Action(Act.LOAD, 2)),
        ([Snapshot(1, Phase.READY, False), Snapshot(2, Phase.LOADING, True)], None),
        ([Snapshot(1, Phase.READY, False), Snapshot(2, Phase.FAILED, True)], None),
        ([Snapshot(1, Phase.READY, False), Snapshot(2, Phase.READY, True)], Action(Act.UNLOAD, 1)),
        ([Snapshot(1, Phase.READY, False), Snapshot(2, Phase.READY, False)], Action(Act.UNLOAD, 1)),
        ([Snapshot(1, Phase.UNLOADING, False)], None),
        ([Snapshot(1, Phase.READY, True)], None),
    ],
)
def test_the_policy_keeps_the_model_available(known: list[Snapshot], expected: Action | None) -> None:
    assert next_action(known) == expected


PHASES = st.sampled_from(list(Phase))


@given(st.dictionaries(st.integers(1, 9), st.tuples(PHASES, st.booleans())))
def test_the_last_version_that_answers_never_goes_while_another_is_wanted(
    known: dict[int, tuple[Phase, bool]],
) -> None:
    snapshots = [Snapshot(version, *rest) for version, rest in known.items()]
    action = next_action(snapshots)
    if action and action.act is Act.UNLOAD and any(each.aspired for each in snapshots):
        assert any(each.phase is Phase.READY and each.aspired for each in snapshots)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("1", 1),
        ("0010", 10),
        ("0", 0),
        ("007x", None),
        ("-1", None),
        ("1.0", None),
        ("", None),
        ("9" * 19, None),
        ("١", None),
    ],
)
def test_a_folder_is_a_version_if_its_name_is_a_number(name: str, version: int | None) -> None:
    assert versions.version_of(name) == version


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        ("", [3]),
        ("model_version_policy { latest { num_versions: 2 } }", [2, 3]),
        ("model_version_policy { all {} }", [1, 2, 3]),
        ("model_version_policy { specific { versions: 1 versions: 9 } }", [1]),
    ],
)
def test_the_version_policy_chooses(policy: str, chosen: list[int], tmp_path: Path) -> None:
    for version in (1, 2, 3):
        (tmp_path / str(version)).mkdir()
    model = text_format.Parse(policy, model_server_config_pb2.ModelConfig())
    assert sorted(versions.choose(versions.find(tmp_path), model.model_version_policy)) == chosen


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--port=1"], "port", 1),
        (["--port", "1"], "port", 1),
        (["--enable_batching"], "enable_batching", True),
        (["--enable_batching=0"], "enable_batching", False),
        (["--enable_batching", "--port=1"], "port", 1),
        (["--model_name="], "model_name", ""),
        ([], "load_retry_interval_micros", 60_000_000),
        ([], "model_name", "default"),
        ([], "address", "127.0.0.1"),
    ],
)
def test_flags_are_read(arguments: list[str], name: str, value: Any) -> None:
    assert flags.parse(arguments).values[name] == value


@pytest.mark.parametrize("arguments", [["--port=x"], ["--enable_batching=maybe"], ["--port"], ["--port", "--help"]])
def test_a_value_that_a_flag_cannot_have_is_refused(arguments: list[str]) -> None:
    with pytest.raises(flags.UsageError):
        flags.parse(arguments)


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("odd"), "UNKNOWN"), (invalid_argument("no"), "INVALID_ARGUMENT"), (None, "OK")]
)
def test_a_request_is_counted_as_what_it_ended_with(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, code: str
) -> None:
    metrics = Metrics()
    service = PredictionService(Mock(), metrics, as_content=False)
    context = Mock(abort=Mock(side_effect=RuntimeError("aborted")))
    monkeypatch.setattr(service, "_predict", Mock(side_effect=error))
    with nullcontext() if error is None else pytest.raises(RuntimeError):
        service.Predict(predict_pb2.PredictRequest(model_spec={"name": "digits"}), context)
    assert [line for line in metrics.requests.lines() if f'status="{code}"' in line]
    assert bool(metrics.request_latency.lines()) is (code == "OK")
