"""click's commands with a help that is pleasant to read: headings in colour, examples, commands in sections."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import click

_HEADING = {"fg": "blue", "bold": True}
_TERM = {"fg": "cyan"}


class Formatter(click.HelpFormatter):
    """Writes headings and terms in colour; where there is no terminal, click takes the colour out again."""

    def write_heading(self, heading: str) -> None:
        """A section's heading."""
        super().write_heading(click.style(heading, **_HEADING))  # type: ignore[arg-type]

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or click.style("Usage: ", **_HEADING))  # type: ignore[arg-type]

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of terms with their meanings."""
        super().write_dl([(click.style(term, **_TERM), meaning) for term, meaning in rows], col_max, col_spacing)  # type: ignore[arg-type]


class Context(click.Context):
    """A context whose help is written by `Formatter`."""

    formatter_class = Formatter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if os.environ.get("NO_COLOR"):
            self.color = False


class Command(click.Command):
    """A command with examples.

    Args:
        examples: Command lines, each with a comment behind it.
    """

    context_class = Context

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The examples, as they are."""
        write_block(formatter, "Examples", self._examples)


class Group(click.Group):
    """Commands in sections.

    Args:
        sections: Headings with the names of the commands below them.
        blocks: Headings with texts that end the help.
    """

    context_class = Context
    command_class = Command

    def __init__(
        self,
        *args: Any,
        sections: dict[str, tuple[str, ...]] | None = None,
        blocks: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sections, self._blocks = sections or {}, blocks or {}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, section by section."""
        widest = max(len(name) for names in self._sections.values() for name in names)
        for heading, names in self._sections.items():
            with formatter.section(heading):
                found = [(name, self.get_command(ctx, name)) for name in names]
                rows = [(name.ljust(widest), each.get_short_help_str(80)) for name, each in found if each]
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What is worth knowing besides."""
        for heading, text in self._blocks.items():
            write_block(formatter, heading, text)


def write_block(formatter: click.HelpFormatter, heading: str, text: str) -> None:
    """A section whose lines stay as they are."""
    if text:
        with formatter.section(heading):
            formatter.write("".join(f"  {line}\n" for line in text.splitlines()))
