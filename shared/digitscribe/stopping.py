"""Hearing that the process is to stop, whatever it is doing and whichever of its threads the signal reaches.

A handler of Python's runs in the main thread only, between two of its steps. One that sets an Event has two faults: a
main thread that waits for a lock is not woken by a signal that the kernel gave to another thread, and one that is just
then inside the Event's own lock waits for itself. Here the signal's number goes through a socket
(`signal.set_wakeup_fd`), and an ordinary thread takes it from there.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from threading import Thread
from typing import Final

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def on_stop(stop: Callable[[], None]) -> None:
    """From now on, call `stop` at each SIGTERM and SIGINT, in a thread of its own.

    To be called once, in the main thread.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    Thread(target=_listen, args=(heard, stop), name="stop signals", daemon=True).start()
    signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)
    for number in STOPPING:
        # without a handler of Python's nothing would be written to the socket
        signal.signal(number, lambda _number, _frame: None)


def _listen(heard: socket.socket, stop: Callable[[], None]) -> None:
    while number := heard.recv(1):
        if number[0] in STOPPING:
            stop()
