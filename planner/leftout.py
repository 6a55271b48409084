"""Files that a plan leaves out, and why: each is listed, none is dropped in silence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from manifests.errors import EarmarkError
from manifests.exits import Exit


class Reason(StrEnum):
    """Why a file, or a whole folder, is not in the plan; the text reads well after a count: `4 not audio`."""

    NOT_AUDIO = "not audio"
    EMPTY = "empty"
    LFS_POINTER = "git-lfs pointer"
    TRUNCATED = "cut off"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    NO_LENGTH = "without a length"
    NOT_UTF8 = "not UTF-8"
    NOT_SPOKEN = "not fit to be spoken"
    NO_PROMPTS = "without readable prompts"
    NOT_TAKEN = "of another kind"
    VANISHED = "vanished"
    PRIVATE = "in a private network"
    HIDDEN = "hidden"
    OWN = "made by Earmark"
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not included"
    NO_RULE = "without a rule"
    SKIPPED = "skipped by a rule"
    BROKEN_LINK = "broken link"
    TWICE = "reached twice"
    NOT_A_FILE = "not a file"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that is left out; a folder counts once, whatever lies in it."""

    path: str
    reason: Reason
    detail: str = ""
    folder: bool = False


_LASTING = frozenset(
    {
        Reason.NOT_AUDIO,
        Reason.EMPTY,
        Reason.LFS_POINTER,
        Reason.TRUNCATED,
        Reason.DAMAGED,
        Reason.NO_LENGTH,
    }
)


class Unreadable(EarmarkError):
    """A file that cannot be read, or whose length cannot; it is left out of a plan and never stops one."""

    exit_code = Exit.USAGE

    def __init__(self, reason: Reason, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.reason = reason
        self.path = path
        self.detail = detail
        self.lasting = reason in _LASTING  # so it stays as long as the file's bytes do

    def for_now(self) -> Self:
        """The same, where a busy machine may have had a part in it: it is tried again."""
        self.lasting = False
        return self

    def left_out(self) -> LeftOut:
        """The line that the plan lists for this file."""
        return LeftOut(self.path, self.reason, self.detail)
