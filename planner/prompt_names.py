"""Names of what is made of prompts: under the name of their file, `prompts/001-rain` for `prompts.yaml`.

They stand in the manifest, so they are made here as a disk and a manifest take them, and unlike.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from manifests.naming import folded, shortened
from manifests.paths import as_written
from planner.inputs import Input, Prompt
from planner.roots import Root


def unlike_names(inputs: Iterable[Input], root: Root) -> Iterator[Input]:
    """The same, each prompt's result named below the root.

    Files that would share a name (`songs.txt` and `songs.yaml`) keep their endings in it, and get a
    short hash where even that is one name to a disk (`songs.txt` and `SONGS.txt`).
    """
    every = list(inputs)
    folders = _folders(list(dict.fromkeys(one.path for one in every if isinstance(one, Prompt))), root)
    for one in every:
        yield _named(one, folders) if isinstance(one, Prompt) else one


def _named(prompt: Prompt, folders: Mapping[str, str]) -> Prompt:
    return replace(prompt, result=f"{folders[prompt.path]}/{prompt.result.rpartition('/')[2]}")


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
