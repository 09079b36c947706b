"""`python -m camera_worker.supervisor`: runs a process for each camera that is defined, and for the worker's own.

It follows the gateway's definitions. While the gateway is away, what runs goes on running.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from threading import Event
from typing import Final

import httpx
from digitscribe.backoff import Backoff
from digitscribe.contracts import CameraDefinitions, CameraReport, DefinedCamera
from digitscribe.errors import SettingsError
from digitscribe.redaction import redact
from digitscribe.settings import CameraSettings, load
from digitscribe.stopping import on_stop
from pydantic import ValidationError

from camera_worker.children import Children
from camera_worker.heartbeat import beat
from camera_worker.lifeline import LIFELINE
from camera_worker.plan import Camera, plan
from camera_worker.redact import configure_redacted_logging
from camera_worker.reports import Reporter, client_of
from camera_worker.trials import Trials

LOOK_S: Final = 0.5
"""How often the processes are looked after."""

ASK_S: Final = 2.0
"""How often the gateway is asked for the definitions."""

MMAP_BYTES: Final = 1 << 18
"""Arrays from this size on get memory of their own. glibc would raise the limit with each array that is freed, and keep
what frames left behind: about 15 MB more for each camera (mallopt(3), M_MMAP_THRESHOLD)."""

_log = logging.getLogger("camera_worker.supervisor")


class Supervisor:
    """Follows the gateway and tends the cameras' processes until it is told to stop."""

    def __init__(self, settings: CameraSettings, children: Children) -> None:
        self._settings, self._children = settings, children
        self._client = client_of(settings)
        self._trials = Trials(settings, self._client)
        self._backoff = Backoff(first_s=ASK_S)
        self._ask_at_s = float("-inf")
        self._told: dict[str, str] = {}
        self._defined: tuple[DefinedCamera, ...] = ()
        self.stop = Event()

    def run(self) -> None:
        """Work until `stop` is set."""
        try:
            while not self.stop.is_set():
                self.look(time.monotonic())
                beat()
                self.stop.wait(LOOK_S)
        finally:
            self._children.end()
            self._trials.end()
            self._client.close()

    def look(self, now_s: float) -> None:
        """Ask the gateway if that is due, and look after the processes."""
        if now_s >= self._ask_at_s:
            self._ask_at_s = now_s + self._ask()
        wanted = plan(self._settings, self._defined)
        self._tell_problems(wanted)
        self._children.want(wanted)
        self._children.tend(now_s)
        self._trials.tend()

    def _ask(self) -> float:
        """Take in the gateway's definitions; returns the seconds until it is asked again."""
        try:
            answer = self._client.get("/v1/camera-definitions").raise_for_status()
            told = CameraDefinitions.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            if not self._backoff.failures:
                _log.warning("the gateway tells no cameras (%s); what runs goes on", redact(str(error)))
            return self._backoff.fail()
        if self._backoff.failures:
            _log.info("the gateway tells cameras again")
        self._backoff.succeed()
        self._defined = told.cameras
        self._trials.begin(told.trials)
        return ASK_S

    def _tell_problems(self, wanted: dict[str, Camera]) -> None:
        problems = {name: camera.problem for name, camera in wanted.items() if camera.problem}
        for name, problem in problems.items():
            if self._told.get(name) != problem:
                _log.warning("camera %s cannot run: %s", name, problem)
                Reporter(self._client, name).tell(CameraReport(problem=problem))
        self._told = problems


def spawn(camera: Camera) -> subprocess.Popen[bytes]:
    """Start a camera's process. It ends when the pipe to it breaks, however this process came to its end."""
    memory = {"MALLOC_MMAP_THRESHOLD_": str(MMAP_BYTES)}
    environment = {**memory, **os.environ, **dict(camera.environment), LIFELINE: "1"}
    return subprocess.Popen([sys.executable, "-m", "camera_worker"], env=environment, stdin=subprocess.PIPE)


def main() -> int:
    """Read the settings and work; returns the exit status."""
    try:
        settings = load(CameraSettings)
    except SettingsError as error:
        print(redact(str(error)), file=sys.stderr)
        return 2
    configure_redacted_logging(settings)
    supervisor = Supervisor(settings, Children(spawn))
    on_stop(supervisor.stop.set)
    _log.info("camera %s, and those that %s defines", settings.camera_name, settings.gateway_url)
    supervisor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
