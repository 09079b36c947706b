"""Promotion and rollback against a real model server."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from digitscribe.contracts import EventType
from digitscribe.errors import Conflict, ModelError, NotFound, ServingRefused, ServingUnavailable
from digitscribe.models import models_config, promotion
from digitscribe.models.promotion import Promoter
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import keys
from digitscribe.queueing.events import BEGINNING, EventLog
from digitscribe.serving.client import ServingClient
from digitscribe_client import calls
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from ui import passing

IMAGE = np.zeros((1, 28, 28, 1), np.float32)


@pytest.fixture
def volume(server: Any) -> ModelVolume:
    volume: ModelVolume = server.volume
    return volume


@pytest.fixture
def client(server: Any) -> Iterator[ServingClient]:
    with ServingClient(server.settings) as client:
        yield client


@pytest.fixture
def promoter(redis: Redis, client: ServingClient, volume: ModelVolume) -> Promoter:
    return Promoter(redis, client, volume, events_kept=100)


def _wait_until_loaded(client: ServingClient, versions: set[int]) -> None:
    """A retired version is unloaded a moment after the reload has been answered."""
    until = time.monotonic() + 20
    while {each for each, state in client.version_states().items() if state == "AVAILABLE"} != versions:
        assert time.monotonic() < until, client.version_states()
        time.sleep(0.05)


def _config(volume: ModelVolume) -> tuple[list[int], dict[str, int]]:
    config = models_config.read(volume.config_path)
    return models_config.loaded(config, "digits"), models_config.labels(config, "digits")


@contextmanager
def _fire(server: Any, answers: list[int], errors: list[BaseException]) -> Iterator[None]:
    """Clients that ask by label, without any patience, for as long as the context lasts."""
    stop = threading.Event()
    impatient = server.settings.model_copy(update={"serving_patience_s": 0.0})

    def ask() -> None:
        with ServingClient(impatient) as client:
            while not stop.is_set():
                try:
                    prediction = client.predict(IMAGE)
                    assert prediction.probabilities.argmax() == prediction.version
                    answers.append(prediction.version)
                except BaseException as error:
                    errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_promoted_version_answers_and_the_one_before_it_stays_loaded(
    promoter: Promoter, client: ServingClient, volume: ModelVolume
) -> None:
    models = promoter.promote(2)
    assert client.predict(IMAGE).version == 2
    _wait_until_loaded(client, {1, 2})
    assert _config(volume) == ([1, 2], {"stable": 2})
    assert (models.stable, [each.state for each in models.versions][-2:]) == (2, ["AVAILABLE", "AVAILABLE"])


def test_the_oldest_is_retired(promoter: Promoter, client: ServingClient, volume: ModelVolume) -> None:
    promoter.promote(2)
    promoter.promote(3)
    assert _config(volume) == ([2, 3], {"stable": 3})
    _wait_until_loaded(client, {2, 3})


def test_rollback_brings_the_previous_version_back(
    promoter: Promoter, client: ServingClient, volume: ModelVolume
) -> None:
    promoter.promote(4)
    promoter.promote(1)
    assert client.predict(IMAGE).version == 1
    assert _config(volume) == ([1, 4], {"stable": 1})


def test_no_request_fails_while_versions_change(promoter: Promoter, server: Any) -> None:
    answers: list[int] = []
    errors: list[BaseException] = []
    with _fire(server, answers, errors):
        for version in (2, 3, 2, 5):
            promoter.promote(version)
    assert errors == []
    assert set(Counter(answers)) == {1, 2, 3, 5}


def test_a_promotion_is_announced(promoter: Promoter, redis: Redis) -> None:
    promoter.promote(3)
    (event,) = [stored.event for stored in EventLog(redis, 100).read(BEGINNING).events]
    assert (event.type, event.data["stable"]) == (EventType.MODEL, 3)


def _when_the_label_has_moved(monkeypatch: pytest.MonkeyPatch, client: ServingClient, act: Callable[[], None]) -> None:
    """Call `act` as soon as the server has moved the label, once."""
    reload, before = client.reload, client.predict(IMAGE).version

    def watched(config: Any) -> None:
        reload(config)
        if models_config.labels(config, "digits") != {"stable": before}:
            monkeypatch.setattr(client, "reload", reload)
            act()

    monkeypatch.setattr(client, "reload", watched)


def _raise(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_a_server_too_busy_to_tell_its_states_makes_no_failure_of_a_promotion(
    promoter: Promoter,
    client: ServingClient,
    volume: ModelVolume,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = _raise(ServingUnavailable("busy"))
    _when_the_label_has_moved(monkeypatch, client, lambda: monkeypatch.setattr(client, "version_states", silent))
    models = promoter.promote(2)
    assert (models.stable, [each.state for each in models.versions][-2:]) == (2, ["AVAILABLE", "AVAILABLE"])
    assert _config(volume)[1] == {"stable": 2}
    (event,) = [stored.event for stored in EventLog(redis, 100).read(BEGINNING).events]
    assert (event.type, event.data["stable"]) == (EventType.MODEL, 2)


@pytest.mark.parametrize("stable", [2, 3])
def test_a_redis_lost_after_the_move_makes_no_failure_of_a_promotion(
    promoter: Promoter,
    client: ServingClient,
    volume: ModelVolume,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
    stable: int,
) -> None:
    away = _raise(RedisConnectionError("away"))
    if stable == 3:
        promoter.promote(2)  # so that there is an old version to retire
    _when_the_label_has_moved(monkeypatch, client, lambda: monkeypatch.setattr(redis, "execute_command", away))
    assert promoter.promote(stable).stable == stable
    monkeypatch.undo()
    redis.delete(keys.PROMOTION_LOCK)
    assert _config(volume)[1] == {"stable": stable}
    assert client.predict(IMAGE).version == stable


def test_a_server_that_moved_the_label_without_saying_so_moves_it_back(
    promoter: Promoter, client: ServingClient, volume: ModelVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = _raise(ServingUnavailable("no answer in time"))
    _when_the_label_has_moved(monkeypatch, client, late)
    with pytest.raises(ServingUnavailable, match="traffic stays where it was"):
        promoter.promote(2)
    assert _config(volume) == ([1], {"stable": 1})
    assert client.predict(IMAGE).version == 1


def test_a_version_that_is_not_there_is_not_found(promoter: Promoter, volume: ModelVolume) -> None:
    with pytest.raises(NotFound, match="77"):
        promoter.promote(77)
    assert _config(volume) == ([1], {"stable": 1})


def test_other_labels_keep_their_version(promoter: Promoter, client: ServingClient, volume: ModelVolume) -> None:
    config = models_config.with_traffic(
        models_config.read(volume.config_path), "digits", [1, 2], {"stable": 1, "canary": 2}
    )
    models_config.write(volume.config_path, config)
    client.reload(config)
    promoter.promote(3)
    promoter.promote(4)
    assert _config(volume) == ([2, 3, 4], {"stable": 4, "canary": 2})


def test_without_a_model_server_nothing_changes(promoter: Promoter, server: Any, volume: ModelVolume) -> None:
    server.stop()
    with pytest.raises(ServingUnavailable, match="version 2 was not promoted"):
        promoter.promote(2)
    assert _config(volume) == ([1], {"stable": 1})


def test_a_restarted_server_serves_what_was_promoted(promoter: Promoter, server: Any, client: ServingClient) -> None:
    promoter.promote(2)
    server.stop()
    server.start()
    assert client.predict(IMAGE).version == 2
    _wait_until_loaded(client, {1, 2})


def test_a_version_that_cannot_be_loaded_leaves_the_traffic_where_it_was(
    promoter: Promoter, client: ServingClient, volume: ModelVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "RELOAD_TIMEOUT_S", 5.0)
    volume.path(9).mkdir()
    (volume.path(9) / "saved_model.pb").write_bytes(b"broken")
    try:
        with pytest.raises(ModelError, match="version 9 was not promoted"):
            promoter.promote(9)
    finally:
        shutil.rmtree(volume.path(9))
    assert _config(volume) == ([1], {"stable": 1})
    assert client.predict(IMAGE).version == 1


def test_a_server_that_is_silent_for_a_moment_does_not_end_a_promotion(
    promoter: Promoter, client: ServingClient, volume: ModelVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, silent = client.version_states, [ServingUnavailable("busy loading")] * 3

    def told() -> dict[int, str]:
        if silent:
            raise silent.pop()
        return states()

    monkeypatch.setattr(client, "version_states", told)
    promoter.promote(2)
    assert not silent
    assert _config(volume)[1] == {"stable": 2}


@pytest.mark.parametrize(
    "patience_s", [passing.timeout_of(b"/v1/models/3/activate").read, calls.activate(3).holds_s], ids=["page", "client"]
)
def test_who_asks_for_a_promotion_waits_for_its_end(patience_s: float) -> None:
    assert patience_s > promotion.LONGEST_S


def test_two_promotions_do_not_run_at_once(
    promoter: Promoter, redis: Redis, volume: ModelVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "LOCK_PATIENCE_S", 0.2)
    with redis.lock(keys.PROMOTION_LOCK, timeout=30), pytest.raises(Conflict, match="another promotion"):
        promoter.promote(2)
    assert _config(volume) == ([1], {"stable": 1})


@pytest.mark.parametrize("failure", [None, ServingRefused("not this one")])
def test_a_promotion_that_lost_its_lock_leaves_the_next_ones_traffic_alone(
    promoter: Promoter,
    client: ServingClient,
    volume: ModelVolume,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
    failure: ServingRefused | None,
) -> None:
    reload = client.reload

    def slow_reload(config: Any) -> None:
        monkeypatch.setattr(client, "reload", reload)
        reload(config)
        redis.delete(keys.PROMOTION_LOCK)  # its time is over
        promoter.promote(3)
        if failure:
            raise failure

    monkeypatch.setattr(client, "reload", slow_reload)
    with pytest.raises(Conflict, match="another began"):
        promoter.promote(2)
    assert _config(volume)[1] == {"stable": 3}
    assert client.predict(IMAGE).version == 3
