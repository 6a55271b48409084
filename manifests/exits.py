"""Exit codes, and which of them wins when several apply."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The meaning of an exit code (docs/exit-codes.md)."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    REFUSED = 3
    OUT_OF_MONEY = 4
    KEY = 5
    STALE = 6
    IN_DOUBT = 7
    SERVICE_DOWN = 8
    STOPPED_AS_TOLD = 9
    MACHINE = 10
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


PRECEDENCE = (
    Exit.INTERRUPTED,
    Exit.TERMINATED,
    Exit.BUG,
    Exit.KEY,
    Exit.MACHINE,
    Exit.STALE,
    Exit.REFUSED,
    Exit.OUT_OF_MONEY,
    Exit.SERVICE_DOWN,
    Exit.IN_DOUBT,
    Exit.SOME_FAILED,
    Exit.STOPPED_AS_TOLD,
)


def strongest(codes: Iterable[Exit]) -> Exit:
    """The one code to exit with when several apply; `Exit.DONE` when none does.

    Codes outside the order (`Exit.USAGE`) end a command before anything else can apply.
    """
    seen = set(codes)
    return next((code for code in PRECEDENCE if code in seen), Exit.DONE)
