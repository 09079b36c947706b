"""supervisord, the process manager that keeps the services running: started, asked and stopped."""

from __future__ import annotations

import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

RUNNING = "RUNNING"
GIVEN_UP = ("FATAL", "EXITED")

_TROUBLE = (OSError, HTTPException, xmlrpc.client.Error)


@dataclass(frozen=True)
class ServiceState:
    """What supervisord knows of a service: its state in supervisord's words, process id (0: none), and last words."""

    name: str
    state: str
    pid: int
    description: str


class Supervisor:
    """A running supervisord, reached through its socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def _call(self, name: str, *arguments: object) -> Any:
        # a new one each time: supervisor's transport never recovers from a call that failed
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://supervisor", transport=transport) as server:
            return getattr(server.supervisor, name)(*arguments)

    def services(self) -> dict[str, ServiceState]:
        """All services by name; empty while supervisord does not answer."""
        try:
            told = self._call("getAllProcessInfo")
        except _TROUBLE:
            return {}
        return {
            each["name"]: ServiceState(each["name"], each["statename"], each["pid"], each["description"])
            for each in told
        }

    def start(self, name: str) -> None:
        """Start a service that was given up; does nothing if it cannot be."""
        try:
            self._call("startProcess", name, False)
        except _TROUBLE:
            return

    def stop(self, names: Iterable[str]) -> None:
        """Tell services to stop, all at the same time; does not wait for their end."""
        for name in names:
            try:
                self._call("stopProcess", name, False)
            except _TROUBLE:
                continue  # it was not running

    def wait_until_ended(self, names: Collection[str], patience_s: float) -> None:
        """Return when the services `names` have ended, or after `patience_s`."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(each.pid for each in self.services().values() if each.name in names):
            time.sleep(0.1)

    def shut_down(self) -> None:
        """End supervisord, and with it what still runs; does nothing if it is gone."""
        try:
            self._call("shutdown")
        except _TROUBLE:
            return


def launch(configuration: Path, environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own: a Ctrl-C in the terminal is ours to handle, not its."""
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)]
    with output.open("ab") as log:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
