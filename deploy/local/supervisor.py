"""supervisord, the process manager that keeps the services running: started, asked and stopped."""

from __future__ import annotations

import subprocess
import sys
import time
import xmlrpc.client
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

    @property
    def _calls(self) -> Any:
        # a new one each time: supervisor's transport never recovers from a call that failed
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://supervisor", transport=transport).supervisor

    def services(self) -> dict[str, ServiceState]:
        """All services by name; empty while supervisord does not answer."""
        try:
            told = self._calls.getAllProcessInfo()
        except _TROUBLE:
            return {}
        return {
            each["name"]: ServiceState(each["name"], each["statename"], each["pid"], each["description"])
            for each in told
        }

    def start(self, name: str) -> None:
        """Start a service that was given up; does nothing if it cannot be."""
        try:
            self._calls.startProcess(name, False)
        except _TROUBLE:
            return

    def stop_all_but(self, last: str, patience_s: float) -> None:
        """Stop all services at the same time, except `last`; returns when they have, or after `patience_s`."""
        names = [name for name in self.services() if name != last]
        for name in names:
            try:
                self._calls.stopProcess(name, False)
            except _TROUBLE:
                continue  # it was not running
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(each.pid for each in self.services().values() if each.name != last):
            time.sleep(0.1)

    def shut_down(self) -> None:
        """End supervisord, and with it what still runs; does nothing if it is gone."""
        try:
            self._calls.shutdown()
        except _TROUBLE:
            return


def launch(configuration: Path, environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own: a Ctrl-C in the terminal is ours to handle, not its."""
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)]
    with output.open("ab") as log:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
