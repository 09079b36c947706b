"""A loaded version of a model: its signatures, and running them alone or in batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving import warmup
from serving.batching import BatchingParameters, BatchQueue, BatchScheduler
from serving.metrics import Metrics
from serving.runtime import types_pb2
from serving.session import ModelSession
from serving.status import StatusError, failed_precondition
from serving.tensors import Array, numpy_type

log = logging.getLogger(__name__)

DEFAULT_SIGNATURE = "serving_default"


@dataclass(frozen=True, slots=True)
class ServableId:
    """A model's name and one of its versions."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{{name: {self.name} version: {self.version}}}"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How versions are loaded: the session, warm-up and batching."""

    tags: Sequence[str] = ("serve",)
    session_config: Any = None
    warm_up: bool = True
    warm_up_iterations: int = 1
    batching: BatchingParameters | None = None
    scheduler: BatchScheduler | None = None
    metrics: Metrics | None = None


class Servable:
    """One version, loaded and warm; safe to use from many threads until `close`."""

    def __init__(self, identity: ServableId, session: ModelSession, options: LoadOptions) -> None:
        self.identity = identity
        self._session = session
        self._options = options
        self._queues: dict[str, BatchQueue] = {}
        self.signatures = session.signatures
        if options.scheduler:
            self._open_queues(options.scheduler)

    def signature(self, name: str) -> Any:
        """The SignatureDef `name`; the default one if the name is empty.

        Raises:
            StatusError: FAILED_PRECONDITION, the model has no such signature.
        """
        found = self.signatures.get(name or DEFAULT_SIGNATURE)
        if found is None:
            raise failed_precondition(f'Serving signature key "{name or DEFAULT_SIGNATURE}" not found.')
        return found

    def run(
        self, name: str, inputs: Mapping[str, Array], outputs: Sequence[str], timeout_s: float | None = None
    ) -> dict[str, Array]:
        """The `outputs` (aliases) of the signature `name` for `inputs` (alias → array).

        Raises:
            StatusError: what the batching or a kernel refused, or DEADLINE_EXCEEDED after `timeout_s`.
        """
        signature = self.signature(name)
        feeds = {signature.inputs[alias].name: array for alias, array in inputs.items()}
        queue = self._queues.get(name or DEFAULT_SIGNATURE)
        started = time.monotonic()
        if queue and self._options.scheduler and _can_be_batched(signature, inputs):
            everything = self._options.scheduler.submit(queue, feeds, timeout_s)
            answers = dict(zip(signature.outputs, everything, strict=True))
        else:
            fetches = [signature.outputs[alias].name for alias in outputs]
            answers = dict(zip(outputs, self._session.run(feeds, fetches, timeout_s), strict=True))
        self._observe(time.monotonic() - started)
        return {alias: answers[alias] for alias in outputs}

    def close(self) -> None:
        """Finish what waits in batches and give the memory back. No request may use the servable any more."""
        for queue in self._queues.values():
            assert self._options.scheduler
            self._options.scheduler.remove(queue)
        self._session.close()

    def _open_queues(self, scheduler: BatchScheduler) -> None:
        for name, signature in self.signatures.items():
            if signature.inputs:
                self._queues[name] = BatchQueue(self._batch_runner(signature), self._observe_batch)
                scheduler.add(self._queues[name])

    def _batch_runner(self, signature: Any) -> Callable[[Mapping[str, Array], float | None], list[Array]]:
        fetches = [info.name for info in signature.outputs.values()]
        return lambda feeds, timeout_s: self._session.run(feeds, fetches, timeout_s)

    def _observe(self, seconds: float) -> None:
        if self._options.metrics:
            self._options.metrics.runtime_latency.observe(seconds * 1e6, self.identity.name, "Predict", "TF1")

    def _observe_batch(self, waits_s: Sequence[float]) -> None:
        if self._options.metrics:
            self._options.metrics.batches.increment()
            for wait_s in waits_s:
                self._options.metrics.queuing_latency.observe(wait_s * 1e6)


def _can_be_batched(signature: Any, inputs: Mapping[str, Array]) -> bool:
    """Whether `inputs` may share a run with others: they have rows, and the signature's types.

    What has the wrong type runs alone, so that the kernel's refusal meets nobody else.
    """
    return all(array.ndim == 0 or len(array) for array in inputs.values()) and all(
        signature.inputs[alias].dtype == types_pb2.DT_INVALID
        or array.dtype == numpy_type(signature.inputs[alias].dtype)
        for alias, array in inputs.items()
    )


def load(identity: ServableId, folder: Path, options: LoadOptions) -> Servable:
    """Load the SavedModel in `folder`, and warm it up with its own warm-up requests.

    Raises:
        StatusError: it cannot be loaded, the batching parameters are wrong, or a warm-up request failed.
    """
    if options.batching:
        options.batching.check()
    started = time.monotonic()
    try:
        servable = Servable(identity, ModelSession(folder, options.tags, options.session_config), options)
    except StatusError:
        _observe_load(options.metrics, folder, "fail", started)
        raise
    _observe_load(options.metrics, folder, "success", started)
    try:
        if options.warm_up:
            _warm_up(servable, folder, options)
    except StatusError:
        servable.close()
        raise
    return servable


def _observe_load(metrics: Metrics | None, folder: Path, status: str, started: float) -> None:
    if metrics:
        metrics.load_attempts.increment(str(folder), status)
        metrics.load_latency.increment(str(folder), by=int((time.monotonic() - started) * 1e6))


def _warm_up(servable: Servable, folder: Path, options: LoadOptions) -> None:
    started = time.monotonic()
    records = warmup.replay(servable, folder, options.warm_up_iterations)
    if options.metrics:
        options.metrics.warmup_records.increment(str(folder), by=records)
        options.metrics.warmup_latency.observe((time.monotonic() - started) * 1e6, str(folder), "success")
