"""A recognizer whose vision kills the whole process when it meets POISON, and hangs on HANG."""

from __future__ import annotations

import os
import signal
import sys
import time

from digitscribe.contracts import Recognition
from digitscribe.settings import ImageSettings
from recognizer import __main__ as service
from recognizer import sources

kind_prepare = sources.prepare


def unkind_prepare(recognition: Recognition, data: bytes, limits: ImageSettings) -> sources.Prepared:
    if data == b"POISON":
        os.kill(os.getpid(), signal.SIGKILL)
    while data == b"HANG":
        time.sleep(1)
    return kind_prepare(recognition, data, limits)


if __name__ == "__main__":
    sources.prepare = unkind_prepare
    sys.exit(service.main())
