"""Request batching: single Predicts that arrive together run as one.

Each signature of each loaded version has a queue of batches. A batch is closed when it is full, or when its first task
has waited `batch_timeout`; the threads of one scheduler, shared by all queues, run closed batches, oldest first.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from serving import batch
from serving.status import Code, StatusError, invalid_argument, timed_out
from serving.tensors import Array

Run = Callable[[Mapping[str, Array], float | None], list[Array]]
"""Runs a batch: feeds by tensor name and a limit in seconds, to the outputs in their order."""


@dataclass(frozen=True, slots=True)
class BatchingParameters:
    """How batches are made; the defaults are TensorFlow Serving's."""

    max_batch_size: int = 1000
    batch_timeout_s: float = 0.0
    max_enqueued_batches: int = 10
    num_batch_threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    allowed_batch_sizes: tuple[int, ...] = ()
    pad_variable_length_inputs: bool = False

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        if self.max_batch_size < 1 or self.num_batch_threads < 1 or self.max_enqueued_batches < 1:
            raise invalid_argument(
                "max_batch_size, num_batch_threads and max_enqueued_batches must be positive; were "
                f"{self.max_batch_size}, {self.num_batch_threads} and {self.max_enqueued_batches}"
            )
        sizes = self.allowed_batch_sizes
        if any(after <= before for before, after in pairwise(sizes)):
            raise invalid_argument("Entries in allowed_batch_sizes must be monotonically increasing")
        if sizes and sizes[-1] != self.max_batch_size:
            raise invalid_argument(
                "Last entry in allowed_batch_sizes must match max_batch_size; last entry was "
                f"{sizes[-1]}; expected {self.max_batch_size}"
            )


@dataclass(eq=False)
class _Task:
    feeds: Mapping[str, Array]
    size: int
    until: float | None
    enqueued: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)
    outputs: list[Array] | None = None
    error: Exception | None = None

    def left(self) -> float | None:
        return None if self.until is None else self.until - time.monotonic()


@dataclass(eq=False)
class _Batch:
    tasks: list[_Task] = field(default_factory=list)
    size: int = 0
    closed: bool = False


@dataclass(eq=False)
class BatchQueue:
    """The batches of one signature of one version, which `run` executes."""

    run: Run
    on_run: Callable[[Sequence[float]], None] = lambda _: None
    batches: deque[_Batch] = field(default_factory=deque)
    running: int = 0


class BatchScheduler:
    """The threads that run batches, and the rules by which tasks become batches."""

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._changed = threading.Condition()
        self._queues: list[BatchQueue] = []
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{number}", daemon=True)
            for number in range(parameters.num_batch_threads)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, queue: BatchQueue) -> None:
        """Take up the work of `queue`."""
        with self._changed:
            self._queues.append(queue)

    def remove(self, queue: BatchQueue) -> None:
        """Finish what `queue` holds and forget it; returns when nothing of it runs any more."""
        with self._changed:
            for waiting in queue.batches:
                waiting.closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._stopped or not (queue.batches or queue.running))
            self._queues.remove(queue)

    def stop(self) -> None:
        """End the threads; nothing may be waiting any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def submit(self, queue: BatchQueue, feeds: Mapping[str, Array], timeout_s: float | None) -> list[Array]:
        """Run `feeds` together with what else arrives now; returns the outputs of these rows.

        Raises:
            StatusError: the feeds cannot be batched, too many batches wait, `timeout_s` is over, or the run failed.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        task = _Task(feeds, batch.task_size(feeds), until)
        if task.size > self._parameters.max_batch_size:
            raise invalid_argument(
                f"Task size {task.size} is larger than maximum input batch size {self._parameters.max_batch_size}"
            )
        self._enqueue(queue, task)
        if not task.done.wait(timeout_s):
            raise timed_out()
        if task.error:
            raise task.error
        assert task.outputs is not None
        return task.outputs

    def _enqueue(self, queue: BatchQueue, task: _Task) -> None:
        with self._changed:
            target = self._open_batch(queue, task.size)
            target.tasks.append(task)
            target.size += task.size
            target.closed = target.size == self._parameters.max_batch_size
            self._changed.notify_all()

    def _open_batch(self, queue: BatchQueue, size: int) -> _Batch:
        last = queue.batches[-1] if queue.batches else None
        if last and not last.closed and last.size + size <= self._parameters.max_batch_size:
            return last
        if len(queue.batches) >= self._parameters.max_enqueued_batches:
            raise StatusError(
                Code.UNAVAILABLE,
                "The batch scheduling queue to which this task was submitted is full; currently "
                f"{len(queue.batches)} batches enqueued and max_enqueued_batches is "
                f"{self._parameters.max_enqueued_batches}",
            )
        if last:
            last.closed = True
        queue.batches.append(_Batch())
        return queue.batches[-1]

    def _work(self) -> None:
        while (work := self._next()) is not None:
            queue, ready = work
            _execute(queue, ready.tasks, self._parameters)
            with self._changed:
                queue.running -= 1
                self._changed.notify_all()

    def _next(self) -> tuple[BatchQueue, _Batch] | None:
        with self._changed:
            while not self._stopped:
                oldest = min((queue for queue in self._queues if queue.batches), key=self._due, default=None)
                wait_s = None if oldest is None else self._due(oldest) - time.monotonic()
                if oldest and wait_s is not None and wait_s <= 0:
                    oldest.running += 1
                    return oldest, oldest.batches.popleft()
                self._changed.wait(wait_s)
        return None

    def _due(self, queue: BatchQueue) -> float:
        first = queue.batches[0]
        enqueued = first.tasks[0].enqueued
        # closed batches come before all that still wait for company
        return enqueued - 1e9 if first.closed else enqueued + self._parameters.batch_timeout_s


def _execute(queue: BatchQueue, tasks: Sequence[_Task], parameters: BatchingParameters) -> None:
    started = time.monotonic()
    queue.on_run([started - task.enqueued for task in tasks])
    try:
        feeds = batch.merge([task.feeds for task in tasks], pad=parameters.pad_variable_length_inputs)
        rows = batch.padded_size(sum(task.size for task in tasks), parameters.allowed_batch_sizes)
        outputs = queue.run(batch.pad_rows(feeds, rows), _limit(tasks))
        for task, share in zip(tasks, batch.split(outputs, [task.size for task in tasks], rows), strict=True):
            task.outputs = share
    except Exception as error:  # whatever it is, it belongs to those who wait for it
        for task in tasks:
            task.error = error
    for task in tasks:
        task.done.set()


def _limit(tasks: Sequence[_Task]) -> float | None:
    """As long as any task of the batch still has time."""
    limits = [task.left() for task in tasks]
    known = [limit for limit in limits if limit is not None]
    return max(*known, 0.001) if len(known) == len(limits) else None


def parameters_of(message: Any) -> BatchingParameters:
    """The parameters in a BatchingParameters message; what it leaves out keeps its default."""
    known: dict[str, Any] = {
        name: getattr(message, name).value
        for name in ("max_batch_size", "max_enqueued_batches", "num_batch_threads")
        if message.HasField(name)
    }
    if message.HasField("batch_timeout_micros"):
        known["batch_timeout_s"] = message.batch_timeout_micros.value / 1e6
    return BatchingParameters(
        allowed_batch_sizes=tuple(message.allowed_batch_sizes),
        pad_variable_length_inputs=message.pad_variable_length_inputs,
        **known,
    )
