"""`python deploy/install.py local|all`: the virtual environment, as the lock file says. Needs nothing but Python.

`local` is what runs the system, `all` also what tests it. What is there already, unchanged, is left alone, so that
every `make` target can begin with this.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "shared",
    *(f"services/{name}" for name in ("gateway", "recognizer", "trainer", "serving", "camera-worker", "ui")),
    "clients/python",
)
SETS = {"local": ("local", "all"), "all": ("all",)}
"""What is asked for → the sets of libraries that satisfy it."""

_LINES_SHOWN_ON_FAILURE = 20
_PIP_STEP = re.compile(r"^(?:Collecting|Installing collected packages|Building wheel)\b[\s:]*([\w.-]*)")
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps")


def main() -> int:
    """Bring the virtual environment to what the lock file says; returns the exit status."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "local"
    if wanted not in SETS:
        print(f"usage: {sys.argv[0]} {'|'.join(SETS)}", file=sys.stderr)
        return 2
    venv = ROOT / os.environ.get("VENV", ".venv")
    if any(
        _stamp(venv, name).exists() and _stamp(venv, name).read_text() == fingerprint(name) for name in SETS[wanted]
    ):
        return 0
    print(f"\n  Digitscribe · setting up {venv.name}, once (Python {sys.version.split()[0]})\n")
    return 0 if _set_up(venv, wanted) else 1


def fingerprint(name: str) -> str:
    """What an installation of the set `name` depends on, as a hash."""
    digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for file in (ROOT / "requirements" / f"{name}.txt", *(ROOT / package / "pyproject.toml" for package in PACKAGES)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _set_up(venv: Path, wanted: str) -> bool:
    python = str(venv / "bin" / "python")
    lock = ROOT / "requirements" / f"{wanted}.txt"
    editable = [word for package in PACKAGES for word in ("--editable", str(ROOT / package))]
    steps = (
        ("virtual environment", [sys.executable, "-m", "venv", *_clear_if_unusable(venv), str(venv)]),
        ("libraries", [python, *_PIP, "--require-hashes", "--requirement", str(lock)]),
        ("Digitscribe's packages", [python, *_PIP, "--no-build-isolation", *editable]),
    )
    if not all(_step(title, command) for title, command in steps):
        return False
    _stamp(venv, wanted).write_text(fingerprint(wanted))
    print()
    return True


def _stamp(venv: Path, name: str) -> Path:
    return venv / f".installed-{name}"


def _clear_if_unusable(venv: Path) -> list[str]:
    # made by another Python, or before the repository was moved
    python = venv / "bin" / "python"
    code = "import sys; print(*sys.version_info[:2], sys.prefix)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True) if python.exists() else None
    expected = f"{sys.version_info[0]} {sys.version_info[1]} {venv}"
    return [] if found and found.stdout.strip() == expected else ["--clear"]


def _step(title: str, command: list[str]) -> bool:
    started = time.monotonic()
    show = _live_line(title)
    show("")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert process.stdout is not None
    tail = _follow(process.stdout, show)
    succeeded = process.wait() == 0
    _end_line(title, succeeded, time.monotonic() - started)
    if not succeeded:
        print("\n" + "".join(f"    {line}" for line in tail) + "\n  What pip and venv said is above.", file=sys.stderr)
    return succeeded


def _follow(lines: Iterable[str], show: Callable[[str], None]) -> deque[str]:
    tail: deque[str] = deque(maxlen=_LINES_SHOWN_ON_FAILURE)
    count = 0
    for line in lines:
        tail.append(line)
        if step := _PIP_STEP.match(line):
            count += line.startswith("Collecting")
            show(f"{count} · {step[1]}" if line.startswith("Collecting") else "unpacking")
    return tail


def _live_line(title: str) -> Callable[[str], None]:
    def show(detail: str) -> None:
        if sys.stdout.isatty():
            print(f"\r\033[K  … {title:<24} {detail[:44]}", end="", flush=True)

    return show


def _end_line(title: str, succeeded: bool, seconds: float) -> None:
    clear = "\r\033[K" if sys.stdout.isatty() else ""
    print(f"{clear}  {'✓' if succeeded else '✗'} {title:<24} {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
