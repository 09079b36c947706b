"""`python -m digitscribe_client.cli`, and the command `digitscribe`."""

from __future__ import annotations

import sys

import click

from ..errors import DigitscribeError
from . import console, exits
from .app import app


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        status = app.main(prog_name="digitscribe", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return exits.INTERRUPTED
    except DigitscribeError as error:
        console.complain(f"✗ {error}")
        return exits.status_of(error)
    return status if isinstance(status, int) else exits.DONE


if __name__ == "__main__":
    sys.exit(main())
