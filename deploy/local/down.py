"""`make down`: stop everything that runs here, however it was started or left behind."""

from __future__ import annotations

import sys

from digitscribe.errors import SettingsError
from digitscribe.settings import load

from deploy.local import processes
from deploy.local.programs import RedisMissing
from deploy.local.settings import LocalSettings
from deploy.local.system import System
from deploy.local.up import up_pidfile


def main() -> int:
    """Stop the system of this state folder; returns the exit status."""
    try:
        settings = load(LocalSettings)
        system = System(settings)
    except (SettingsError, RedisMissing) as error:
        print(f"\n  {error}\n", file=sys.stderr)
        return 1
    ran = _stop_up(system)
    ran = bool(processes.belonging_to(settings.state)) or ran
    system.stop()
    if left := processes.belonging_to(settings.state):
        print(f"\n  These processes cannot be ended: {', '.join(str(each.pid) for each in left)}\n", file=sys.stderr)
        return 1
    print("  Digitscribe has stopped." if ran else "  Digitscribe was not running.")
    return 0


def _stop_up(system: System) -> bool:
    watcher = processes.named(up_pidfile(system.settings), "deploy.local.up")
    if watcher is None:
        return False
    processes.end([watcher], system.stop_patience_s)
    return True


if __name__ == "__main__":
    sys.exit(main())
