"""The command `earmark doctor`: looks whether a run could work here, and says what stands in its way."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # imported when the command runs: `--help` is quick
    from earmark.doctor.checkup import Group
    from earmark.doctor.values import Finding
    from earmark.terminal import Terminal

EPILOG = """\b
Examples:
  earmark doctor
  earmark doctor podcasts/manifest.yaml
  earmark doctor --json
"""

ORDER = (
    "earmark", "libraries", "sound", "key", "address", "service", "clock", "prices", "wallet",
    "ledger", "runs", "ledger disk", "results", "results disk", "policy", "caps", "environment", "terminal",
)  # fmt: skip
"""The checks as they are shown."""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("path", required=False, default=".", metavar="[PATH]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def doctor(context: click.Context, /, path: str, as_json: bool) -> None:  # noqa: FBT001
    """Check whether a run could work here: key, service, clock, prices, ledger, disks, earmark.toml, caps.

    PATH is a manifest, or the folder that is planned; this folder if left out. Reads only, makes nothing,
    waits ten seconds at most, works without a key and without a network. Ends with the exit code that a
    run would end with.
    """
    from earmark.doctor.checkup import checked
    from earmark.screens import doctor as screen
    from earmark.terminal import detect, write_out
    from manifests.errors import UsageError, nearest_path

    if not os.path.lexists(path):
        raise UsageError(f"no such path: {path}{nearest_path(path)}")
    shown = detect(os.environ, sys.stdout, sys.stderr)
    found = checked(_groups(path, shown), ORDER)
    write_out(screen.document(found) if as_json else screen.render(found, shown))
    if found.exit:
        write_out(f"doctor: {found.sentence}\n", sys.stderr)
    context.exit(int(found.exit))


def _groups(path: str, shown: "Terminal") -> "list[Group]":
    """What is looked at, side by side."""
    from earmark.doctor import ledger, machine, service, settings
    from earmark.doctor.checkup import Group, late_machine
    from earmark.doctor.values import bad, look
    from manifests.exits import Exit

    def late_service(name: str, seconds: float) -> "Finding":
        return bad(name, f"no answer within {seconds:g} s", "the same later", Exit.SERVICE_DOWN)

    def late_sound(name: str, seconds: float) -> "Finding":
        return look(name, f"PyAV and libsndfile did not load within {seconds:g} s")

    folder = settings.folder_of(path)
    encoding = sys.stdout.encoding or "ascii"
    return [
        Group(("earmark", "libraries"), machine.versions, late_machine),
        Group(("terminal",), lambda: [machine.terminal(shown, encoding, os.environ)], late_machine),
        Group(("sound",), machine.audio, late_sound),
        Group(service.NAMES, lambda: service.checks(os.environ), late_service),
        Group(ledger.NAMES, lambda: ledger.checks(os.environ), ledger.late),
        Group(("results", "results disk", "ledger disk"), lambda: _disks(Path(folder)), late_machine),
        Group(settings.NAMES, lambda: settings.checks(folder, os.environ), late_machine),
    ]


def _disks(folder: Path) -> "Iterator[Finding]":
    """Where results and the ledger are written."""
    from earmark.doctor import machine
    from earmark.doctor.values import ok
    from earmark.results_folder import RESULTS
    from earmark.run_ends import first_place
    from manifests.errors import EarmarkError

    yield machine.results(folder / RESULTS)
    places = {"results disk": folder / RESULTS}
    try:
        place = first_place(os.environ)
        if isinstance(place, Path):
            places["ledger disk"] = place.parent
        else:
            yield ok("ledger disk", "of the server, as the ledger is there")
    except EarmarkError:  # told where the ledger is looked at
        from earmark.doctor.values import look

        yield look("ledger disk", "not known")
    yield from machine.disks(places)
