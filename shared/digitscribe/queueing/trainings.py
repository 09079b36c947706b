"""Trainings in Redis: their records, their jobs and their end.

A training has one end. Whoever writes it first wins: a training that a person cancelled stays cancelled, whatever its
process still has to say.
"""

from __future__ import annotations

from typing import Any, cast

from redis import Redis
from redis.exceptions import WatchError
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from digitscribe.contracts.document import now
from digitscribe.contracts.event import Event, EventType
from digitscribe.contracts.training import Training, TrainingRequest, TrainingStatus
from digitscribe.errors import Conflict, DigitscribeError, NotFound
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.events import EventLog

TRAININGS_KEPT = 200
"""Records kept; older ones go when new trainings come, open ones stay."""

TRAININGS_OPEN = 10
"""Trainings that wait or run at a time at most: each takes minutes to hours."""

TIMEOUT_S = 6 * 3600
"""Longest time a training may take unless told otherwise, in seconds."""

_OPEN = (TrainingStatus.QUEUED, TrainingStatus.RUNNING)


class TrainingStore:
    """Where trainings live between the gateway and the trainer.

    Example:
        store = TrainingStore(redis, settings.events_kept)
        training = store.create(TrainingRequest(epochs=1))
        store.cancel(training.id)
    """

    def __init__(self, redis: Redis, events_kept: int, timeout_s: int = TIMEOUT_S) -> None:
        self.redis = redis
        self._events = EventLog(redis, events_kept)
        self._timeout_s = timeout_s

    def create(self, request: TrainingRequest) -> Training:
        """Record a new training and put its job on the queue: both, or neither.

        Raises:
            Conflict: TRAININGS_OPEN have not ended yet.
        """
        self._forget_old()  # first: nothing that comes after the training is there may fail
        training = Training(id=jobs.new_id(), status=TrainingStatus.QUEUED, request=request, created_at=now())
        while not self._start(training):
            continue
        return training

    def _start(self, training: Training) -> bool:
        """Write down a new training and enqueue it; False if another one came at the same moment."""
        target, request = jobs.queue(self.redis, jobs.TRAINING), training.request.model_dump(mode="json")
        with self.redis.pipeline(transaction=True) as pipeline:
            cast(Any, pipeline).watch(keys.TRAININGS)
            if pipeline.exists(keys.training(training.id)):
                return True  # the connection broke after the last try, and before its answer
            if len(self._open()) >= TRAININGS_OPEN:
                raise Conflict(f"{TRAININGS_OPEN} trainings have not ended yet; wait for one, or cancel one")
            pipeline.multi()
            pipeline.set(keys.training(training.id), _to_json(training))
            pipeline.zadd(keys.TRAININGS, {training.id: training.created_at.timestamp()})
            jobs.enqueue_training(pipeline, target, training.id, request, self._timeout_s)
            self._events.publish(_event(training), pipeline)
            try:
                pipeline.execute()
            except WatchError:
                return False
        return True

    def retry(self, training_id: str) -> Training:
        """Start a training that failed or was cancelled once more, as a new one.

        Raises:
            NotFound: there is none of this id.
            Conflict: it has neither failed nor been cancelled, or TRAININGS_OPEN have not ended yet.
        """
        training = self.get(training_id)
        if training.status not in (TrainingStatus.FAILED, TrainingStatus.CANCELLED):
            raise Conflict(f"training {training_id} is {training.status}; only what failed or was cancelled is retried")
        return self.create(training.request)

    def get(self, training_id: str) -> Training:
        """The training as it stands.

        Raises:
            NotFound: there is none of this id.
        """
        text = self.redis.get(keys.training(training_id))
        if text is None:
            raise NotFound(f"no training {training_id}")
        return Training.model_validate_json(text)

    def newest(self, limit: int) -> list[Training]:
        """Up to `limit` trainings, newest first."""
        ids = cast(list[bytes], self.redis.zrevrange(keys.TRAININGS, 0, limit - 1)) if limit > 0 else []
        texts = self.redis.mget([keys.training(each.decode()) for each in ids]) if ids else []
        return [Training.model_validate_json(text) for text in texts if text]

    def update(self, training: Training) -> bool:
        """Write the record and announce it; False, and nothing is written, if the training has ended before."""
        key = keys.training(training.id)
        with self.redis.pipeline(transaction=True) as pipeline:
            while True:
                cast(Any, pipeline).watch(key)
                stored = pipeline.get(key)
                if stored is None or Training.model_validate_json(stored).status not in _OPEN:
                    return False
                pipeline.multi()
                pipeline.set(key, _to_json(training))
                self._events.publish(_event(training), pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return True

    def end(self, training: Training, status: TrainingStatus, error: DigitscribeError | None = None) -> bool:
        """Give the training its end; False if it had one before."""
        problem = error.to_problem() if error else None
        return self.update(training.model_copy(update={"status": status, "ended_at": now(), "error": problem}))

    def cancel(self, training_id: str) -> Training:
        """Cancel a training: take its job off the queue, or stop the process that works on it.

        Raises:
            NotFound: there is none of this id.
            Conflict: it has ended already.
        """
        training = self.get(training_id)
        if training.status not in _OPEN or not self.end(training, TrainingStatus.CANCELLED):
            raise Conflict(f"training {training_id} has ended ({self.get(training_id).status}); it cannot be cancelled")
        self._stop_job(training_id)
        return self.get(training_id)

    def expire(self) -> list[Training]:
        """End as failed what is open but has no job that could still finish it; returns what was ended."""
        lost = [training for training in self._open() if self._is_lost(training)]
        error = DigitscribeError("the job of this training was lost; start it again")
        return [training for training in lost if self.end(training, TrainingStatus.FAILED, error)]

    def _open(self) -> list[Training]:
        return [each for each in self.newest(TRAININGS_KEPT + TRAININGS_OPEN) if each.status in _OPEN]

    def _is_lost(self, training: Training) -> bool:
        job = self._job(training.id)
        if job is None:
            return True
        # as it was fetched: a job that ends is deleted, and asking for its status then is an error
        return job.get_status(refresh=False) not in (JobStatus.QUEUED, JobStatus.STARTED, JobStatus.SCHEDULED)

    def _job(self, training_id: str) -> Job | None:
        try:
            return Job.fetch(training_id, connection=self.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return None

    def _stop_job(self, training_id: str) -> None:
        job = self._job(training_id)
        if job is None:
            return
        if job.get_status(refresh=False) == JobStatus.QUEUED:
            job.delete()
            return
        try:
            send_stop_job_command(self.redis, training_id, serializer=JSONSerializer)
        except (InvalidJobOperation, NoSuchJobError):
            return  # it ended by itself a moment ago

    def _forget_old(self) -> None:
        """Leave room for one more."""
        ids = cast(list[bytes], self.redis.zrange(keys.TRAININGS, 0, -TRAININGS_KEPT))
        opened = {training.id for training in self._open()}
        old = [each.decode() for each in ids if each.decode() not in opened]
        if old:
            self.redis.zrem(keys.TRAININGS, *old)
            self.redis.delete(*map(keys.training, old))


def _to_json(training: Training) -> str:
    return training.model_dump_json(exclude_none=True)


def _event(training: Training) -> Event:
    return Event(type=EventType.TRAINING, data=training.model_dump(mode="json", exclude_none=True))
