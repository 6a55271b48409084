"""What a line sends, looked at before it is bought: a recording, a text, a prompt, an address."""

import hashlib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from manifests.errors import EarmarkError
from manifests.manifest import Item
from runner.api.interface import Order, Spans
from runner.engine.task import Source
from runner.lines import Line

NOTHING = hashlib.sha256(b"").hexdigest()
"""The digest of a prompt's audio: there is none, its words are options."""

ADDRESS_DIGITS = 12
"""Of an address's digest in its print."""


class Kind(StrEnum):
    """What a line sends."""

    RECORDING = "recording"
    TEXT = "text"
    PROMPT = "prompt"
    ADDRESS = "address"


class Probed(Protocol):
    """What a probe of a file tells: sizes in bytes."""

    @property
    def size(self) -> int:
        """Bytes in the file."""
        ...

    @property
    def print(self) -> str:
        """The short text that changes when the file does."""
        ...

    @property
    def spans(self) -> Spans:
        """Which bytes are sound."""
        ...


def no_texts(path: str) -> str:
    """Stands for the look at texts where there is none."""
    raise EarmarkError(f"{path}: texts cannot be read here")


def _no_prompts(path: str) -> AbstractSet[str]:
    raise EarmarkError(f"{path}: prompts cannot be read here")


@dataclass(frozen=True, slots=True)
class Probes:
    """The looks at files that the front door hands over; each raises EarmarkError for what cannot be read."""

    probe: Callable[[str], Probed]
    sha256: Callable[[str, Spans], str]
    text: Callable[[str], str] = no_texts
    """The words of a text that are spoken."""
    prompts: Callable[[str], AbstractSet[str]] = _no_prompts
    """The prints of a file's prompts."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the manifest itself says of an input that is no file, or no whole one."""

    size: int
    print: str
    spans: Spans = ()


def kind_of(line: Line) -> Kind:
    """What the line sends."""
    accepts = line.product.service.accepts
    if line.item.url is not None:
        return Kind.ADDRESS
    if "prompt" in accepts:
        return Kind.PROMPT
    return Kind.TEXT if "text" in accepts else Kind.RECORDING


def look(line: Line, probes: Probes) -> Probed:
    """What the line's input is now; what lies at an address is the service's to look at.

    Raises:
        EarmarkError: it is not there, cannot be read, or no longer has this prompt.
    """
    match kind_of(line):
        case Kind.ADDRESS:
            return Stated(line.item.size, line.item.print)
        case Kind.PROMPT:
            if line.item.print not in probes.prompts(str(line.path)):
                raise EarmarkError(f"{line.item.file}: this prompt is no longer in it")
            return Stated(line.item.size, line.item.print)
        case _:
            return probes.probe(str(line.path))


def digest(line: Line, probed: Probed, probes: Probes) -> str:
    """The digest of what is sent, 64 hex digits.

    Raises:
        EarmarkError: it cannot be read, or is not the text that was approved.
    """
    match kind_of(line):
        case Kind.ADDRESS:
            return line.item.sha256 or hashlib.sha256(f"url\n{line.item.url}".encode()).hexdigest()
        case Kind.PROMPT:
            return NOTHING
        case Kind.TEXT:
            return _approved(line.item, words_digest(probes.text(str(line.path)), line.item.span))
        case Kind.RECORDING:
            return probes.sha256(str(line.path), probed.spans)


def characters(line: Line, probes: Probes) -> int:
    """How many characters are spoken; 0 where none are, or the text is gone since it was looked at."""
    if kind_of(line) is not Kind.TEXT:
        return 0
    try:
        return len(words(probes.text(str(line.path)), line.item.span))
    except EarmarkError:
        return 0


def words_digest(text: str, span: tuple[int, int] | None) -> str:
    """The digest of the words that are spoken: those of a part, or all."""
    return hashlib.sha256(words(text, span).encode()).hexdigest()


def words(text: str, span: tuple[int, int] | None) -> str:
    """The part of a text that is spoken, or all of it."""
    return text if span is None else text[slice(*span)]


class WordsChanged(EarmarkError):
    """A text that is no longer what was approved."""


def with_words(order: Order, text: Callable[[str], str]) -> Order:
    """The order with the words of its text among its fields; any other one as it is.

    Raises:
        WordsChanged: the text cannot be read, or its words are not those that were approved.
    """
    if order.spoken is None:
        return order
    try:
        found = words(text(str(order.spoken)), order.span)
    except EarmarkError as error:
        raise WordsChanged(str(error)) from error
    if hashlib.sha256(found.encode()).hexdigest() != order.sha256:
        raise WordsChanged(f"{order.spoken}: its words changed since they were approved")
    return replace(order, fields={**order.fields, "input_text": found})


def _approved(item: Item, found: str) -> str:
    if item.sha256 is not None and item.sha256 != found:
        raise EarmarkError(f"{item.file}: its words are not those that were planned: plan again")
    return found


def source(line: Line, probed: Probed, sha256: str) -> Source:
    """What an upload of the line reads."""
    item = line.item
    match kind_of(line):
        case Kind.ADDRESS:
            name = item.file.rsplit("/", 1)[-1]
            return Source(None, 0, (), sha256, name=name, address=item.url or "")
        case Kind.PROMPT:
            return Source(None, 0, (), sha256, name=line.base.rsplit("/", 1)[-1].replace(".", "_"))
        case Kind.TEXT:
            size = probed.size if item.span is None else item.span[1] - item.span[0]
            return Source(line.path, size, (), sha256, text=True, span=item.span)
        case Kind.RECORDING:
            return Source(line.path, probed.size, probed.spans, sha256)
