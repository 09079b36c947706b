"""`make up`: start everything, say when the page answers, and stop everything on Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from digitscribe.errors import SettingsError
from digitscribe.settings import load
from rich.console import Console

from deploy.local import processes
from deploy.local.display import StartDisplay, show_address, show_event
from deploy.local.ports import complaints, wishes
from deploy.local.programs import RedisMissing, pidfile
from deploy.local.settings import LocalSettings
from deploy.local.system import StartFailed, System
from deploy.local.watch import Watch

_WATCH_S = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

console = Console(highlight=False)


class _Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, a closed terminal, `make down`."""


def main() -> int:
    """Run the system until told to stop; returns the exit status."""
    detached = "--detach" in sys.argv[1:]
    try:
        settings = load(LocalSettings)
        system = System(settings)
    except (SettingsError, RedisMissing) as error:
        return _complain(str(error))
    if _is_up(settings):
        return _complain(f"Digitscribe is running already: {settings.page_url} (`make down` stops it).")
    if system.sweep():
        show_event(console, "ended what an earlier start had left behind")
    if taken := complaints(wishes(settings)):
        return _complain("\n  ".join(taken))
    return _run(system, detached)


def up_pidfile(settings: LocalSettings) -> Path:
    """The file that holds the process id of a `make up` that watches its services."""
    return settings.state / "run" / "up.pid"


def _run(system: System, detached: bool) -> int:
    for number in _SIGNALS:
        signal.signal(number, _raise_stopped)
    own_pid = up_pidfile(system.settings)
    own_pid.parent.mkdir(parents=True, exist_ok=True)
    own_pid.write_text(str(os.getpid()))
    try:
        _start(system)
        if detached:
            return 0
        status = _watch(system)
    except StartFailed as failure:
        _stop(system)
        return _complain(str(failure))
    except _Stopped:
        status = 0
    finally:
        own_pid.unlink(missing_ok=True)
    _stop(system)
    return status


def _start(system: System) -> None:
    with StartDisplay(console, [program.name for program in system.programs]) as display:
        system.prepare()
        system.launch()
        system.wait_until_ready(display.ready, display.note)
    show_address(console, system.settings.page_url, system.settings.api_url)


def _watch(system: System) -> int:
    """Tell of services that were restarted, until the process manager ends; returns the exit status."""
    watch = Watch()
    while system.is_running():
        now = system.supervisor.services()
        for words in watch.news(now):
            show_event(console, words)
        for name in watch.due_a_second_chance(now, time.monotonic()):
            system.supervisor.start(name)
        time.sleep(_WATCH_S)
    show_event(console, "the process manager has ended")
    return 0 if not processes.belonging_to(system.settings.state) else 1


def _stop(system: System) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    show_event(console, "stopping")
    system.stop()
    show_event(console, "stopped")


def _is_up(settings: LocalSettings) -> bool:
    return bool(processes.named(up_pidfile(settings), "deploy.local.up")) or bool(
        processes.named(pidfile(settings), "supervisord")
    )


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise _Stopped


def _complain(words: str) -> int:
    print(f"\n  {words}\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
