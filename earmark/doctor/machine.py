"""What this machine is like: versions, libraries of sound, disks, terminal."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from earmark.doctor.values import Finding, bad, look, ok
from earmark.screens.words import size
from earmark.terminal import Terminal, printable
from manifests.exits import Exit

DISTRIBUTION = "earmark-audio"
INSTALL = "install Earmark again: `pip install --upgrade earmark-audio` brings what it needs"

LITTLE_BYTES, NO_BYTES = 1 << 30, 16 << 20
"""Room on a disk below which somebody should know, and below which a run is likely to end: results of an
hour of stems take several hundred megabytes, and the ledger keeps a megabyte for its last writes."""

AUDIO_SECONDS = 8.0
"""For loading the libraries and reading a tenth of a second."""

_MINIMUM = re.compile(r"^([A-Za-z0-9_.-]+)>=([0-9.]+)$")


@dataclass(frozen=True, slots=True)
class Libraries:
    """What is installed; tests put fakes here."""

    requires: Callable[[str], list[str] | None] = metadata.requires
    version: Callable[[str], str] = metadata.version


def versions(libraries: Libraries = Libraries()) -> Iterator[Finding]:
    """Earmark, Python and the libraries that it needs."""
    try:
        own = libraries.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        yield look("earmark", "not installed, only started from its folder", INSTALL)
        return
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield ok("earmark", f"{own}, Python {platform.python_version()}, {system}", version=own)
    yield _needs(libraries)


def _needs(libraries: Libraries) -> Finding:
    found: dict[str, str] = {}
    faults: list[str] = []
    for name, least in _minimums(libraries):
        try:
            found[name] = libraries.version(name)
        except metadata.PackageNotFoundError:
            faults.append(f"{name} is missing")
            continue
        if _parts(found[name]) < _parts(least):
            faults.append(f"{name} is {found[name]}, {least} is the least")
    if faults:
        return bad("libraries", "; ".join(faults), INSTALL, Exit.MACHINE, versions=found)
    return ok("libraries", f"{len(found)} as new as they must be", versions=found)


def _minimums(libraries: Libraries) -> Iterator[tuple[str, str]]:
    """What Earmark needs to run, without what is for tests."""
    for line in libraries.requires(DISTRIBUTION) or ():
        match = _MINIMUM.match(line)
        if match is not None:
            yield match[1], match[2]


def _parts(version: str) -> tuple[int, ...]:
    """The numbers of a version, as far as they go: `1.2.0rc1` is (1, 2, 0)."""
    match = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def audio(command: list[str] | None = None, seconds: float = AUDIO_SECONDS) -> Iterator[Finding]:
    """PyAV and libsndfile load and read; in a process of their own, which may crash or hang."""
    argv = command or [sys.executable, "-P", "-m", "planner.lengths.libraries"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOPOD_")}
    remedy = f"files that only they read will be left out of plans; {INSTALL}"
    try:
        ended = subprocess.run(  # noqa: S603 - our own
            argv, env=environ, capture_output=True, text=True, timeout=seconds, check=False
        )
        told = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        yield look("sound", f"PyAV and libsndfile did not load within {seconds:g} s", remedy)
        return
    except json.JSONDecodeError:
        yield look("sound", f"PyAV or libsndfile crashes (exit {ended.returncode})", remedy)
        return
    faults = [f"{name}: {each['fault']}" for name, each in told.items() if "fault" in each]
    if faults:
        yield look("sound", "; ".join(faults), remedy, details=told)
        return
    yield ok("sound", ", ".join(f"{name} {each['version']}" for name, each in told.items()) + ", both read")


def disks(
    places: Mapping[str, Path], usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
) -> Iterator[Finding]:
    """The room where things are written, each by its name."""
    for name, place in places.items():
        there = nearest(place)
        free = usage(there)[2]
        words = f"{size(free)} free for {printable(str(place))}"
        remedy = f"make room at {printable(str(there))}"
        if free < NO_BYTES:
            yield bad(name, words, remedy, Exit.MACHINE, free_bytes=free)
        elif free < LITTLE_BYTES:
            yield look(name, words, remedy, free_bytes=free)
        else:
            yield ok(name, words, free_bytes=free)


def results(place: Path) -> Finding:
    """Whether results can be written, as far as permissions tell: nothing is made."""
    there = nearest(place)
    shown = printable(str(place))
    if not there.is_dir():
        remedy = "move it away, or name another folder with `run --output`"
        return bad("results", f"{printable(str(there))} is no folder", remedy, Exit.MACHINE)
    if not os.access(there, os.W_OK | os.X_OK):
        remedy = "make it writable, or name another folder with `run --output`"
        return bad("results", f"{printable(str(there))} may not be written", remedy, Exit.MACHINE)
    made = "" if place.is_dir() else ", made by the first run"
    return ok("results", f"{shown}{made}")


def nearest(place: Path) -> Path:
    """The place itself, or the deepest folder above it that is there."""
    return next((each for each in (place, *place.parents) if os.path.lexists(each)), Path(place.anchor))


def terminal(shown: Terminal, encoding: str, environ: Mapping[str, str]) -> Finding:
    """What can be shown here."""
    whole = encoding.casefold().replace("-", "") in {"utf8", "utf16", "utf32"}
    colour = "colours" if shown.colour else f"no colours{_why_plain(environ)}"
    live = "progress redrawn" if shown.live else "progress as plain lines"
    words = f"{shown.width} columns, {colour}, {encoding}, {live}"
    if not whole:
        return look("terminal", words, "set LC_ALL=C.UTF-8: names of files show as escapes otherwise")
    return ok("terminal", words, columns=shown.width)


def _why_plain(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return " (NO_COLOR)"
    return " (TERM=dumb)" if environ.get("TERM") == "dumb" else ""
