"""Warm-up: a new version answers its own recorded requests before it takes traffic."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving import predict
from serving.runtime import prediction_log_pb2, tf_record
from serving.status import Code, StatusError

if TYPE_CHECKING:
    from serving.servable import Servable

log = logging.getLogger(__name__)

WARMUP_FILE = Path("assets.extra") / "tf_serving_warmup_requests"
"""TFRecords of PredictionLog, in the version's folder."""

MAX_RECORDS = 1000
"""More than these make a load slow rather than a model warm."""


def replay(servable: Servable, folder: Path, iterations: int) -> int:
    """Run the warm-up requests in `folder`, each `iterations` times; returns how many there are.

    Raises:
        StatusError: a request failed, or the file is not what it should be.
    """
    path = folder / WARMUP_FILE
    if not path.exists():
        log.info("No warmup data file found at %s", path)
        return 0
    requests = _read(path)
    for request in requests:
        for _ in range(iterations):
            predict.run(servable, request)
    log.info("Replayed %d warmup requests of %s", len(requests), servable.identity)
    return len(requests)


def _read(path: Path) -> list[Any]:
    try:
        logs = [
            prediction_log_pb2.PredictionLog.FromString(record) for record in tf_record.tf_record_iterator(str(path))
        ]
    except Exception as error:  # the reader's errors and protobuf's have no common base
        raise StatusError(Code.DATA_LOSS, f"Failed to read warmup record from {path}: {error}") from error
    if len(logs) > MAX_RECORDS:
        raise StatusError(
            Code.INVALID_ARGUMENT, f"Number of warmup records exceeds the maximum ({MAX_RECORDS}); please reduce it"
        )
    others = [entry.WhichOneof("log_type") for entry in logs if not entry.HasField("predict_log")]
    if others:
        log.warning(
            "Skipped warmup records that this server does not replay: %s", ", ".join(sorted(set(map(str, others))))
        )
    return [entry.predict_log.request for entry in logs if entry.HasField("predict_log")]
