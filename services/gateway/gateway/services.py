"""Everything that the routes need, made once for an app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from digitscribe.contracts import EventType
from digitscribe.guard import Guard, listed
from digitscribe.models.promotion import Promoter
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import jobs
from digitscribe.queueing.connection import connect
from digitscribe.queueing.events import StoredEvent
from digitscribe.queueing.steps import StepStore
from digitscribe.queueing.store import RecognitionStore
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.serving.client import ServingClient
from digitscribe.serving.explain import Explainer
from digitscribe.settings import GatewaySettings
from digitscribe.vision import tuning
from digitscribe.vision.profile import Profile
from flask import current_app

from gateway.batching import BatchLimits, JobImages, Lane
from gateway.camera_definitions import CameraDefinitionBook
from gateway.camera_trials import CameraTrialBook
from gateway.cameras import CameraBook
from gateway.corrections import CorrectionBook
from gateway.history import HistoryBook, Sampler
from gateway.hub import Hub
from gateway.limits import Allowance, RateLimit
from gateway.metrics import Gauges, Metrics
from gateway.proxies import TrustedProxies
from gateway.queue_watch import QueueWatch
from gateway.statistics import Statistics
from gateway.uploads import MAX_IMAGES, UploadLimits

_EXTENSION = "digitscribe"
_TRIALS_AT_ONCE = 4
_CHANGES_PER_S = 100
_CHANGES_AT_ONCE = 1000
_UPLOADS_IN_HAND_BYTES = 512 * 1024 * 1024


class Services:
    """What an app holds: connections, threads, and hints. `close` ends them."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.redis = connect(settings.redis_url)
        # redis-py's pool would refuse the hundred-and-first thread
        self.redis.connection_pool.max_connections = settings.gateway_threads + 16
        self.store = RecognitionStore(self.redis, settings)
        self.steps = StepStore(self.redis)
        self.trainings = TrainingStore(self.redis, settings.events_kept, settings.training_timeout_s)
        self.serving = ServingClient(settings)
        self.explainer = Explainer(settings)
        self.volume = ModelVolume(settings.models_dir, settings.model_name)
        self.promoter = Promoter(self.redis, self.serving, self.volume, settings.events_kept)
        self.cameras = CameraBook(self.redis, self.store.events)
        self.camera_definitions = CameraDefinitionBook(self.redis, self.cameras, settings.camera_token)
        self.camera_trials = CameraTrialBook(self.redis)
        self.trials_open = Allowance(_TRIALS_AT_ONCE, "trials of cameras")
        self.corrections = CorrectionBook(settings.corrections_dir)
        self.statistics = Statistics()
        self.history = HistoryBook(self.redis)
        self.metrics = Metrics()
        self.metrics.ask_at_scrape(self._gauges)
        self.metrics.watch_cameras(self.cameras.list)
        self.guard = Guard("gateway_hosts", listed(settings.gateway_hosts), listed(settings.trusted_origins))
        self.proxies = TrustedProxies(settings.trusted_proxies)
        self.upload_limits = UploadLimits.of(settings)
        self.profile = tuning.changed(Profile(), tuning.parse(settings.profile))
        self.rate_limit = RateLimit(settings.rate_limit_per_s, burst=MAX_IMAGES)
        self.change_limit = RateLimit(_CHANGES_PER_S, _CHANGES_AT_ONCE, "changes")
        self.uploads_in_hand = Allowance(max(_UPLOADS_IN_HAND_BYTES, 2 * self.upload_limits.request_bytes), "uploads")
        # a stream holds a thread for as long as it lasts: half of them stay for those who ask
        self.streams = Allowance(settings.gateway_threads // 2, "streams")
        self.lanes = {name: self._lane(name) for name in jobs.RECOGNITION_QUEUES}
        # a long wait for a reading holds one, too, while nothing is read: an eighth of them stays free of both
        self.hub = Hub(self.store.events, self._take_in, Allowance(settings.gateway_threads * 3 // 8, "long waits"))
        self.sampler = Sampler(self.redis, self.store, self.statistics)
        self.queue_watch = QueueWatch(self.redis, self.store, settings.max_pending_images, self.hub, self._note_readers)

    def release(self) -> None:
        """Let all who wait or listen go, because the process is about to stop."""
        self.hub.release()

    def close(self) -> None:
        """Store what was handed in, then end all threads and connections."""
        self.release()
        for lane in self.lanes.values():
            lane.close()
        self.queue_watch.close()
        self.sampler.close()
        self.hub.close()
        self.serving.close()
        self.explainer.close()
        self.redis.close()

    def _lane(self, name: str) -> Lane:
        limits = BatchLimits(
            images=self.settings.batch_size,
            pixels=self.settings.batch_megapixels * 1_000_000,
            window_s=self.settings.batch_window_ms / 1000,
        )

        def accept(batch: Sequence[JobImages]) -> None:
            # here and not in each request: asked once for all that arrived together; other lanes, gateways
            # and retries may store in between, so that a limit can be exceeded by a batch of each
            self.store.check_room(sum(map(len, batch)), sum(len(each.image) for job in batch for each in job))
            self.store.accept_all(name, batch)
            for job in batch:
                self.metrics.note_batch(name, (each.recognition.source.value for each in job))

        return Lane(name, accept, limits)

    def _take_in(self, stored: StoredEvent) -> None:
        data = stored.event.data
        if stored.event.type is EventType.RECOGNITION:
            for lane in self.lanes.values():
                lane.ended(str(data.get("id")))
            self.statistics.note(stored)
            self.cameras.note_reading(data)

    def _note_readers(self, count: int) -> None:
        for lane in self.lanes.values():
            lane.readers = max(1, count)

    def _gauges(self) -> Gauges:
        pending = self.store.pending()
        return {"pending_images": pending.images, "pending_bytes": pending.bytes}


def services() -> Services:
    """The present app's services."""
    return cast(Services, current_app.extensions[_EXTENSION])
