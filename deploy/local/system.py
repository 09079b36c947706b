"""One start of the system: prepared, launched, watched until it is ready, and stopped without a trace."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local import processes, supervisor
from deploy.local.probes import probes, readiness
from deploy.local.programs import Program, pidfile, programs, render, socket_path
from deploy.local.settings import ROOT, LocalSettings, environment

_POLL_S = 0.1
_FAILURES_ALLOWED = 3
_LINES_OF_LOG = 15
_STOP_SLACK_S = 10.0
_NEEDED_BY_BATCHES = {"serving", "redis"}


class StartFailed(Exception):
    """The system did not come up; the message says which service failed, with the end of its log."""


class System:
    """The services of one state folder on this machine."""

    def __init__(self, settings: LocalSettings) -> None:
        self.settings = settings
        self.programs: list[Program] = programs(settings)
        self.supervisor = supervisor.Supervisor(socket_path(settings))
        self._environment = environment(settings)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the folders, and put the shipped model on the volume of models if there is none.

        Raises:
            StartFailed: the model could not be put there.
        """
        for name in ("run", "log", "redis", "models", "corrections", "media"):
            (self.settings.state / name).mkdir(parents=True, exist_ok=True)
        log = self.log("seed")
        with log.open("wb") as output:
            command = [sys.executable, "-m", "trainer", "seed"]
            status = subprocess.run(command, cwd=ROOT, env=self._environment, stdout=output, stderr=output).returncode
        if status != 0:
            raise StartFailed(f"`python -m trainer seed` failed.\n{tail(log)}")

    def launch(self) -> None:
        """Start supervisord, and with it everything."""
        configuration = self.settings.state / "run" / "supervisord.conf"
        configuration.write_text(render(self.settings, self.programs))
        self._process = supervisor.launch(configuration, self._environment, self.log("supervisord"))

    def wait_until_ready(self, ready: Callable[[str], None], note: Callable[[str, str], None]) -> None:
        """Return when the page and the gateway's /readyz answer; tell `ready` and `note` of each service's way.

        Raises:
            StartFailed: a service keeps failing, or it takes longer than the settings allow.
        """
        questions = probes(self.settings)
        waiting = [program.name for program in self.programs]
        failures = dict.fromkeys(waiting, 0)
        seen: dict[str, str] = {}
        deadline = time.monotonic() + self.settings.start_timeout_s
        missing = "the services have not started"
        while waiting or (missing := readiness(self.settings)):
            if time.monotonic() > deadline:
                raise StartFailed(self._why_late(waiting, missing))
            states = self._states()
            for name in list(waiting):
                state = states[name].state if name in states else ""
                failures[name] += state == "BACKOFF" and seen.get(name) != "BACKOFF"
                seen[name] = state
                if failures[name] > _FAILURES_ALLOWED:
                    raise StartFailed(f"{name} does not stay up.\n{tail(self.log(name))}")
                note(name, state.lower())
                if state == supervisor.RUNNING and questions.get(name, lambda: True)():
                    waiting.remove(name)
                    ready(name)
            time.sleep(_POLL_S)

    def is_running(self) -> bool:
        """Whether supervisord lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def stop_patience_s(self) -> float:
        """Longest time that all of it may take to stop: the slowest, and behind it what a batch in hand needs."""
        slowest = max(each.stop_s for each in self.programs if each.name not in _NEEDED_BY_BATCHES)
        behind = sum(each.stop_s for each in self.programs if each.name in _NEEDED_BY_BATCHES)
        return slowest + behind + _STOP_SLACK_S

    def stop(self) -> None:
        """Stop everything that belongs to the state folder, behind batches in hand; leaves no process."""
        names = set(self.supervisor.services())  # not those of this environment, which may ask for fewer recognizers
        self.supervisor.stop(names - _NEEDED_BY_BATCHES)
        recognizers = {name for name in names if name.startswith("recognizer")}
        self.supervisor.wait_until_ended(recognizers, self.stop_patience_s)
        self.supervisor.stop({"serving"})
        self.supervisor.wait_until_ended(names - {"redis"}, self.stop_patience_s)
        self.supervisor.shut_down()
        manager = processes.named(pidfile(self.settings), "supervisord")
        if manager and processes.belongs(manager, self.settings.state):
            processes.end([manager], self.stop_patience_s)
        self.sweep()

    def sweep(self) -> list[psutil.Process]:
        """End what an earlier start left behind; returns what there was."""
        left = processes.belonging_to(self.settings.state)
        processes.end([each for each in left if processes.runs(each, "recognizer")], self.stop_patience_s)
        processes.end(left, patience_s=5)
        socket_path(self.settings).unlink(missing_ok=True)
        return left

    def log(self, name: str) -> Path:
        """The file that the service `name` writes to."""
        return self.settings.state / "log" / f"{name}.log"

    def _states(self) -> dict[str, supervisor.ServiceState]:
        if not self.is_running():
            raise StartFailed(f"supervisord ended.\n{tail(self.log('supervisord'))}")
        return self.supervisor.services()

    def _why_late(self, waiting: list[str], missing: str) -> str:
        head = f"Not ready after {self.settings.start_timeout_s} s (DIGITSCRIBE_START_TIMEOUT_S)."
        if not waiting:
            return f"{head}\nThe gateway says: {missing}"
        return f"{head} Not up: {', '.join(waiting)}.\n{tail(self.log(waiting[0]))}"


def tail(log: Path) -> str:
    """The end of `log`, under its name."""
    lines = log.read_text(errors="replace").splitlines()[-_LINES_OF_LOG:] if log.exists() else []
    return "\n".join([f"{log}:", *(f"    {line}" for line in lines)])
