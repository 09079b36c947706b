"""A new version answers its own warm-up requests before anybody else's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import tensors
from serving.metrics import Metrics
from serving.runtime import prediction_log_pb2, tf_record
from serving.servable import LoadOptions, ServableId, load
from serving.status import StatusError

from tests.serving.conftest import RECORDS

RECORDS_READ = ":tensorflow:serving:model_warmup_records_read"


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RECORDS / "models" / "mlp" / "1", tmp_path / "1"))


def write_warmup(version: Path, *arrays: Any) -> None:
    (version / "assets.extra").mkdir()
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    with tf_record.TFRecordWriter(str(path)) as writer:
        for array in arrays:
            entry = prediction_log_pb2.PredictionLog()
            entry.predict_log.request.model_spec.name = "m"
            entry.predict_log.request.inputs["x"].CopyFrom(tensors.encode(array))
            writer.write(entry.SerializeToString())


def runs_of(metrics: Metrics) -> int:
    return sum(int(line.split()[-1]) for line in metrics.runtime_latency.lines() if "_count" in line)


@pytest.mark.parametrize(("warm_up", "iterations", "runs"), [(True, 1, 2), (True, 3, 6), (False, 1, 0)])
def test_the_warmup_requests_are_run_at_load(version: Path, warm_up: bool, iterations: int, runs: int) -> None:
    write_warmup(version, np.ones((1, 4), np.float32), np.ones((64, 4), np.float32))
    metrics = Metrics()
    options = LoadOptions(warm_up=warm_up, warm_up_iterations=iterations, metrics=metrics)
    load(ServableId("m", 1), version, options).close()
    assert runs_of(metrics) == runs


def test_the_records_are_counted(version: Path) -> None:
    write_warmup(version, np.ones((1, 4), np.float32))
    metrics = Metrics()
    load(ServableId("m", 1), version, LoadOptions(metrics=metrics)).close()
    assert metrics.warmup_records.lines() == [f'{RECORDS_READ}{{model_path="{version}"}} 1']


def test_a_version_that_refuses_its_own_warmup_is_not_served(version: Path) -> None:
    write_warmup(version, np.ones((1, 3), np.float32))
    with pytest.raises(StatusError, match="INVALID_ARGUMENT: Matrix size-incompatible"):
        load(ServableId("m", 1), version, LoadOptions())


def test_a_warmup_file_that_is_cut_off_is_refused(version: Path) -> None:
    write_warmup(version, np.ones((1, 4), np.float32))
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StatusError, match="DATA_LOSS: Failed to read warmup record"):
        load(ServableId("m", 1), version, LoadOptions())
