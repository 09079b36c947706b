"""Logging: one line an event, for people or as JSON, always with the recognition's id where there is one.

The id travels with the work: `recognition_context` sets it, and every line logged inside carries it, in whichever
service. So `grep <id>` over all logs tells an image's whole story.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_recognition_id: ContextVar[str] = ContextVar("recognition_id", default="-")


@contextmanager
def recognition_context(recognition_id: str) -> Iterator[None]:
    """Within this context every logged line carries `recognition_id`."""
    token = _recognition_id.set(recognition_id)
    try:
        yield
    finally:
        _recognition_id.reset(token)


def configure_logging(service: str, level: str, log_format: str) -> None:
    """Send the root logger's lines to stderr, as `text` or `json`, each naming `service`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(service) if log_format == "json" else _TextFormatter(service))
    handler.addFilter(_add_recognition_id)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("rq", "rq.worker", "httpx", "httpcore", "PIL"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _add_recognition_id(record: logging.LogRecord) -> bool:
    record.recognition_id = _recognition_id.get()
    return True


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _TextFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_time_of(record)} {record.levelname:<7} {self._service} [{record.__dict__['recognition_id']}]"
        line = f"{head} {record.name}: {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time_of(record),
            "level": record.levelname,
            "service": self._service,
            "recognition_id": record.__dict__["recognition_id"],
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
