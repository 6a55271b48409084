"""The front door: every command, and the one place where errors become exit codes.

A command's module is imported when the command is called, so that `--help` stays quick.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from earmark import misspelled
from earmark.failure_json import Silence, promised
from earmark.secrets import hidden
from earmark.variables import misspelled as misspelled_variables
from manifests.errors import EarmarkError
from manifests.exits import Exit

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "plan": ("earmark.plan_command:plan", "Price the audio under some paths and write a manifest."),
    "run": ("earmark.run_command:run", "Buy what a manifest plans, within its cap, and save the results."),
    "worker": ("earmark.worker_command:worker", "Take a share of what runs on a shared ledger offer."),
    "diff": ("earmark.diff_command:diff", "Say what a change to a plan costs, and why."),
    "status": ("earmark.status_command:status", "Show where a manifest stands, from the ledger alone."),
    "report": ("earmark.report_command:report", "Report on a manifest as text, page, table or document."),
    "bill": ("earmark.bill_command:bill", "Show what was paid in a period, by whom, for what."),
    "fetch": ("earmark.fetch_command:fetch", "Bring missing results of what is paid; free."),
    "reconcile": ("earmark.reconcile_command:reconcile", "Clear purchases whose answers were lost."),
    "ledger": (
        "earmark.ledger_command:ledger",
        "Check, copy, move or rebuild the account of all purchases.",
    ),
    "services": ("earmark.services_command:services", "List what can be bought, at which price."),
    "wallet": ("earmark.wallet_command:wallet", "Balance, top-up, usage, prices."),
    "doctor": ("earmark.doctor_command:doctor", "Check whether a run could work here."),
    "simulate": ("earmark.simulate_command:simulate", "Play AudioPod on this machine, for rehearsals."),
    "demo": ("earmark.demo_command:demo", "Plan and run examples on the simulator: no account, no network."),
    "completion": ("earmark.completion_command:completion", "Let Tab complete what you type."),
    "selftest": ("earmark.selftest_command:selftest", "Prove the promises by kills and faults."),
}
"""Each command with the place of its code and the line that `earmark --help` shows."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name in COMMANDS:
            return load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """The commands, without importing any; and the options."""
        from click.shell_completion import CompletionItem

        rows = ((name, help_line) for name, (_, help_line) in COMMANDS.items())
        found = [CompletionItem(name, help=told) for name, told in rows if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        rows = [(name, help_line) for name, (_, help_line) in COMMANDS.items()]
        rows += [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def load(name: str) -> click.Command:
    """Import a command."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    return command


EPILOG = """\b
Examples:
  earmark plan podcasts/ --service transcription
  earmark run manifest.yaml --max-spend 20
  earmark demo                           # no account, no network
"""


@click.group(
    cls=LazyGroup,
    name="earmark",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="earmark-audio", prog_name="earmark")
def group() -> None:
    """Plan, price and run folders of audio on the AudioPod API, within a cap that holds."""


def earmark() -> None:
    """The command `earmark`, as `earmark.entry` enters it."""
    sys.exit(through_the_door("earmark", lambda: group))


def plan() -> None:
    """The command `plan`."""
    sys.exit(through_the_door("plan", lambda: load("plan")))


def run() -> None:
    """The command `run`."""
    sys.exit(through_the_door("run", lambda: load("run")))


def through_the_door(
    name: str, command: Callable[[], click.Command], arguments: Sequence[str] | None = None
) -> int:
    """Run a command; its exit code, whatever happens inside it."""
    typed = sys.argv[1:] if arguments is None else arguments
    try:
        with _closed_streams_opened(), promised(name, typed) as document:
            try:
                _prepare(name)
                answer = command().main(args=arguments, prog_name=name, standalone_mode=False)
            except BaseException as error:  # noqa: BLE001 - the one door: every end becomes a code
                return _code_of(name, error, document)
    except KeyboardInterrupt as error:  # before there was anything to tell it with, or while it was told
        return _code_of(name, error, Silence())
    return answer if isinstance(answer, int) else Exit.DONE


def _prepare(name: str) -> None:
    """What comes before any command."""
    for stream in (sys.stdout, sys.stderr):
        _never_fail_on_letters(stream)
    if f"_{name.upper()}_COMPLETE" in os.environ:  # a shell asks what may follow
        from earmark.completion import register

        register()
    else:
        _tell_of_variables(name)


@contextmanager
def _closed_streams_opened() -> Iterator[None]:
    """Who closes a stream (`>&-`) wants nothing written to it; Python has None there."""
    closed = [name for name in ("stdout", "stderr") if getattr(sys, name) is None]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        for name in closed:
            setattr(sys, name, nowhere)
        try:
            yield
        finally:
            for name in closed:
                setattr(sys, name, None)


def _tell_of_variables(name: str) -> None:
    """A note about each variable that is spelled wrong: a cap in it is no cap."""
    for wrong, right in misspelled_variables(os.environ):
        from earmark.terminal import write_out

        note = f"{name}: note: nothing reads {wrong}; did you mean {right}?"
        write_out(note.encode("unicode_escape").decode() + "\n", sys.stderr)


def _never_fail_on_letters(stream: Any) -> None:
    """A terminal that knows ASCII only shows escapes instead of ending the command."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def _code_of(name: str, error: BaseException, document: Silence) -> int:
    """Tell the user what ended the command; the exit code that says the same to scripts."""
    if os.environ.get("EARMARK_DEBUG") == "1":
        print(hidden("".join(traceback.format_exception(error))), end="", file=sys.stderr)  # noqa: T201
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(Exit.SOME_FAILED)
        document.write(code, "")
        return code
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)  # a whole page: it is no message of one line
        return Exit.USAGE
    message, code = reading(name, error)
    return _told(name, message, code, document)


_NOT_OURS = "name the user who made the tables in EARMARK_LEDGER, or let that user GRANT this one their use"


def reading(name: str, error: BaseException) -> tuple[str, int]:
    """What the user reads about an error, and its exit code."""
    match error:
        case EarmarkError():
            told = str(error), int(error.exit_code)
        case click.UsageError():
            told = f"{misspelled.told(error)} (see {_help(name, error)})", int(Exit.USAGE)
        case click.ClickException():
            told = error.format_message(), int(Exit.USAGE)
        # Python 3.11 wraps what stops the making of a class, and a signal while importing does
        case KeyboardInterrupt() | click.Abort() | RuntimeError(__cause__=KeyboardInterrupt()):
            told = "interrupted; the same command goes on", int(Exit.INTERRUPTED)
        case _ if type(error).__name__ == "InsufficientPrivilege":  # of psycopg
            message = f"the ledger cannot be used: {error}. Way out: {_NOT_OURS}"
            told = message, int(Exit.MACHINE)
        case _ if type(error).__module__.partition(".")[0] in ("sqlite3", "psycopg"):  # slow to import
            message = f"the ledger cannot be used: {error}; `earmark ledger check` says more"
            told = message, int(Exit.MACHINE)
        case OSError():
            told = f"this machine says: {error}", int(Exit.MACHINE)
        case UnicodeEncodeError() if sys.getfilesystemencoding() != "utf-8":
            letters = error.object[error.start : error.end]
            message = f"no file with {letters} in its name can be reached where names are {error.encoding}"
            told = f"{message}; set PYTHONUTF8=1, or LC_ALL=C.UTF-8, and do it again", int(Exit.MACHINE)
        case _:
            told = f"a bug in Earmark, please report it: {_of_bug(error)}", int(Exit.BUG)
    return told


def _told(name: str, message: str, code: int, document: Silence) -> int:
    """Say it on stderr, on one line whatever names it holds; and to machines where they asked."""
    from earmark.terminal import printable, write_out

    message = hidden(message)
    document.write(code, printable(message))
    write_out(f"{name}: {printable(message)}\n", sys.stderr)
    return code


def _help(name: str, error: click.UsageError) -> str:
    """Where to read more."""
    return f"{error.ctx.command_path if error.ctx else name} --help"


def _of_bug(error: BaseException) -> str:
    """What a bug report needs first."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" at {os.path.basename(frame.filename)}:{frame.lineno}" for frame in last)  # noqa: PTH119
    return f"{type(error).__name__}: {error}{place}; EARMARK_DEBUG=1 shows more"
