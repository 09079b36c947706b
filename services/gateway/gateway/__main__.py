"""`python -m gateway`: answer requests until SIGTERM."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported: its threads' buffers cost memory

from digitscribe.errors import SettingsError
from digitscribe.logs import configure_logging
from digitscribe.settings import GatewaySettings, load

from gateway.server import serve


def main() -> None:
    """Read the settings and serve; wrong settings end in a sentence, not in a traceback."""
    try:
        settings = load(GatewaySettings)
    except SettingsError as error:
        sys.exit(f"gateway: wrong settings\n{error}")
    configure_logging("gateway", settings.log_level, settings.log_format)
    serve(settings)


if __name__ == "__main__":
    main()
