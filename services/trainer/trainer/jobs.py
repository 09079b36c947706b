"""The RQ jobs of the queue `training`. The worker's parent process holds this module: no TensorFlow at its top."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from digitscribe.contracts.training import TrainingProgress, TrainingRequest, TrainingStatus
from digitscribe.errors import Conflict, DigitscribeError, ModelError, NotFound
from digitscribe.models.promotion import Promoter
from digitscribe.models.retention import remove_surplus
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing.connection import RESTART_RETRIES, connect
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.serving.client import ServingClient
from digitscribe.settings import TrainerSettings, load
from redis import Redis
from rq.job import Job

from trainer.reporting import Reporter

_log = logging.getLogger(__name__)


def train(training_id: str, request: dict[str, Any]) -> None:
    """Retrain as `request` (a TrainingRequest) says, and keep the training's record up to date until its end.

    What goes wrong on purpose (a DigitscribeError) ends the record here; everything else ends it in `fail_training`.
    """
    settings = load(TrainerSettings)
    with connect(settings.redis_url, retries=RESTART_RETRIES) as redis:
        store = TrainingStore(redis, settings.events_kept)
        reporter = Reporter(store, store.get(training_id))
        try:
            reporter.start()
            _train(settings, redis, reporter, TrainingRequest.model_validate(request))
        except DigitscribeError as error:
            _log.warning("training %s ended early: %s", training_id, error)
            reporter.end(TrainingStatus.FAILED, error)


def fail_training(job: Job, connection: Redis, error_type: type, error: BaseException, trace: Any) -> None:  # noqa: ARG001
    """RQ's failure callback: end the record of a training whose process crashed, ran out of time or was killed."""
    settings = load(TrainerSettings)
    store = TrainingStore(connection, settings.events_kept)
    said = str(error) or "its process died; start it again"
    try:
        store.end(store.get(job.id), TrainingStatus.FAILED, DigitscribeError(f"{error_type.__name__}: {said}"))
    except NotFound:
        return


def _train(settings: TrainerSettings, redis: Redis, reporter: Reporter, request: TrainingRequest) -> None:
    from trainer.retraining import Places, retrain  # TensorFlow: in the work-horse only

    volume = ModelVolume(settings.models_dir, settings.model_name)
    volume.remove_leftovers()
    places = Places(volume, settings.data_dir, settings.corrections_dir)
    result = retrain(places, request, reporter)
    reporter.note(metrics=result.metrics, version=result.version)
    if result.version is None:
        reporter.end(TrainingStatus.REJECTED, ModelError(result.refusal or ""))
        return
    if request.promote:
        _promote(settings, redis, volume, result.version, reporter)
    reporter.end(TrainingStatus.DONE)
    with suppress(Conflict):  # the next training removes them
        remove_surplus(redis, volume, settings.versions_kept)


def _promote(settings: TrainerSettings, redis: Redis, volume: ModelVolume, version: int, reporter: Reporter) -> None:
    before = reporter.training.progress or TrainingProgress(phase="promote", epoch=0, epochs=0, step=0, steps=0)
    reporter(before.model_copy(update={"phase": "promote"}))
    with ServingClient(settings) as client:
        Promoter(redis, client, volume, settings.events_kept).promote(version)
