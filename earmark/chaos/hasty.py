"""A command with every wait of the program made shorter: what takes a minute of patience takes seconds here.

    python -m earmark.chaos.hasty run manifest.yaml --max-spend 2

The program is the installed one; only how long it waits is changed, before the command is imported.
"""

import sys
from functools import partial

HASTE = 20.0
"""How many times shorter."""

FIRST_LOOK = 0.1
DOUBT_LOOKS = (0.0, 0.15, 0.4, 0.8, 2.0)
OLD_DOUBT_LOOKS = (0.0, 0.2)
BILL_WAIT = 2.0
"""Seconds; what these are for stands in `runner.engine.timing`."""

READ_PATIENCE = 1.0
ANSWER = 2.5
GRACE = 10.0
"""Seconds over all repeats of a read, for the answer to a call, and for a transfer on top of its size."""


def hurry() -> None:
    """Shorten every wait of this process."""
    _hurry_the_engine()
    _hurry_the_calls()


def _hurry_the_engine() -> None:
    from runner.engine import timing
    from runner.fleet import terms  # noqa: F401 - made with the class itself: hosts read it out of the ledger

    quicker = {
        "USAGE_GAPS": tuple(gap / HASTE for gap in timing.USAGE_GAPS),
        "USAGE_WHILE_BUSY": timing.USAGE_WHILE_BUSY / HASTE,
        "SETTLE_WAIT": timing.SETTLE_WAIT / HASTE,
        "WALLET_EVERY": timing.WALLET_EVERY / HASTE,
        "RATES_EVERY": timing.RATES_EVERY / HASTE,
        "SENDING_GRACE": timing.SENDING_GRACE / HASTE * 2,
        "THROTTLED_TO_STOP": timing.THROTTLED_TO_STOP / HASTE,
        "OLD_DOUBT_LOOKS": OLD_DOUBT_LOOKS,
        "backoff": _quicker_backoff(timing.backoff),
        "Patience": partial(
            timing.Patience,
            settle=timing.SETTLE_WAIT / HASTE,
            bill=BILL_WAIT,
            doubt_looks=DOUBT_LOOKS,
            first_look=FIRST_LOOK,
            longest_look=timing.LONGEST_LOOK / HASTE,
        ),
    }
    for name, value in quicker.items():
        setattr(timing, name, value)


def _quicker_backoff(backoff: object) -> object:
    def quicker(*words: object) -> float:
        return float(backoff(*words)) / HASTE  # type: ignore[operator]

    return quicker


def _hurry_the_calls() -> None:
    from tenacity import wait_exponential, wait_random

    from earmark import run_ends
    from runner import others
    from runner.api import deadlines, http, reads

    growing = wait_exponential(multiplier=reads.FIRST_WAIT / HASTE, max=reads.LONGEST_WAIT / HASTE)
    quicker: dict[object, dict[str, object]] = {
        run_ends: {"READ_PATIENCE": READ_PATIENCE},
        others: {"LOOK_EVERY": others.LOOK_EVERY / HASTE},
        reads: {"_GROWING": growing + wait_random(0, reads.JITTER / HASTE)},
        http: {
            "Deadlines": partial(
                deadlines.Deadlines, connect=ANSWER, read=ANSWER, answer=ANSWER, stall=ANSWER, grace=GRACE
            )
        },
    }
    for module, values in quicker.items():
        for name, value in values.items():
            setattr(module, name, value)


def main() -> int:
    """Do the command of this process's arguments, in a hurry; its exit code."""
    from earmark.main import group, through_the_door

    hurry()
    return through_the_door("earmark", lambda: group, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
