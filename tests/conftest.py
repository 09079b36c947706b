"""Fixtures that every test may use: a real Redis, and free ports."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from digitscribe.queueing.connection import connect
from hypothesis import HealthCheck, settings
from redis import Redis

from tests.ports import free_port

# a busy machine is no fault of an input
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def redis_executable() -> str:
    """Redis's server: the one on PATH, or the one that the virtual environment carries."""
    beside = Path(sys.executable).parent / "redis-server"
    found = shutil.which("redis-server") or (str(beside) if beside.exists() else None)
    assert found, "no redis-server; `make test` installs one"
    return found


@contextmanager
def running_redis(*options: str) -> Iterator[str]:
    """The address of a real Redis with these options that lives as long as this context."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [redis_executable(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        server = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        try:
            with connect(f"redis://127.0.0.1:{port}/0", retries=60) as probe:
                probe.ping()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(timeout=10)


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """The address of a real Redis that lives as long as the tests."""
    with running_redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """The address of a real Redis, empty."""
    with connect(redis_server_url) as connection:
        connection.flushdb()  # not flushall: the running system lives in another database
    return redis_server_url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of a real Redis, empty."""
    with connect(redis_url) as connection:
        yield connection
