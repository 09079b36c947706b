"""The command `digitscribe` with all that is below it."""

from __future__ import annotations

import click

from . import exits, listing
from .completion import completion
from .recognizing import recognize
from .session import common
from .styled import Group
from .training import train, trainings
from .watching import watch

SECTIONS = {
    "Read": ("recognize", "history", "correct"),
    "Look": ("status", "watch", "cameras"),
    "Model": ("models", "activate", "train", "trainings"),
    "Shell": ("completion",),
}


def _version() -> str:
    from .. import __version__

    return __version__


@click.group(
    "digitscribe",
    cls=Group,
    sections=SECTIONS,
    blocks={"Exit status": exits.TEXT},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), "--version", prog_name="digitscribe")
@common
def app() -> None:
    """Digitscribe reads handwritten digits. This command has a running gateway read them.

    `digitscribe COMMAND --help` says more about each.
    """


for _command in (
    recognize,
    listing.history,
    listing.correct,
    listing.status,
    watch,
    listing.cameras,
    listing.models,
    listing.activate,
    train,
    trainings,
    completion,
):
    app.add_command(_command)
