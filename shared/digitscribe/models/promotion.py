"""Which version is in traffic: promotion, and rollback, which is promotion of an older version.

    load the new version beside the old → wait until it is AVAILABLE → move the label → retire the oldest

Each step writes models.config first and tells the model server then, so that whoever is killed in between leaves a
state that a restarted server loads and serves. Until the label has moved, any failure puts the old configuration back,
unless another promotion has begun meanwhile. Once it has moved the promotion has succeeded, whatever fails after that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from digitscribe.contracts.event import Event, EventType
from digitscribe.contracts.model import ModelList
from digitscribe.errors import Conflict, ModelError, ServingError, ServingUnavailable
from digitscribe.models import models_config
from digitscribe.models.listing import list_models
from digitscribe.models.models_config import STABLE, Config
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import keys
from digitscribe.queueing.events import EventLog
from digitscribe.serving.client import RELOAD_TIMEOUT_S, ServingClient

LOCK_TTL_S = RELOAD_TIMEOUT_S + 30
"""A promoter that died keeps others away no longer than this; one that lives renews it at each step."""

LOCK_PATIENCE_S = 15.0
"""How long a promotion waits for another one to end."""

LONGEST_S = LOCK_PATIENCE_S + 4 * RELOAD_TIMEOUT_S
"""Longest time that a promotion takes while the model server is there: three configurations, and a version to load."""

POLL_S = 0.1
"""Pause between two questions whether a version is AVAILABLE."""

AVAILABLE = "AVAILABLE"
"""The state of a version that can be asked."""

SILENT = "SILENT"
"""The state of a version of which a server that is busy loading does not say anything."""

SILENCE_S = 20.0
"""How long such a server is asked again."""

STALE_S = 10.0
"""A version that was unloaded earlier is still at its END for a moment after it has been asked for again."""

_log = logging.getLogger(__name__)


class _LockLost(Conflict):
    """Another promotion may have begun: what this one found is no longer what it may put back."""


class Promoter:
    """Moves traffic between versions; used by the trainer after a training and by the gateway on a person's word.

    Example:
        with ServingClient(settings) as client:
            Promoter(redis, client, volume, settings.events_kept).promote(3)
    """

    def __init__(self, redis: Redis, client: ServingClient, volume: ModelVolume, events_kept: int) -> None:
        self._redis = redis
        self._client = client
        self._volume = volume
        self._events = EventLog(redis, events_kept)

    def stable(self) -> int | None:
        """The version in traffic."""
        return self._stable_of(self._read())

    def promote(self, version: int) -> ModelList:
        """Let `version` take the traffic; the version before it stays loaded, so that going back is instant.

        Raises:
            NotFound: there is no such version.
            Conflict: another promotion is going on, or began because this one took too long; then its word stands.
            ModelError: the model server cannot load the version; traffic stays where it was.
            ServingError: the model server is away or refuses; traffic stays where it was.
        """
        self._volume.check(version)
        with alone(self._redis) as renew:
            before = self._read()
            with self._undone_on_failure(before, version, renew):
                labelled = self._load_beside(before, version, renew)
            kept = self._kept(before, version)
            self._retire(labelled, kept, renew)
        models = list_models(self._volume, self._states(kept))
        self._announce(models)
        return models

    def _read(self) -> Config:
        return models_config.read(self._volume.config_path)

    def _stable_of(self, config: Config) -> int | None:
        return models_config.stable_of(config, self._volume.model_name)

    def _load_beside(self, before: Config, version: int, renew: Callable[[], None]) -> Config:
        name = self._volume.model_name
        labelled, versions = models_config.labels(before, name), models_config.loaded(before, name)
        beside = models_config.with_traffic(before, name, [*versions, version], labelled)
        self._apply(beside)
        renew()
        self._wait_until_available(version, renew)
        moved = models_config.with_traffic(beside, name, [*versions, version], {**labelled, STABLE: version})
        self._apply(moved)
        return moved

    def _kept(self, before: Config, version: int) -> set[int]:
        name = self._volume.model_name
        labelled = models_config.labels(before, name)
        previous = labelled.pop(STABLE, None)
        if previous in (None, version):
            return {version, *models_config.loaded(before, name)}
        return {version, int(previous or version), *labelled.values()}

    def _retire(self, moved: Config, kept: set[int], renew: Callable[[], None]) -> None:
        name = self._volume.model_name
        final = models_config.with_traffic(moved, name, kept, models_config.labels(moved, name))
        try:
            renew()
            if final != moved:
                self._apply(final)
        except (ServingError, RedisError, OSError) as error:
            # the traffic has moved; an old version more in memory is no reason to call that a failure
            _log.warning("old versions could not be retired yet: %s", error)

    def _states(self, kept: Iterable[int]) -> dict[int, str]:
        try:
            return self._client.version_states()
        except ServingError as error:
            _log.warning("the model server does not say which versions it holds: %s", error)
            return dict.fromkeys(kept, AVAILABLE)

    def _announce(self, models: ModelList) -> None:
        try:
            self._events.publish(Event(type=EventType.MODEL, data=models.model_dump(mode="json", exclude_none=True)))
        except RedisError as error:  # who lost Redis's events asks for everything anew
            _log.warning("the promotion could not be announced: %s", error)

    def _apply(self, config: Config) -> None:
        models_config.write(self._volume.config_path, config)
        self._client.reload(config)

    def _wait_until_available(self, version: int, renew: Callable[[], None]) -> None:
        began = heard = time.monotonic()
        has_begun = False
        while (state := self._state_of(version, heard)) != AVAILABLE:
            waited = time.monotonic() - began
            heard = heard if state == SILENT else time.monotonic()
            has_begun = has_begun or state in ("START", "LOADING")
            if state == "END" and (has_begun or waited > STALE_S):
                raise ModelError(f"the model server could not load version {version}; its log says why")
            if waited > RELOAD_TIMEOUT_S:
                raise ModelError(f"version {version} was not loaded within {RELOAD_TIMEOUT_S:.0f} s")
            renew()
            time.sleep(POLL_S)

    def _state_of(self, version: int, heard: float) -> str | None:
        """The version's state; SILENT for a server that does not answer, for a moment after it was `heard` last."""
        try:
            return self._client.version_states().get(version)
        except ServingUnavailable:
            if time.monotonic() - heard > SILENCE_S:
                raise
            return SILENT

    @contextmanager
    def _undone_on_failure(self, before: Config, version: int, renew: Callable[[], None]) -> Iterator[None]:
        try:
            yield
        except _LockLost:  # the configuration is another promotion's now
            raise
        except BaseException as error:
            with suppress(RedisError):  # without Redis there is no other promotion either
                renew()
            told = self._read()
            models_config.write(self._volume.config_path, before)
            # a server that did not answer may have heard of the label, or hear of it yet
            if not isinstance(error, ServingUnavailable) or self._stable_of(told) != self._stable_of(before):
                with suppress(ServingError):
                    self._client.reload(before)
            if isinstance(error, ServingError | ModelError):
                said = f"version {version} was not promoted, traffic stays where it was: {error}"
                raise type(error)(said) from error
            raise


@contextmanager
def alone(redis: Redis) -> Iterator[Callable[[], None]]:
    """Nobody else changes which versions are in traffic within this context, while what it gives is called in time.

    Raises:
        Conflict: a promotion is going on, or, by what the context gives, began because this took too long.
    """
    lock: Lock = redis.lock(keys.PROMOTION_LOCK, timeout=LOCK_TTL_S, blocking_timeout=LOCK_PATIENCE_S)
    if not lock.acquire():
        raise Conflict("another promotion is going on; try again when it is done")
    try:
        yield lambda: _renew(lock)
    finally:
        with suppress(RedisError):  # it ends by itself
            lock.release()


def _renew(lock: Lock) -> None:
    try:
        lock.reacquire()
    except LockError as error:
        raise _LockLost("this promotion took too long, and another began; see which version is in traffic") from error
