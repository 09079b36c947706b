"""Options that every command has, and the gateway that they name."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from rich.logging import RichHandler
from rich.text import Text

from ..client import Digitscribe
from ..transport import DEFAULT_URL, URL_VARIABLE, gateway_url
from . import console

F = TypeVar("F", bound=Any)

PATIENCE_S = 30.0


def seconds(text: str) -> float:
    """A number of seconds, 0 or more; anything else is a wrong command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise click.BadParameter(f"{text!r} is no number of seconds")
    return value


def common(command: F) -> F:
    """Add the options that every command has; they may stand before and behind the command's name."""
    options = (
        click.option(
            "--url",
            metavar="URL",
            help=f"The gateway's address, or {URL_VARIABLE}; else {DEFAULT_URL}.",
            **_kept("url"),
        ),
        click.option(
            "--patience",
            metavar="SECONDS",
            type=seconds,
            help=f"How long a gateway that goes away or is busy is asked again; {PATIENCE_S:g} unless told.",
            **_kept("patience"),
        ),
        click.option("-q", "--quiet", is_flag=True, help="Nothing but answers and errors.", **_kept("quiet")),
        click.option("-v", "--verbose", is_flag=True, help="Say what is tried again, and why.", **_kept("verbose")),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _kept(name: str) -> dict[str, Any]:
    """Keep an option's value in the root context; the one behind the command's name wins."""

    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            ctx.find_root().meta[name] = value

    return {"callback": keep, "expose_value": False}


@contextmanager
def gateway(once: bool = False) -> Iterator[Digitscribe]:
    """The gateway that the options name; whether anything answers there is found out at once.

    Args:
        once: Have no patience with it afterwards either.

    Raises:
        NoConnection: nothing does.
    """
    meta = click.get_current_context().find_root().meta
    url = _url(meta.get("url"))
    if meta.get("verbose"):
        _log_everything()
    with Digitscribe(url, patience_s=0) as impatient:
        # patience is for what worked before: nobody waits for an address with a typing error in it
        missing = impatient.missing()
        if once:
            yield impatient
            return
    if missing:
        console.say(Text(f"! {missing}", style="yellow"))
    with Digitscribe(url, patience_s=meta.get("patience", PATIENCE_S)) as client:
        yield client


def _url(given: str | None) -> str:
    try:
        return gateway_url(given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _log_everything() -> None:
    handler = RichHandler(console=console.err, show_path=False, show_time=False, show_level=False)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(message)s")
    logging.getLogger("digitscribe_client").setLevel(logging.INFO)
