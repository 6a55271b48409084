"""The wallet's usage rows, in all the forms in which they may turn up or fail to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulator.books import Job, UsageRow
from simulator.purses import row_id

STRANGER_KEY_ID = row_id("key", -1)
"""The key under which somebody else on the account spends."""


@dataclass(slots=True)
class UsageBook:
    """Rows in the order in which they were written."""

    rows: list[UsageRow] = field(default_factory=list)
    _written: int = 0

    def write(self, job: Job, cents: int, now: float) -> None:
        """Write what a job was charged, in the form that its fate asks for."""
        order, form = job.order, job.fate.usage
        if form == "never":
            return
        shown = now + job.fate.usage_delay
        number = None if form == "without_job_id" else str(job.id)
        row = UsageRow(
            self._id(), order.service_type, order.seconds, cents, number, order.api_key_id, now, shown
        )
        match form:
            case "twice":
                self.rows += [row, row]
            case "split" if cents > 1:
                self.rows += [
                    replace(row, cents=cents // 2),
                    replace(row, id=self._id(), cents=cents - cents // 2),
                ]
            case _:
                self.rows.append(row)

    def write_stranger(self, cents: int, now: float) -> None:
        """Write what somebody else on this account spent: a job that is in none of our lists."""
        number = str(900_000 + self._written)
        row = UsageRow(self._id(), "music_generation", cents * 15, cents, number, STRANGER_KEY_ID, now, now)
        self.rows.append(row)

    def shown(self, now: float, delay: float = 0.0) -> Iterator[UsageRow]:
        """The rows that can be seen, newest first; `delay` holds all of them back by so many seconds."""
        return (row for row in reversed(self.rows) if row.visible_from + delay <= now)

    def _id(self) -> str:
        self._written += 1
        return row_id("usage", self._written)
