"""The state of the whole system at a glance."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .document import Document, Moment


class QueueDepth(Document):
    """One queue, and the jobs that wait in it."""

    name: str
    jobs: int = Field(ge=0)


class WorkerState(Document):
    """An RQ worker."""

    name: str
    queues: tuple[str, ...]
    state: str
    last_heartbeat: Moment | None = None


class ServingState(Document):
    """The model server, as seen from the gateway."""

    reachable: bool
    stable: int | None = None
    states: dict[str, str] = Field(default_factory=dict, description="State by version")


class Latency(Document):
    """Percentiles in milliseconds over the recent recognitions."""

    count: int = Field(ge=0)
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class SystemSample(Document):
    """Ten seconds of the system: what ended in them, and the deepest that the queues were seen."""

    at: Moment = Field(description="The end of the ten seconds")
    read: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict, description="Images read, by source")
    failed: int = Field(default=0, ge=0)
    late: int = Field(default=0, ge=0, description="Camera frames that no recognizer had time for while they were live")
    latency_ms: Latency = Field(description="From acceptance until the result was stored")
    pending_images: int = Field(default=0, ge=0)
    queues: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict, description="Jobs waiting, by queue")
    recognizers: int = Field(default=0, ge=0)
    trainers: int = Field(default=0, ge=0)


class SystemHistory(Document):
    """What `GET /v1/system/history` answers: samples, oldest first; where no gateway ran there are none."""

    period_s: int = Field(ge=1, description="Seconds that one sample covers")
    samples: tuple[SystemSample, ...]


class SystemState(Document):
    """What `GET /v1/system` answers."""

    version: str
    pending_images: int = Field(ge=0, description="Accepted and not yet done or failed")
    max_pending_images: int
    queues: tuple[QueueDepth, ...]
    workers: tuple[WorkerState, ...]
    images_per_second: float = Field(ge=0)
    failed_recently: int = Field(ge=0)
    latency_ms: Latency
    serving: ServingState
