"""Which files are read as what: recordings, texts or prompts, by the services that are to get them."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from manifests.catalogue import Service
from planner import prompts, texts
from planner.choices import Choice
from planner.inputs import AUDIO, Input, Passage, Prompt
from planner.leftout import Reason, Unreadable
from planner.recording import Survey

_KINDS = {
    "text": ("a text", texts.SUFFIXES),
    "prompt": ("a file of prompts", prompts.SUFFIXES),
}


@dataclass(frozen=True, slots=True)
class Readers:
    """How each kind of input is read; all raise `planner.leftout.Unreadable`."""

    recording: Survey
    passages: Callable[[str], Sequence[Passage]] = texts.passages
    prompts: Callable[[str, Service], Sequence[Prompt]] = prompts.prompts


def look(path: str, choices: Iterable[Choice], readers: Readers) -> Sequence[Input]:
    """All that a file has to offer to what is to be bought of it.

    Raises:
        Unreadable: it offers nothing: of no kind that is taken, or not readable as such.
    """
    services = list({choice.product.service.name: choice.product.service for choice in choices}.values())
    kinds = {kind for service in services for kind in service.accepts}
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - a million names stay strings
    found: list[Input] = []
    if "text" in kinds and suffix in texts.SUFFIXES:
        found += readers.passages(path)
    for service in services:
        if "prompt" in service.accepts and suffix in prompts.SUFFIXES:
            found += readers.prompts(path, service)
    if found:
        return found
    if not AUDIO.isdisjoint(kinds):
        return [readers.recording(path)]
    raise Unreadable(Reason.NOT_TAKEN, path, _not_taken(kinds))


def _not_taken(kinds: Collection[str]) -> str:
    """`not a text: .txt, .md, .srt`."""
    wanted = [f"{name} ({', '.join(suffixes)})" for kind, (name, suffixes) in _KINDS.items() if kind in kinds]
    return f"not {' or '.join(wanted)}"
