"""`python peak.py FILE...`: decode the files side by side; print the process's peak in MB and what each raised."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digitscribe.errors import InvalidImage
from digitscribe.vision.decode import decode


def failure_of(path: str) -> str:
    try:
        decode(Path(path).read_bytes(), 20_000_000, 50_000_000)
    except InvalidImage as error:
        return type(error).__name__
    return "none"


def peak_mb() -> int:
    """Of this program alone; `ru_maxrss` would count the process that started it as well."""
    kilobytes = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert kilobytes
    return int(kilobytes[1]) // 1024


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as executor:
        failures = list(executor.map(failure_of, sys.argv[1:]))
    print(peak_mb(), *failures)
