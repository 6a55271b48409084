"""What files say, and who said it: values that are read from `earmark.toml` and merged."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from manifests.limits import Limit, Scope
from manifests.money import Cents
from manifests.paths import POLICY

if TYPE_CHECKING:
    from manifests.text_yaml import Table

NAME = POLICY

RULES = "rules"
"""The key of rules that stand in the file itself; `plan.rules` names a file of them."""

SUMS = ("caps.", "thresholds.")
"""Keys of amounts: of several files the smallest counts, not the nearest."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value, with the file and the line that say it."""

    value: Any
    path: str  # absolute
    line: int

    @property
    def origin(self) -> str:
        """`earmark.toml:3`, as seen from here."""
        return f"{seen_from_here(self.path)}:{self.line}"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file: what it says, by key (`plan.services`, `caps.month`, `plan.set.transcription.language`)."""

    path: str
    said: Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with everything that was said of it, the one that counts first."""

    key: str
    said: tuple[Said, ...]

    @property
    def value(self) -> Any:
        """What counts."""
        return self.said[0].value


@dataclass(frozen=True, slots=True)
class Policy:
    """What all files together say."""

    files: tuple[PolicyFile, ...] = ()  # the nearest first
    _entries: Mapping[str, Entry] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """Every key that was said."""
        return iter(self._entries.values())

    def of(self, key: str) -> Entry | None:
        """What was said of a key."""
        return self._entries.get(key)

    def value(self, key: str) -> Any:
        """What counts of a key; None where nobody said anything."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def below(self, prefix: str) -> Iterator[Entry]:
        """The entries whose keys begin so."""
        return (each for each in self._entries.values() if each.key.startswith(prefix))

    def limits(self) -> Iterator[Limit]:
        """The caps of every file, larger ones, too."""
        for entry in self.below("caps."):
            for said in entry.said:
                yield limit_of(entry.key, said.value, said.origin)

    @property
    def rules(self) -> "tuple[str, Table] | None":
        """The rules that stand in a file itself: its path, and what it says."""
        entry = self._entries.get(RULES)
        return None if entry is None else (seen_from_here(entry.said[0].path), entry.value)


def limit_of(key: str, cents: Cents, origin: str) -> Limit:
    """The limit that a key such as `caps.service.stems` sets."""
    scope, _, service = key.removeprefix("caps.").partition(".")
    return Limit(Scope(scope), cents, origin, service)


def merged(files: Sequence[PolicyFile]) -> Policy:
    """What files say together, the nearest first: of amounts the smallest counts, of all else the nearest."""
    keys = dict.fromkeys(key for file in files for key in file.said)
    entries: dict[str, Entry] = {}
    for key in keys:
        said = tuple(file.said[key] for file in files if key in file.said)
        if key.startswith(SUMS):
            said = tuple(sorted(said, key=lambda each: each.value))
        entries[key] = Entry(key, said)
    return Policy(tuple(files), _without_farther_rules(files, entries))


def _without_farther_rules(files: Sequence[PolicyFile], entries: dict[str, Entry]) -> Mapping[str, Entry]:
    """Rules in a file, and the name of a file of rules, are one thing: the nearer of the two counts."""
    either = (RULES, "plan.rules")
    nearest = next((key for file in files for key in either if key in file.said), None)
    if nearest is None:
        return entries
    (other,) = (key for key in either if key != nearest)
    return {key: entry for key, entry in entries.items() if key != other}


def seen_from_here(path: str) -> str:
    """A path as people near it would write it: relative where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the working folder is gone
        return path
    return min(relative, path, key=len)
