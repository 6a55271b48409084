"""Names of what is made of prompts: under the name of their file, `prompts/001-rain` for `prompts.yaml`.

They stand in the manifest, so they are made here as a disk and a manifest take them, and unlike.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from manifests.naming import folded, shortened
from manifests.paths import as_written
from planner.inputs import Input, Prompt
from planner.roots import Root


class PromptNames:
    """Results of prompts named below the root.

    Files that would share a name (`songs.txt` and `songs.yaml`) keep their endings in it, and get a
    short hash where even that is one name to a disk (`songs.txt` and `SONGS.txt`).

    Args:
        inputs: all of the plan.
        root: what paths are relative to.
    """

    def __init__(self, inputs: Iterable[Input], root: Root) -> None:
        paths = dict.fromkeys(one.path for one in inputs if isinstance(one, Prompt))
        self._folders = _folders(list(paths), root)

    def named(self, one: Input) -> Input:
        """The same, a prompt's result with its name."""
        if not isinstance(one, Prompt):
            return one
        return replace(one, result=f"{self._folders[one.path]}/{one.result.rpartition('/')[2]}")


def _folders(paths: Sequence[str], root: Root) -> Mapping[str, str]:
    """The folder under the results of each file."""
    ways: tuple[Callable[[str], str], ...] = (_stem, str, _marked)
    found: dict[str, str] = {}
    for way in ways:
        found |= {path: _plain(way(root.relative(path))) for path in paths}
        seen = Counter(map(folded, found.values()))
        paths = [path for path in paths if seen[folded(found[path])] > 1]
    return found


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 - names are strings here


def _marked(name: str) -> str:
    return f"{name}~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def _plain(name: str) -> str:
    """The name in readable text, no part of it longer than a disk takes."""
    done = ""
    for part in as_written(name)[0].split("/"):
        done = shortened(f"{done}/{part}" if done else part)
    return done
