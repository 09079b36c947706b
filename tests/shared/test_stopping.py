"""A stop signal is heard whichever thread the kernel hands it to, and whatever the main thread is doing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

TO_ANOTHER_THREAD = """
import signal, sys, threading, time
from digitscribe.stopping import on_stop

def deliver():
    time.sleep(0.3)  # the main thread waits by then
    signal.pthread_kill(threading.get_ident(), int(sys.argv[1]))
    time.sleep(60)

over = threading.Event()
on_stop(over.set)
threading.Thread(target=deliver, daemon=True).start()
over.wait()
"""

WHILE_LOCKED = """
import os, sys, threading
from digitscribe.stopping import on_stop

over = threading.Event()
on_stop(over.set)
with over._cond:
    os.kill(os.getpid(), int(sys.argv[1]))
    for _ in range(1000):
        pass  # a handler that set the Event would now wait for this lock, which its own thread holds
over.wait()
"""

UNTIL_THE_SECOND = """
import os, signal, sys, threading
from digitscribe.stopping import on_stop

heard = threading.Semaphore(0)
on_stop(heard.release)
for number in (int(sys.argv[1]), signal.SIGTERM):
    os.kill(os.getpid(), number)
    heard.acquire()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", [TO_ANOTHER_THREAD, WHILE_LOCKED, UNTIL_THE_SECOND])
def test_a_stop_signal_is_heard(program: str, number: signal.Signals) -> None:
    subprocess.run([sys.executable, "-c", program, str(int(number))], timeout=30, check=True)


def test_another_signal_stops_nothing() -> None:
    program = """
import os, signal, threading, time
from digitscribe.stopping import on_stop
signal.signal(signal.SIGUSR1, lambda *_: None)
over = threading.Event()
on_stop(over.set)
os.kill(os.getpid(), signal.SIGUSR1)
assert not over.wait(0.5)
"""
    subprocess.run([sys.executable, "-c", program], timeout=30, check=True)
