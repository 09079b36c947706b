"""Keeps the credentials of camera URLs out of this process's logs."""

from __future__ import annotations

import logging

from digitscribe.logs import configure_logging
from digitscribe.redaction import HIDDEN, redact
from digitscribe.settings import Settings

__all__ = ["HIDDEN", "RedactingFilter", "configure_redacted_logging", "redact"]


class RedactingFilter(logging.Filter):
    """Redacts every line, whoever logs it, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always lets it through."""
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{logging.Formatter().formatException(record.exc_info)}"
            record.exc_info = record.exc_text = None
        record.msg, record.args = redact(message), None
        return True


def configure_redacted_logging(settings: Settings) -> None:
    """Send this process's logs to stderr as `settings` say, without credentials."""
    configure_logging("camera-worker", settings.log_level, settings.log_format)
    for handler in logging.getLogger().handlers:
        handler.addFilter(RedactingFilter())
