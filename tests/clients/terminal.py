"""The command as a process: with pipes, or at a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.running_system import BIN

COMMAND = str(BIN / "digitscribe")
TIMEOUT_S = 90
CTRL_C = b"\x03"


def run(url: str, *words: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `digitscribe WORDS` to its end, with pipes."""
    env = {**os.environ, "DIGITSCRIBE_URL": url}
    done = subprocess.run([COMMAND, *words], input=stdin, capture_output=True, env=env, cwd=cwd, timeout=TIMEOUT_S)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    """A terminal with a command in it."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process, self._screen, self.shown = process, screen, ""

    def wait_for(self, pattern: str) -> str:
        """Return what is shown when it has `pattern`."""
        deadline = time.monotonic() + TIMEOUT_S
        while not re.search(pattern, self.text):
            assert self._read(deadline), f"{pattern!r} is not shown: {self.text!r}"
        return self.text

    @property
    def text(self) -> str:
        """What is shown, without colours and movements of the cursor."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.shown)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._screen, keys)

    def end(self) -> int:
        """Wait for the command; returns its exit status."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._read(deadline):
            continue
        return self.process.wait(timeout=TIMEOUT_S)

    def _read(self, deadline: float) -> bool:
        if not select.select([self._screen], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            piece = os.read(self._screen, 65536)
        except OSError:  # the command has closed its side
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)


def terminal(url: str, *words: str, **env: str) -> AbstractContextManager[Terminal]:
    """`digitscribe WORDS` at a terminal of its own."""
    return program(url, COMMAND, *words, **env)


@contextmanager
def program(url: str, *words: str, **env: str) -> Iterator[Terminal]:
    """A program at a terminal of its own, the command on its PATH."""
    screen, side = pty.openpty()
    path = f"{BIN}:{os.environ['PATH']}"
    own = {"DIGITSCRIBE_URL": url, "TERM": "xterm-256color", "COLUMNS": "240", "PATH": path}
    environment = {**os.environ, **own, **env}
    process = subprocess.Popen(
        [*words],
        stdin=side,
        stdout=side,
        stderr=side,
        env=environment,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(side)
    try:
        yield Terminal(process, screen)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(screen)


def _take_terminal() -> None:
    """Make the terminal the session's own, so that Ctrl-C reaches the command."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # whoever runs the tests in the background of a shell ignores Ctrl-C, and the command would inherit that
    signal.signal(signal.SIGINT, signal.SIG_DFL)
