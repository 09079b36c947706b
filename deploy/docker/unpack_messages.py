"""`unpack_messages.py WHEELS SITE_PACKAGES`: TensorFlow's message files, and nothing else of it, out of its wheel.

Services that speak TensorFlow Serving's protocol need the `_pb2.py` files: 1 MB of TensorFlow's 1,100.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def unpack(wheels: Path, site_packages: Path) -> int:
    """Unpack the message files of the one wheel in `wheels`; returns how many there were."""
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if name.startswith("tensorflow/") and name.endswith("_pb2.py")]
        archive.extractall(site_packages, wanted)
    return len(wanted)


if __name__ == "__main__":
    count = unpack(Path(sys.argv[1]), Path(sys.argv[2]))
    print(f"{count} message files")
    sys.exit(0 if count else "the wheel holds no message files")
