"""What was typed wrong, with what was probably meant; click's own messages tell it in some cases alone."""

import re

import click

from manifests.errors import nearest

NEAR = 0.65
"""How alike an option must be: all of them begin alike, with two dashes."""

_NO_COMMAND = re.compile(r"No such command '(.*?)'", re.DOTALL)
_NO_CHOICE = re.compile(r"'(.*)' is not one of ", re.DOTALL)


def told(error: click.UsageError) -> str:
    """The message of a wrong command line, without a full stop."""
    message = error.format_message().rstrip(".")
    command = error.ctx.command if error.ctx else None
    if isinstance(error, click.NoSuchOption) and command is not None:
        known = [each for option in command.params for each in (*option.opts, *option.secondary_opts)]
        dashed = [each for each in (*known, "--help") if each.startswith("--")]
        return f"no such option {error.option_name}{nearest(error.option_name, dashed, NEAR)}"
    no_command = _NO_COMMAND.match(message)
    if no_command and error.ctx is not None and isinstance(command, click.Group):
        return f"no such command {no_command[1]!r}{nearest(no_command[1], command.list_commands(error.ctx))}"
    if isinstance(error, click.BadParameter) and error.param and isinstance(error.param.type, click.Choice):
        no_choice = _NO_CHOICE.search(message)
        if no_choice:
            names = [str(each) for each in error.param.type.choices]
            return f"{message}{nearest(no_choice[1].rpartition(chr(39))[2], names)}"
    return message
