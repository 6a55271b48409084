"""Which files are Earmark's own, and no input of a plan: manifests, receipts, results, what the ledger wrote.

Results of stems are recordings, too. Where the ledger is lost, or is another wallet's, the manifest
beside them still tells whose they are.
"""

# Names stay strings here, as in the walk: making a Path for each of a million files takes seconds.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH119, PTH120, PTH123, PTH208

import os
from collections.abc import Sequence
from operator import methodcaller

from earmark.plan_values import PlanOptions
from earmark.policy.values import NAME
from earmark.results_folder import RESULTS
from manifests.paths import RECEIPTS
from manifests.stored import is_stored
from manifests.text_head import SCHEMA
from planner.history import History
from planner.wanted import SCAN_CACHE, own_folders

_ENDINGS = (".yaml", ".yml")
_OWN_ENDINGS = (RECEIPTS, NAME, *_ENDINGS)
_ends_as_own = methodcaller("endswith", _OWN_ENDINGS)
_MARK = SCHEMA.encode()

HEAD_BYTES = 4096
"""Of a manifest, in which plan writes its mark."""


def own_files(options: PlanOptions, history: History) -> "OwnFiles":
    """Whether a path is Earmark's own, for `planner.walk`.

    A results folder that the user names is read: what the ledger wrote in it is still left out.
    """
    return OwnFiles(options, history)


class OwnFiles:
    """A `planner.wanted.Skip`."""

    def __init__(self, options: PlanOptions, history: History) -> None:
        results = os.path.join(os.path.dirname(options.output), RESULTS)
        self._history = history
        self._named = {os.path.realpath(path) for path in options.paths}
        own = [] if os.path.realpath(results) in self._named else [results]
        self._folders = own_folders(*own)
        # symlinks stay as named
        lists = (path for path in (options.rules, *options.url_lists) if path is not None)
        self._ours = {os.path.abspath(path) for path in (options.output, *lists)}
        self._telling = {RESULTS, SCAN_CACHE, *(os.path.basename(os.path.realpath(each)) for each in own)}
        self._telling |= {os.path.basename(path) for path in self._ours}

    def __call__(self, path: str) -> bool:
        """Of any path."""
        if is_stored(path):
            return path.endswith((RECEIPTS, f"/{NAME}")) or self._history.ours(path)
        whole = os.path.abspath(path)
        if self._by_name(path, whole):
            return True
        return self._history.ours(whole) or (is_results(path) and os.path.realpath(path) not in self._named)

    def within(self, folder: str) -> "_OwnNames":
        """The same of names in a folder; nearly all of them say at once that they are none."""
        return _OwnNames(self, folder, self._telling, self._history)

    def _by_name(self, path: str, whole: str) -> bool:
        if whole in self._ours or self._folders(path) or path.endswith(RECEIPTS):
            return True
        return os.path.basename(path) == NAME or is_manifest(path)


class _OwnNames:
    """A `planner.wanted.OwnNames`: `telling` are names of which a closer look is taken."""

    def __init__(self, own: OwnFiles, folder: str, telling: set[str], history: History) -> None:
        self._own, self._folder, self._telling, self._history = own, folder, telling, history
        self._whole = folder if is_stored(folder) else os.path.abspath(folder)
        self._wrote = history.ours_below(self._whole)

    def __call__(self, name: str) -> bool:
        """Of one name."""
        if name in self._telling or name.endswith(_OWN_ENDINGS):
            return self._own(os.path.join(self._folder, name))
        return self._wrote and self._history.ours(os.path.join(self._whole, name))

    def none_of(self, names: Sequence[str]) -> bool:
        """Whether it is easily seen that none of the names is."""
        return not self._wrote and self._telling.isdisjoint(names) and not any(map(_ends_as_own, names))


def is_manifest(path: str) -> bool:
    """Whether a file is a manifest as `plan` writes it, by its name and its head."""
    if not path.endswith(_ENDINGS) or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return _MARK in file.read(HEAD_BYTES)
    except OSError:
        return False  # the walk tells why it cannot be read


def is_results(path: str) -> bool:
    """Whether a folder is the results folder beside any manifest."""
    if os.path.basename(path) != RESULTS or not os.path.isdir(path):
        return False
    home = os.path.dirname(os.path.abspath(path))
    try:
        return any(is_manifest(os.path.join(home, name)) for name in os.listdir(home))
    except OSError:
        return False
