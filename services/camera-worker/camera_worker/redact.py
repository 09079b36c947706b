"""Keeps the credentials of camera URLs out of this process's logs."""

from __future__ import annotations

import logging

from digitscribe.redaction import HIDDEN, redact

__all__ = ["HIDDEN", "RedactingFilter", "redact", "redact_all_logs"]


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


def redact_all_logs() -> None:
    """Have all handlers of the root logger redact what they write."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(RedactingFilter())
