"""`digitscribe completion`: what a shell needs to complete the command's words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from . import exits
from .styled import Command

EXAMPLES = """\
eval "$(digitscribe completion bash)"      # in ~/.bashrc
eval "$(digitscribe completion zsh)"       # in ~/.zshrc
digitscribe completion fish > ~/.config/fish/completions/digitscribe.fish"""


@click.command("completion", cls=Command, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the completion for a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = ctx.find_root()
    click.echo(kind(root.command, {}, "digitscribe", "_DIGITSCRIBE_COMPLETE").source())
    return exits.DONE
