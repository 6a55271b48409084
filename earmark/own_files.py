"""Which files are Earmark's own, and no input of a plan: manifests, receipts, results, what the ledger wrote.

Results of stems are recordings, too. Where the ledger is lost, or is another wallet's, the manifest
beside them still tells whose they are.
"""

# Names stay strings here, as in the walk: making a Path for each of a million files takes seconds.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH119, PTH120, PTH123, PTH208

import os
from collections.abc import Callable

from earmark.plan_values import PlanOptions
from earmark.run_command import RESULTS
from manifests.paths import RECEIPTS
from manifests.text_head import SCHEMA
from planner.history import History
from planner.wanted import own_folders

_ENDINGS = (".yaml", ".yml")
_MARK = SCHEMA.encode()

HEAD_BYTES = 4096
"""Of a manifest, in which plan writes its mark."""


def own_files(options: PlanOptions, history: History) -> Callable[[str], bool]:
    """Whether a path is Earmark's own, for `planner.walk`.

    A results folder that the user names is read: what the ledger wrote in it is still left out.
    """
    results = os.path.join(os.path.dirname(options.output), RESULTS)
    named = {os.path.realpath(path) for path in options.paths}
    folders = own_folders(*([] if os.path.realpath(results) in named else [results]))
    # symlinks stay as named
    lists = (path for path in (options.rules, *options.url_lists) if path is not None)
    ours = {os.path.abspath(path) for path in (options.output, *lists)}

    def own(path: str) -> bool:
        whole = os.path.abspath(path)
        if whole in ours or folders(path) or path.endswith(RECEIPTS) or is_manifest(path):
            return True
        return history.ours(whole) or (is_results(path) and os.path.realpath(path) not in named)

    return own


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
