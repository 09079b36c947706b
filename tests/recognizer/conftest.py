"""A model server's twin and a store for the recognizer's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from digitscribe.queueing.store import RecognitionStore
from digitscribe.serving.twin import ServingTwin
from digitscribe.settings import QueueSettings
from redis import Redis


@pytest.fixture
def twin() -> Iterator[ServingTwin]:
    with ServingTwin(version=3) as running:
        yield running


@pytest.fixture
def store(redis: Redis) -> RecognitionStore:
    return RecognitionStore(redis, QueueSettings())


@pytest.fixture
def env(redis_url: str, twin: ServingTwin) -> dict[str, str]:
    """Settings of a recognizer process."""
    return {"REDIS_URL": redis_url, "SERVING_GRPC": twin.target}
