"""The machine that a figure was measured on."""

from __future__ import annotations

import os
import platform


def machine() -> str:
    """The size of this machine, in words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
