"""The command `earmark completion`: the script that lets Tab complete what is typed."""

import click

from earmark.terminal import write_out

SHELLS = ("bash", "zsh", "fish")

OTHERS = frozenset({"ash", "csh", "dash", "elvish", "ksh", "nu", "powershell", "pwsh", "sh", "tcsh", "xonsh"})
"""Shells that exist: none of them was meant to be one of ours."""

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


class _Shell(click.Choice[str]):
    """One of those for which there is a script."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The shell's name."""
        if value.lower() in OTHERS:
            self.fail(f"Tab completes in bash, zsh and fish; there is no script for {value}", param, ctx)
        return super().convert(value, param, ctx)


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=_Shell(SHELLS), metavar="SHELL")
def completion(shell: str) -> None:
    """Print the script that lets Tab complete `plan`, `run` and `earmark` in SHELL: bash, zsh or fish.

    It completes commands, options and their values, services with their variants, the options of services
    for --set, manifests and folders.
    """
    from earmark.completion import script

    write_out(script(shell))
