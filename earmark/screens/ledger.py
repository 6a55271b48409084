"""The screens of `earmark ledger`, and their JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from earmark.next_steps import pasted
from earmark.screens.words import some
from earmark.screens.wrapping import command_line, titled, wrapped
from earmark.terminal import Terminal, printable, shortened
from manifests.paths import as_written
from runner.ledger.checking import Checked
from runner.ledger.kept import Fate, Odd
from runner.ledger.places import Place
from runner.ledger.versions import VERSION as SCHEMA_VERSION
from runner.rebuilding import Rebuilt
from runner.spoken import shows_words

VERSION = 1
FEW = 3
"""Files named of each kind."""

NAME = 48
"""Columns of a file's name."""

NAMELESS = frozenset({"karaoke", "convert"})
"""Services whose job lists name no upload (docs/api.md 6)."""

_RESULTS: Mapping[Fate, str] = {
    Fate.GONE: "not where they were saved; `earmark fetch --all` brings them, free",
    Fate.DAMAGED: "not what was saved, and not edited since: move them away, then `earmark fetch --all`",
    Fate.EDITED: "edited since they were saved, and left as they are",
}
_NO_FAULT = frozenset({Fate.GONE, Fate.EDITED})
_COUNTED: Mapping[str, str] = {
    "manifests": "manifest",
    "runs": "run",
    "purchases": "purchase",
    "attempts": "attempt",
    "usage_rows": "charge",
    "results": "file",
}


@dataclass(frozen=True, slots=True)
class State:
    """A ledger that was checked; `results` are the files that are not as they were saved."""

    place: Place
    checked: Checked
    results: Sequence[Odd] | None  # None: not looked at

    @property
    def in_order(self) -> bool:
        """Whether all is well; what a person edited is, and what was moved away comes again free."""
        return not self.checked.findings and all(each.fate in _NO_FAULT for each in self.results or ())


def path_data(place: Place, *, exists: bool) -> str:
    """Where the ledger lies, for machines."""
    return _json({"ledger": _path(str(place)), "exists": exists})


def check(state: State, terminal: Terminal) -> str:
    """What was found, first the sentence that matters."""
    head = "in order" if state.in_order else "NOT IN ORDER, exit 10"
    width = terminal.width
    rows = [f"{terminal.style(printable(str(state.place)), 'bold')}: {head}"]
    if state.checked.counts:
        counts = (some(state.checked.counts[name], word) for name, word in _COUNTED.items())
        rows += wrapped("  ", ", ".join(counts), width)
    elif not state.checked.findings:
        rows.append(
            f"  version {state.checked.version}, this Earmark keeps {SCHEMA_VERSION}: the next run brings it"
            " up to date; then check again"
        )
    if state.results is None:
        rows.append("  the files of the results were not looked at")
    found = [*map(printable, state.checked.findings), *_results(state.results or ())]
    rows += [line for each in found for line in wrapped("  - ", each, width)]
    if state.checked.findings:
        rows.append("Next:  keep it; restore a backup, or move it away and `earmark ledger rebuild MANIFEST`")
    return "\n".join(rows) + "\n"


def _results(odd: Sequence[Odd]) -> Iterator[str]:
    for fate, meaning in _RESULTS.items():
        paths = [each.path for each in odd if each.fate is fate]
        if paths:
            yield f"{some(len(paths), 'file')} of results {meaning}: {_names(paths)}"


def check_data(state: State) -> str:
    """The same for machines."""
    found = Counter(each.fate for each in state.results or ())
    return _json(
        {
            "ledger": _path(str(state.place)),
            "in_order": state.in_order,
            "schema": state.checked.version,
            "counts": state.checked.counts,
            "findings": list(state.checked.findings),
            "results": None
            if state.results is None
            else {
                **{fate.value: found[fate] for fate in Fate},
                "files": [
                    {**_path(each.path), "fate": each.fate.value, "manifest": _path(str(each.manifest))}
                    for each in state.results
                ],
            },
        }
    )


def backup(copy: Path, found: Checked, terminal: Terminal) -> str:
    """That the copy is there."""
    name = terminal.style(printable(str(copy)), "bold")
    what = f"{some(found.counts['purchases'], 'purchase')}, {some(found.counts['attempts'], 'attempt')}"
    return (
        f"{name}: a whole copy, checked; {what}\nTo use it: EARMARK_LEDGER={pasted(str(copy.absolute()))}\n"
    )


def backup_data(place: Path, copy: Path, found: Checked) -> str:
    """The same for machines."""
    return _json({"ledger": _path(str(place)), "copy": _path(str(copy)), "counts": found.counts})


_FOUND: tuple[tuple[str, str], ...] = (
    ("known", "known before"),
    ("listed", "found by their names in the service's job lists"),
    ("receipted", "found by their receipts"),
    ("lost", "paid by their receipts, but neither the service nor this disk has the results"),
    ("doubtful", "in doubt: perhaps paid"),
)


def rebuild(manifest: Path, found: Rebuilt, terminal: Terminal) -> str:
    """What was found, what was not, and what could not be told."""
    name = printable(str(manifest))
    adopted = len(found.listed) + len(found.receipted) + len(found.lost)
    told = f"{some(adopted, 'item')} found that the ledger did not know"
    head = told if adopted else "nothing was found that the ledger did not know"
    width = terminal.width
    rows = titled(name, f"{head}; nothing was bought", terminal)
    kinds = [(getattr(found, kind), meaning) for kind, meaning in _FOUND]
    kinds.append(([file for file, _ in found.unbought], "not bought, as far as can be seen"))
    for files, meaning in kinds:
        rows += _kind(files, meaning, width)
    for line in _cannot_tell(found):
        rows += wrapped("          ", printable(line), width)
    rows += _kind(
        [each.file for each in found.untold], "could not be told: their files are not as planned", width
    )
    for note in found.notes:
        rows += wrapped("  ", printable(note), width)
    rows += command_line("Next:  ", *_next(manifest, found), width)
    return "\n".join(rows) + "\n"


def _kind(files: Sequence[str], meaning: str, width: int) -> Iterator[str]:
    if files:
        yield from wrapped(f"  {len(files):>6,}  ", f"{meaning}: {_names(files)}", width)


def _cannot_tell(found: Rebuilt) -> Iterator[str]:
    names = {service for _, service in found.unbought}
    services = sorted(name for name in names if name in NAMELESS or shows_words(name))
    if services:
        yield (
            f"of {', '.join(services)} only receipts can tell: what was bought without one would be"
            " bought again; `earmark wallet usage` lists what was charged"
        )


def _next(manifest: Path, found: Rebuilt) -> tuple[str, str]:
    """A command, and words beside it."""
    if found.listed or found.receipted or found.lost:
        return f"earmark fetch {pasted(str(manifest))}", "brings results and bills, free"
    if found.doubtful:
        return f"earmark reconcile {pasted(str(manifest))}", ""
    return f"earmark status {pasted(str(manifest))}", ""


def rebuild_data(manifest: Path, found: Rebuilt) -> str:
    """The same for machines."""
    return _json(
        {
            **_path(str(manifest)),
            **{kind: [_path(file) for file in getattr(found, kind)] for kind, _ in _FOUND},
            "unbought": [{**_path(file), "service": service} for file, service in found.unbought],
            "untold": [{**_path(each.file), "reason": each.reason} for each in found.untold],
            "notes": list(found.notes),
        }
    )


def _names(files: Sequence[str]) -> str:
    names = ", ".join(shortened(printable(file), NAME) for file in files[:FEW])
    return names + (f" and {len(files) - FEW:,} more" if len(files) > FEW else "")


def _path(path: str) -> Mapping[str, str]:
    shown, raw = as_written(path)
    return {"file": shown} if raw is None else {"file": shown, "file_bytes": raw}


def _json(data: Mapping[str, object]) -> str:
    return json.dumps({"version": VERSION, **data}, indent=2) + "\n"
