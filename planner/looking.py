"""Which files are read as what: recordings, texts or prompts, by the services that are to get them."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from manifests.catalogue import Service
from planner import prompts, texts
from planner.choices import Choice
from planner.inputs import AUDIO, Input, Passage, Prompt
from planner.leftout import Reason, Unreadable

_KINDS = {
    "text": ("a text", texts.SUFFIXES),
    "prompt": ("a file of prompts", prompts.SUFFIXES),
}


@dataclass(frozen=True, slots=True)
class Readers:
    """How each kind of input is read; all raise `planner.leftout.Unreadable`."""

    passages: Callable[[str], Sequence[Passage]] = texts.passages
    prompts: Callable[[str, Service], Sequence[Prompt]] = prompts.prompts


def only_recordings(choices: Sequence[Choice]) -> bool:
    """Whether nothing but recordings is of use: any file is then read as one, whatever its name."""
    kinds = frozenset(kind for choice in choices for kind in choice.product.service.accepts)
    return bool(kinds) and kinds <= AUDIO


class Looker:
    """Reads files as what the services take that are to get them."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._choices: Sequence[Choice] = ()
        self._services: list[Service] = []
        self._kinds: frozenset[str] = frozenset()

    def look(self, path: str, choices: Sequence[Choice]) -> Sequence[Input] | None:
        """All that a file has to offer to what is to be bought of it; None: it is to be read as a recording.

        Raises:
            Unreadable: it offers nothing: of no kind that is taken, or not readable as such.
        """
        if choices is not self._choices:  # files in a row mostly get the same
            self._get_ready_for(choices)
        kinds = self._kinds
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - a million names stay strings
        found: list[Input] = []
        if "text" in kinds and suffix in texts.SUFFIXES:
            found += self._readers.passages(path)
        for service in self._services:
            if "prompt" in service.accepts and suffix in prompts.SUFFIXES:
                found += self._readers.prompts(path, service)
        if found:
            return found
        if not AUDIO.isdisjoint(kinds):
            return None
        raise Unreadable(Reason.NOT_TAKEN, path, _not_taken(kinds))

    def _get_ready_for(self, choices: Sequence[Choice]) -> None:
        services = {choice.product.service.name: choice.product.service for choice in choices}
        self._choices, self._services = choices, list(services.values())
        self._kinds = frozenset(kind for service in self._services for kind in service.accepts)


def _not_taken(kinds: Collection[str]) -> str:
    """`not a text: .txt, .md, .srt`."""
    wanted = [f"{name} ({', '.join(suffixes)})" for kind, (name, suffixes) in _KINDS.items() if kind in kinds]
    return f"not {' or '.join(wanted)}"
