"""The processes of a start, found and ended wherever they have got to."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local.settings import MARKER

_CLOCK_SLACK_S = 2
_POLL_S = 0.1


def belonging_to(state: Path) -> list[psutil.Process]:
    """All processes that were started, directly or not, with the state folder `state`; without this one."""
    return [each for each in psutil.process_iter() if each.pid != psutil.Process().pid and belongs(each, state)]


def end(processes: list[psutil.Process], patience_s: float) -> None:
    """End `processes`: politely, and after `patience_s` seconds at once."""
    for process in processes:
        _signal(process, "terminate")
    stubborn = still_running(processes, patience_s)
    for process in stubborn:
        _signal(process, "kill")
    still_running(stubborn, patience_s=5)


def still_running(processes: list[psutil.Process], patience_s: float) -> list[psutil.Process]:
    """Wait until `processes` have ended, for `patience_s` seconds at most; returns those that have not.

    A process that only waits for its parent to take note of its end (a zombie) has ended.
    """
    deadline = time.monotonic() + patience_s
    left = [process for process in processes if _runs(process)]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        left = [process for process in left if _runs(process)]
    return left


def named(pidfile: Path, word: str) -> psutil.Process | None:
    """The process whose id is in `pidfile`, if it lives and `word` is in its command line."""
    try:
        process = psutil.Process(int(pidfile.read_text()))
        # a process that began after its file was written has only taken over a dead one's id
        is_it = process.create_time() <= pidfile.stat().st_mtime + _CLOCK_SLACK_S
        return process if is_it and any(word in part for part in process.cmdline()) else None
    except (OSError, ValueError, psutil.Error):
        return None


def runs(process: psutil.Process, module: str) -> bool:
    """Whether `process` is a Python that runs `module`."""
    with suppress(psutil.Error):
        return ["-m", module] == process.cmdline()[1:3]
    return False


def belongs(process: psutil.Process, state: Path) -> bool:
    """Whether `process` was started, directly or not, with the state folder `state`."""
    try:
        return process.environ().get(MARKER) == str(state) or _is_its_redis(process, state)
    except (psutil.Error, OSError):
        return False


def _is_its_redis(process: psutil.Process, state: Path) -> bool:
    # Redis writes its title over its environment, but stays in its folder
    return process.name().startswith("redis-server") and Path(process.cwd()) == state / "redis"


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _signal(process: psutil.Process, method: str) -> None:
    with suppress(psutil.Error):
        getattr(process, method)()
