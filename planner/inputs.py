"""What a plan buys something of: recordings here and at addresses, texts to be spoken, prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from manifests.content import Span
from planner.distant import Distant
from planner.recording import Recording
from planner.roots import Root

AUDIO = frozenset({"audio", "video"})
"""What is read as a recording."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to be spoken, or a part of one that is too long for one job.

    `size`, `print` and `mtime_ns` are those of its file; `span` is in characters of the text that is
    spoken (`planner.texts`), and None where the text is a single part.
    """

    path: str
    size: int
    mtime_ns: int
    print: str
    sha256: str
    characters: int
    wide: int  # of these: Chinese, Japanese and Korean characters, each a syllable or more
    digits: int  # of these
    breaks_ms: int
    script: str  # zh, ja or ko, where its characters say so
    start: str  # its first words
    part: str | None = None
    span: Span | None = None
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Prompt:
    """An entry of a prompts file; `size` and `print` are those of the entry alone."""

    path: str
    size: int
    mtime_ns: int
    print: str
    number: int  # counted from 1
    line: int
    result: str  # beside its file; below the root once `planner.prompt_names` has seen all files
    given: Mapping[str, object] = field(default_factory=dict)  # options as the file has them
    kind: Literal["prompt"] = "prompt"

    @property
    def start(self) -> str:
        """Its words."""
        return str(self.given.get("prompt", ""))


Input: TypeAlias = Recording | Distant | Passage | Prompt
"""One of them makes one line a product."""


def named(one: Input, root: Root) -> str:
    """The name by which a manifest's line and the rules know an input."""
    return one.address.name if isinstance(one, Distant) else root.relative(one.path)
