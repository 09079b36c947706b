"""The calls about the whole system, as rows of the table in `operations`."""

from __future__ import annotations

from digitscribe.contracts import SystemHistory, SystemState

from gateway import parameters
from gateway.documents import Health
from gateway.operation import Answer, Operation

SYSTEM_OPERATIONS = (
    Operation(
        "GET",
        "/v1/system",
        "getSystem",
        "system",
        "Queues, workers, rates, latencies, model server",
        {200: Answer("The last minute", (SystemState,))},
        (400, 503),
    ),
    Operation(
        "GET",
        "/v1/system/history",
        "getSystemHistory",
        "system",
        "The last hour, ten seconds by ten seconds",
        {200: Answer("Oldest first", (SystemHistory,))},
        (400, 503),
        query=parameters.HISTORY,
        description="Kept in Redis, whichever gateway took the sample: a restart keeps the hour.",
    ),
    Operation(
        "GET",
        "/healthz",
        "isAlive",
        "system",
        "Is this process alive",
        {200: Answer("It is", (Health,))},
        (400,),
    ),
    Operation(
        "GET",
        "/readyz",
        "isReady",
        "system",
        "Can images be read",
        {200: Answer("Redis, the model server and a recognizer are there", (Health,))},
        (400, 503),
    ),
    Operation(
        "GET",
        "/metrics",
        "getMetrics",
        "system",
        "Metrics for Prometheus",
        {200: Answer("Prometheus's text format", media={"text/plain": {"type": "string"}})},
        (400,),
    ),
    Operation(
        "GET",
        "/openapi.json",
        "getDescription",
        "system",
        "This description",
        {200: Answer("OpenAPI 3.1", media={"application/json": {"type": "object"}})},
        (400,),
    ),
    Operation(
        "GET",
        "/docs",
        "getDocs",
        "system",
        "This description as a page",
        {200: Answer("A web page", media={"text/html": {"type": "string"}})},
        (400,),
    ),
)
"""State, health, metrics, and the description itself."""
