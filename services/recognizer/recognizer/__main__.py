"""`python -m recognizer`: read batches until SIGTERM."""

from __future__ import annotations

import logging
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported: its threads' buffers cost memory

import cv2
from digitscribe.errors import SettingsError
from digitscribe.logs import configure_logging
from digitscribe.settings import RecognizerSettings
from redis.exceptions import RedisError

from recognizer import jobs
from recognizer.worker import BatchWorker, new_name

_WRONG_SETTINGS = 2
_WORN_OUT = 75
_PAUSE_S = 1.0

log = logging.getLogger("recognizer")


def main() -> int:
    """Run a recognizer; returns the process's exit code."""
    try:
        settings = jobs.settings()
    except SettingsError as error:
        print(f"recognizer: wrong settings\n{error}", file=sys.stderr)
        return _WRONG_SETTINGS
    configure_logging("recognizer", settings.log_level, settings.log_format)
    cv2.setNumThreads(1)  # images are read side by side, each by one thread
    return serve(settings)


def serve(settings: RecognizerSettings) -> int:
    """Work until told to stop, with a new worker whenever one ended because Redis was away for long."""
    while True:
        worker = _work(new_name(settings.recognizer_name))
        if worker and worker.worn_out:
            logging.shutdown()
            os._exit(_WORN_OUT)  # a thread that hangs would keep a normal exit waiting for ever
        if worker and worker.stop_requested:
            log.info("stopped")
            return 0
        time.sleep(_PAUSE_S)


def _work(name: str) -> BatchWorker | None:
    worker = None
    try:
        worker = BatchWorker(jobs.store(), name)
        log.info("recognizer %s waits for work", name)
        worker.work(logging_level=None)
    except RedisError as error:
        log.error("Redis is away: %s", error)
    return worker


if __name__ == "__main__":
    sys.exit(main())
