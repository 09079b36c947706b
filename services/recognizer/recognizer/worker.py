"""The RQ worker that executes batches in its own process, and looks after those of workers that died."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from typing import Any, cast

from digitscribe.queueing import jobs, keys
from digitscribe.queueing.recovery import Reaper
from digitscribe.queueing.store import RecognitionStore
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout, StopRequested
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from rq.utils import now as utc_now
from rq.worker import WorkerStatus
from rq.worker_registration import clean_worker_registry, register

from recognizer.lease import LEASE_S, renewing

MAINTENANCE_EVERY_S = 2
"""How often one of the workers looks for jobs whose worker died."""

IDLE_S = 2
"""How long an idle worker waits for a job before it looks after the others'; RQ counts in whole seconds."""

WORKER_TTL_S = 15
"""How long a worker counts as alive after its last sign of life."""

_TIMEOUT_GRACE_S = 5
_REDIS_PAUSE_S = 1.0

log = logging.getLogger(__name__)


def new_name(name: str | None) -> str:
    """A worker's name: `name`, or the host's, and something that no earlier worker of that name had."""
    return f"{name or socket.gethostname()}-{uuid.uuid4().hex[:8]}"


class BatchWorker(SimpleWorker):
    """Takes jobs from the recognition queues by priority and executes them without a fork.

    RQ's `SimpleWorker` promises to be alive for the whole of a job's time-out and a minute more, so that a killed
    worker's job would wait that long. This one promises only `LEASE_S`, and keeps renewing the promise.
    """

    def __init__(self, store: RecognitionStore, name: str | None = None) -> None:
        super().__init__(
            [jobs.queue(store.redis, each) for each in jobs.RECOGNITION_QUEUES],
            name=name,
            connection=store.redis,
            serializer=JSONSerializer,
            exception_handlers=[self._note_timeout],
            maintenance_interval=MAINTENANCE_EVERY_S,
            worker_ttl=IDLE_S + 15,  # RQ waits 15 s less than this for a job
            log_job_description=False,
        )
        self.log_result_lifespan = False
        self.worn_out = False
        self._reaper = Reaper(store)

    @property
    def stop_requested(self) -> bool:
        """Whether the process was told to stop (SIGTERM, SIGINT)."""
        return self._shutdown_requested_date is not None

    def dequeue_job_and_maintain_ttl(
        self,
        timeout: int | None,  # noqa: ARG002 - RQ's signature
        max_idle_time: int | None = None,  # noqa: ARG002
    ) -> tuple[Job, Queue]:
        """Wait for a job, however long Redis is away; raises StopRequested when the process is to end.

        RQ's own may end between taking a job from Redis and taking note of it.
        """
        self.set_state(WorkerStatus.IDLE)
        while not self._stop_requested:
            try:
                self.heartbeat()
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()
                if found := Queue.dequeue_any(self.queues, IDLE_S, self.connection, serializer=JSONSerializer):
                    found[0].redis_server_version = self.get_redis_server_version()  # type: ignore[no-untyped-call]
                    return found
            except DequeueTimeout:
                continue
            except RedisError as error:
                log.error("Redis is away: %s", error)
                time.sleep(_REDIS_PAUSE_S)
        raise StopRequested

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Execute `job` in this process; raises RedisError if Redis is gone for longer than it is waited for."""
        execution = self.prepare_execution(job)
        with renewing(
            lambda: self.maintain_heartbeats(job, execution), at_most_s=(job.timeout or 0) + _TIMEOUT_GRACE_S
        ):
            self.perform_job(job, queue, execution)
        self.set_state(WorkerStatus.IDLE)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        """How long `job` counts as being worked on without a further sign of life."""
        return LEASE_S

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that this worker is alive."""
        super().heartbeat(min(timeout or WORKER_TTL_S, WORKER_TTL_S), pipeline)

    def subscribe(self) -> None:
        """No remote commands: whoever can write to Redis must not be able to stop workers."""

    def run_maintenance_tasks(self) -> None:
        """Look for jobs whose worker died and for images that no job will finish; one worker at a time does."""
        self.last_cleaned_at = utc_now()  # type: ignore[assignment]
        self._stay_registered()
        # RQ's own lock lasts a quarter of an hour if its holder is killed
        lock = self.connection.set(keys.MAINTENANCE_LOCK, self.name, nx=True, px=MAINTENANCE_EVERY_S * 1000 - 100)
        if lock and self._redis_is_settled():
            for queue in self.queues:
                self._recover_abandoned(queue.started_job_registry)
                queue.failed_job_registry.cleanup()
                clean_worker_registry(queue)
            self._reaper.visit()

    def _recover_abandoned(self, started: StartedJobRegistry) -> None:
        moment = time.time()
        for key in cast(list[bytes], self.connection.zrangebyscore(started.key, 0, moment)):
            # RQ keeps listing an execution for a minute after its record has expired, and then stumbles over it
            # when the job's second try ends
            execution = Execution.from_composite_key(key.decode(), self.connection)
            self.connection.zrem(ExecutionRegistry(execution.job_id, self.connection).key, execution.id)
        started.cleanup(moment)

    def _shutdown(self) -> None:
        log.info("asked to stop; the batch in hand is finished first")
        self._stop_requested = True

    def _stay_registered(self) -> None:
        # a stalled machine, or a Redis that lost its memory, may have struck this worker off
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            register(self, pipeline)
            self.heartbeat(pipeline=pipeline)
            pipeline.execute()

    def _redis_is_settled(self) -> bool:
        # right after Redis's restart all leases have run out, though their holders live
        return int(self.connection.info("server")["uptime_in_seconds"]) > LEASE_S

    def _note_timeout(self, _job: Job, kind: type[BaseException], *_: Any) -> bool:
        if issubclass(kind, JobTimeoutException):
            log.error("a job took too long; this worker ends, because what hangs in a thread cannot be stopped")
            self.worn_out = self._stop_requested = True
        return True
