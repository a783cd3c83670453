"""The command that prints a shell's completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM = "moderation"
VARIABLE = "_MODERATION_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands and options in your shell.

    \b
    Write it to:
    bash  /etc/bash_completion.d/moderation
    zsh   /usr/local/share/zsh/site-functions/_moderation
    fish  ~/.config/fish/completions/moderation.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all of `SHELLS`
    script = kind(context.find_root().command, {}, PROGRAM, VARIABLE)
    # Not `source()`, which starts a bash to learn its version.
    click.echo(script.source_template % script.source_vars())
