"""Every durable step of a run by name: where a test can end the process, and look what the next one does.

A run calls `RunEnds.reach` at each of them, which does nothing but in tests (docs/guarantees.md).
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class Point(StrEnum):
    """A place in a run; before and after are the two sides of what makes a step durable."""

    BEFORE_COMMIT = "before-commit"  # any transaction of the ledger: caps, items, allotments and all below
    AFTER_COMMIT = "after-commit"
    BEFORE_RESERVE = "before-reserve"
    AFTER_RESERVE = "after-reserve"
    BEFORE_UPLOAD = "before-upload"  # durable as uploading; no byte is out
    LAST_CHUNK = "last-chunk"  # all bytes but the last chunk are out, and nobody was asked about that one
    BEFORE_SENDING = "before-sending"
    AFTER_SENDING = "after-sending"
    RELEASED = "released"  # the upload's thread has the word, and lets the last chunk go next
    ANSWERED = "answered"  # the answer is in hand, and nowhere else
    BEFORE_NUMBER = "before-number"  # the job's number
    AFTER_NUMBER = "after-number"
    BEFORE_DOUBT = "before-doubt"
    AFTER_DOUBT = "after-doubt"
    BEFORE_RELEASE = "before-release"  # a reservation given back
    AFTER_RELEASE = "after-release"
    BEFORE_END = "before-end"  # the job was seen to end
    AFTER_END = "after-end"
    BEFORE_FETCH = "before-fetch"
    DOWNLOADED = "downloaded"  # a part file, whole and synced, without its name
    RENAMED = "renamed"  # it has its name; its folder is not synced
    PLACED = "placed"
    BEFORE_RECORD = "before-record"  # the results
    AFTER_RECORD = "after-record"
    BEFORE_SETTLE = "before-settle"
    AFTER_SETTLE = "after-settle"
    BEFORE_JOIN = "before-join"  # of the parts of a long text
    AFTER_JOIN = "after-join"


Reach: TypeAlias = Callable[[Point], None]


def nowhere(_point: Point) -> None:
    """Nothing happens at any point."""
