"""How a run ended, in one word; and what else applies that a single exit code hides."""

from collections.abc import Mapping

from manifests.exits import PRECEDENCE, Exit
from runner.engine.world import EXITS, LEAVING
from runner.report import RunReport

WORDS: Mapping[Exit, str] = {
    Exit.DONE: "done",
    Exit.SOME_FAILED: "some failed",
    Exit.USAGE: "wrong usage",
    Exit.REFUSED: "refused",
    Exit.OUT_OF_MONEY: "out of money",
    Exit.KEY: "key refused",
    Exit.STALE: "stale",
    Exit.IN_DOUBT: "in doubt",
    Exit.SERVICE_DOWN: "service down",
    Exit.STOPPED_AS_TOLD: "stopped as told",
    Exit.MACHINE: "this machine",
    Exit.BUG: "a bug",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "terminated",
}
"""A word for each exit code (docs/exit-codes.md)."""


def also(report: RunReport) -> list[Exit]:
    """The other codes that apply, strongest first.

    That work is left says nothing beside the reason for it; nor does that jobs still run, or wait to
    be fetched, after a stop that leaves them to the next run.
    """
    codes = set(report.codes) - {report.exit}
    codes -= {Exit.STOPPED_AS_TOLD}
    left_running = report.signal or any(stop in LEAVING for stop, _ in report.stops)
    down = any(EXITS.get(stop) is Exit.SERVICE_DOWN for stop, _ in report.stops)
    if left_running and not down:
        codes -= {Exit.SERVICE_DOWN}
    return [code for code in PRECEDENCE if code in codes]
