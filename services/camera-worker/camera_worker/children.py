"""The processes of cameras: started, restarted at a pace when they die, and ended."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from digitscribe.backoff import Backoff

from camera_worker.plan import Camera

SETTLED_S: Final = 30.0
"""A process that lives for so long is well: its next death is the first of a new row."""

END_S: Final = 3.0
"""How long a process has to end before it is killed."""

FINISHED: Final = 0
"""A process that ends with this has read its file to the end, and is not started again."""

_log = logging.getLogger(__name__)


Process = subprocess.Popen[bytes]

Spawn = Callable[[Camera], Process]


@dataclass
class _Child:
    camera: Camera
    process: Process | None = None
    started_s: float = 0.0
    due_s: float = 0.0
    finished: bool = False
    backoff: Backoff = field(default_factory=Backoff)


class Children:
    """One process for each camera that is wanted. It has no clock of its own.

    Args:
        spawn: Starts a camera's process.
    """

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._children: dict[str, _Child] = {}

    @property
    def running(self) -> list[str]:
        """The names of the cameras whose process runs."""
        return sorted(name for name, child in self._children.items() if child.process)

    def want(self, cameras: Mapping[str, Camera]) -> None:
        """Let `cameras` run, by name, and no others: what has changed is ended, and started by the next `tend`."""
        gone = [name for name, child in self._children.items() if cameras.get(name) != child.camera]
        self._end([self._children.pop(name) for name in gone])
        for name, camera in cameras.items():
            if camera.problem is None and name not in self._children:
                self._children[name] = _Child(camera)

    def tend(self, now_s: float) -> None:
        """Take note of deaths, and start what is due; `now_s` is any steady clock."""
        for child in self._children.values():
            if child.process is not None:
                self._note_death(child, now_s)
            if child.process is None and not child.finished and now_s >= child.due_s:
                child.process, child.started_s = self._spawn(child.camera), now_s
                _log.info("camera %s is started", child.camera.name)

    def end(self) -> None:
        """End all processes."""
        self._end(list(self._children.values()))
        self._children.clear()

    def _note_death(self, child: _Child, now_s: float) -> None:
        status = child.process.poll() if child.process else None
        if status is None:
            return
        child.process = None
        if status == FINISHED:
            child.finished = True
            _log.info("camera %s has read all of its source", child.camera.name)
            return
        if now_s - child.started_s >= SETTLED_S:
            child.backoff.succeed()
        wait_s = child.backoff.fail()
        child.due_s = now_s + wait_s
        _log.warning("camera %s has ended with status %d; next try in %.1f s", child.camera.name, status, wait_s)

    def _end(self, children: list[_Child]) -> None:
        processes = [child.process for child in children if child.process]
        for process in processes:
            process.terminate()
        for process in processes:
            _bury(process)


def _bury(process: Process) -> None:
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
