"""`python -m ui`: serve the page until SIGTERM."""

from __future__ import annotations

import sys

from digitscribe.errors import SettingsError
from digitscribe.logs import configure_logging
from digitscribe.settings import UiSettings, load

from ui.server import serve


def main() -> None:
    """Read the settings and serve; wrong settings end in a sentence, not in a traceback."""
    try:
        settings = load(UiSettings)
    except SettingsError as error:
        sys.exit(str(error))
    configure_logging("ui", settings.log_level, settings.log_format)
    serve(settings)


if __name__ == "__main__":
    main()
