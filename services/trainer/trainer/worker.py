"""The worker of the queue `training`: seeds the volume, then forks a process for each training."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from typing import Any

from digitscribe.contracts.training import TrainingStatus
from digitscribe.errors import DigitscribeError, NotFound
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import jobs
from digitscribe.queueing.connection import RESTART_RETRIES, connect
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.settings import TrainerSettings
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from trainer.seeding import base_path, seed

MAINTENANCE_S = 5
"""How often jobs of killed workers are looked for; RQ's own ten minutes would leave a training open that long."""

LEASE_S = 30
"""How long a training counts as being worked on without a sign of life of its worker."""

SIGN_OF_LIFE_S = 5
"""How often a worker at work gives a sign of life."""

_IDLE_TTL_S = 20  # RQ waits 15 s less than this for a job
_PAUSE_S = 1.0

_log = logging.getLogger(__name__)


class TrainingWorker(Worker):
    """RQ's forking worker, except that a killed one is noticed within LEASE_S, and that SIGTERM stops a training too.

    Nobody who stops the system wants to wait for the last epoch; the training's record says that it was stopped.
    """

    def __init__(self, store: TrainingStore, settings: TrainerSettings) -> None:
        super().__init__(
            [jobs.queue(store.redis, jobs.TRAINING)],
            name=f"trainer-{socket.gethostname()}-{uuid.uuid4().hex[:8]}",
            connection=store.redis,
            serializer=JSONSerializer,
            maintenance_interval=MAINTENANCE_S,
            job_monitoring_interval=SIGN_OF_LIFE_S,
            worker_ttl=_IDLE_TTL_S,
        )
        self._store = store
        self._volume = ModelVolume(settings.models_dir, settings.model_name)

    @property
    def stop_requested(self) -> bool:
        """Whether the process was told to stop (SIGTERM, SIGINT)."""
        return self._shutdown_requested_date is not None

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        """How long `job` counts as being worked on without a further sign of life."""
        return LEASE_S

    def run_maintenance_tasks(self) -> None:
        """Give up jobs whose worker died, then end the records of trainings without a job that could still run.

        RQ calls this at the start, after each job, and every MAINTENANCE_S while there is nothing to do.
        """
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        for lost in self._store.expire():
            _log.warning("training %s had lost its job; it has failed", lost.id)

    def handle_work_horse_killed(self, job: Job, retpid: Any, ret_val: Any, rusage: Any) -> None:  # noqa: ARG002
        """End the record of a training whose process was killed; RQ calls no failure callback for it."""
        why = "the trainer was stopped" if self.stop_requested else f"its process was killed (wait status {ret_val})"
        self._volume.remove_leftovers()
        try:
            training = self._store.get(job.id)
        except NotFound:
            return
        self._store.end(training, TrainingStatus.FAILED, DigitscribeError(f"{why}; start the training again"))

    def _shutdown(self) -> None:
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        _log.info("asked to stop; the training in hand is stopped too")
        self._stop_requested = True
        self.kill_horse()


def prepare(settings: TrainerSettings) -> None:
    """Seed the volume and clean up what killed trainings left on it."""
    volume = ModelVolume(settings.models_dir, settings.model_name)
    seed(volume, settings.data_dir / "models" / settings.model_name, base_path(settings, settings.model_name))
    if removed := volume.remove_leftovers():
        _log.info("removed %d unfinished exports", removed)


def work(settings: TrainerSettings) -> None:
    """Work on trainings until SIGTERM or SIGINT, with a new worker whenever one ended because Redis was away."""
    prepare(settings)
    while not _work(settings):
        time.sleep(_PAUSE_S)


def _work(settings: TrainerSettings) -> bool:
    worker = None
    try:
        with connect(settings.redis_url, retries=RESTART_RETRIES) as redis:
            store = TrainingStore(redis, settings.events_kept)
            worker = TrainingWorker(store, settings)
            _log.info("trainer %s waits for work", worker.name)
            worker.work(logging_level=None)
    except RedisError as error:
        _log.error("Redis is away: %s", error)
    return worker is not None and worker.stop_requested
