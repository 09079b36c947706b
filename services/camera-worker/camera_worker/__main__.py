"""`python -m camera_worker`: reads one camera until it is told to stop."""

from __future__ import annotations

import logging
import os
import sys
from threading import Event, Thread

from digitscribe.contracts import CameraReport
from digitscribe.errors import CameraUnavailable, SettingsError
from digitscribe.settings import CameraSettings, load
from digitscribe.stopping import on_stop

from camera_worker.lifeline import hold
from camera_worker.push import Gateway
from camera_worker.redact import configure_redacted_logging, redact
from camera_worker.reports import Reporter, client_of
from camera_worker.sources import open_source
from camera_worker.worker import CameraWorker

END_S = 2.0
"""How long the threads have to end. One that waits in a driver or for the network is left behind."""

_log = logging.getLogger("camera_worker")


def main() -> int:
    """Read the settings and work; returns the exit status."""
    try:
        settings = load(CameraSettings)
    except SettingsError as error:
        print(redact(str(error)), file=sys.stderr)
        return 2
    try:
        source = open_source(settings)
    except SettingsError as error:
        print(redact(str(error)), file=sys.stderr)
        _tell(settings, redact(str(error)))
        return 2
    configure_redacted_logging(settings)
    _log.info("camera %s reads %s for %s", settings.camera_name, source.name, settings.gateway_url)
    gateway = Gateway(settings.gateway_url, settings.camera_name, settings.camera_wait_s)
    return run(CameraWorker(settings, source, gateway))


def _tell(settings: CameraSettings, problem: str) -> None:
    with client_of(settings) as client:
        Reporter(client, settings.camera_name).tell(CameraReport(problem=problem[:500]))


def run(worker: CameraWorker) -> int:
    """Run `worker` in a thread of its own, so that a signal is heard while it waits; returns the exit status."""
    over = Event()
    failed: list[BaseException] = []
    thread = Thread(target=_work, args=(worker, over, failed), name="worker", daemon=True)
    on_stop(lambda: _end(worker, over))
    thread.start()
    hold(lambda: _end(worker, over))
    over.wait()
    thread.join(END_S)
    return 1 if failed else 0


def _work(worker: CameraWorker, over: Event, failed: list[BaseException]) -> None:
    try:
        worker.run()
    except CameraUnavailable as error:
        failed.append(error)
        _log.critical("%s", error)
    except Exception as error:
        failed.append(error)
        _log.critical("the worker has failed", exc_info=True)
    finally:
        over.set()


def _end(worker: CameraWorker, over: Event) -> None:
    worker.stop.set()
    over.set()


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread that hangs in a camera's driver would keep the interpreter from ending.
    os._exit(status)
