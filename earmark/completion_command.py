"""The command `earmark completion`: the script that lets Tab complete what is typed."""

import click

from earmark.terminal import write_out

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\b
Examples:
  earmark completion bash
  earmark completion zsh
  earmark completion fish

\b
Where it goes:
  ~/.bashrc                   eval "$(earmark completion bash)"
  ~/.zshrc, after compinit    eval "$(earmark completion zsh)"
  ~/.config/fish/config.fish  source (earmark completion fish | psub)
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
def completion(shell: str) -> None:
    """Print the script that lets Tab complete `plan`, `run` and `earmark` in SHELL: bash, zsh or fish.

    It completes commands, options and their values, services with their variants, the options of services
    for --set, manifests and folders.
    """
    from earmark.completion import script

    write_out(script(shell))
