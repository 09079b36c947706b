"""The processes that look through a source once, before a camera is saved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Final

import httpx
from digitscribe.contracts import AskedTrial, CameraTrial
from digitscribe.errors import SettingsError
from digitscribe.settings import CameraSettings

from camera_worker.plan import trial_environment
from camera_worker.reports import tell_trial

AT_ONCE: Final = 4
REMEMBERED: Final = 64
"""Trials that are known to be begun; the gateway tells of each until it has its result."""


class Trials:
    """Begins each trial once, and buries what has ended."""

    def __init__(self, settings: CameraSettings, client: httpx.Client) -> None:
        self._settings, self._client = settings, client
        self._begun: list[str] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def begin(self, trials: Iterable[AskedTrial]) -> None:
        """Look through the sources that are new among `trials`, as many as may be at once."""
        for trial in trials:
            if trial.id not in self._begun and len(self._processes) < AT_ONCE:
                self._begun = [*self._begun[-REMEMBERED:], trial.id]
                self._start(trial)

    def tend(self) -> None:
        """Take note of what has ended."""
        self._processes = [process for process in self._processes if process.poll() is None]

    def end(self) -> None:
        """End what still looks."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []

    def _start(self, trial: AskedTrial) -> None:
        try:
            environment = {**os.environ, **trial_environment(trial, self._settings)}
        except SettingsError as error:
            tell_trial(self._client, trial.id, CameraTrial(problem=str(error)[:500]))
            return
        self._processes.append(subprocess.Popen([sys.executable, "-m", "camera_worker.trial"], env=environment))
