"""Hosts that share the ledger of a small workplace: each works on shifts with files of its own."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from manifests.states import State
from runner.api.interface import UsageRow
from runner.fleet.crew import Crew
from runner.fleet.ends import FleetEnds, Hand
from runner.fleet.outcome import Outcome
from runner.fleet.packing import lines_of_shift, pack, unpack
from runner.fleet.place import Place
from runner.fleet.terms import decoded
from runner.ledger import billing
from runner.ledger.fleet_rows import NewShift, Taken
from runner.ledger.interface import Ledger
from runner.ledger.rows import Move, Reservation, ResultRow
from runner.ledger.runs import RunBy
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.lines import Line
from runner.options import RunOptions
from runner.prepare import NewItem, Stale, check, new_items
from runner.report import RunReport
from runner.results import place
from runner.start import run
from support.small_run import PROBES, Desk

BOUGHT = (State.UPLOADING, State.SENDING, State.SUBMITTED, State.FINISHED, State.SAVED)
"""What an item that goes well passes through."""


@dataclass
class Hands:
    """One host: works on shifts, buys what it sees under its root, and gives the rest back."""

    name: str
    root: Path
    output: Path
    outcome: Outcome = field(default_factory=Outcome)
    ends_at: Mapping[str, State] = field(default_factory=dict)  # by file, where it ends otherwise than saved
    before: Callable[[str], None] = lambda _file: None  # called before each purchase
    seen: list[str] = field(default_factory=list)  # files that were bought here
    signals: list[int] = field(default_factory=list)
    shifts: list[int] = field(default_factory=list)

    def take(self, place: Place, ends: Any, *, manifest_id: str | None = None) -> "Hand | None":
        """Take a shift, as `runner.fleet.shift.take` does."""
        ledger: Ledger = ends.ledger
        with ledger.transaction():
            taken = ledger.take_shift(place.worker_id, place.by, manifest_id=manifest_id)
        if taken is None:
            return None
        ledger.drives(taken)
        ledger.host = self.name
        self.shifts.append(taken.shift.shift_id)
        return OneShift(self, taken, ledger, place.worker_id)

    def work(self, taken: Taken, ledger: Ledger, worker_id: int) -> None:
        """As a shift's run does, with a service that answers at once."""
        packed = unpack(taken.shift.lines)
        lines = lines_of_shift(packed, self.root, decoded(taken.dispatch.options).priced)
        rest: dict[str, str] = {}
        left: list[Line] = []
        claimed = ledger.elsewhere(taken.dispatch.manifest_id, [line.key for line in lines])
        for line in lines:
            if line.key not in claimed:
                continue
            stopped = ledger.dispatch(taken.dispatch.dispatch_id).stopped is not None
            reason = "" if self.signals or stopped else self._buy(ledger, taken, line)
            if self.signals:
                left.append(line)
            if reason:
                rest[line.key] = reason
        self._end(ledger, taken, worker_id, lines, rest, left)

    def _buy(self, ledger: Ledger, taken: Taken, line: Line) -> str:
        """Buy one line; why not, where it cannot be."""
        (checked,) = check([line], PROBES)
        if isinstance(checked, Stale):
            return checked.reason
        manifest_id = taken.dispatch.manifest_id
        (item,) = new_items([checked], {}, PROBES)
        assert isinstance(item, NewItem)
        with ledger.transaction():
            ledger.put_items(manifest_id, [item])
        (row,) = ledger.items_of(manifest_id, [line.key])
        if row.state is not State.PLANNED:
            return ""
        self.before(line.item.path)
        with ledger.transaction():
            token = f"{self.name}-{row.part_id}-{row.tries}"
            attempt = ledger.reserve(
                Reservation(row.part_id, manifest_id, row.product, token, line.expected, line.ceiling)
            )
        end = self.ends_at.get(line.item.path, State.SAVED)
        for state in BOUGHT if end is State.SAVED else (*BOUGHT[:2], end):
            with ledger.transaction():
                ledger.move(Move(attempt, state, "", token if state is State.SUBMITTED else None))
                if state is State.FINISHED:
                    ledger.put_results(self._saved(row.item_id, line))
        if end is State.SAVED:
            with ledger.transaction():
                billing.add_rows(
                    ledger,
                    [
                        UsageRow(
                            row_id=f"row {token}",
                            service_type="transcription",
                            cents=line.expected,
                            job_id=token,
                        )
                    ],
                )
        self.seen.append(line.item.path)
        return ""

    def _saved(self, item_id: int, line: Line) -> list[ResultRow]:
        rows = []
        for name in ("json", "txt"):
            path = place(self.output, line.product.service.name, line.base, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"words")
            rows.append(ResultRow(item_id, name, str(path), 5, "0" * 64))
        return rows

    def _end(
        self,
        ledger: Ledger,
        taken: Taken,
        worker_id: int,
        lines: list[Line],
        rest: Mapping[str, str],
        left: list[Line],
    ) -> None:
        again = [line for line in lines if line.key in rest or line in left]
        shifts = [NewShift(pack(again), [line.key for line in again])] if again else []
        with ledger.transaction():
            for text in self.outcome.shared_stops.values():
                ledger.stop_dispatch(taken.dispatch.dispatch_id, text)
            ledger.give_back(taken.dispatch.dispatch_id, worker_id, rest)
            ledger.end_shift(taken.shift.shift_id, self.outcome.encoded(), 0, shifts)


@dataclass
class OneShift:
    """A shift that a host has."""

    hands: Hands
    taken: Taken
    ledger: Ledger
    worker_id: int

    def work(self) -> None:
        """See it through."""
        self.hands.work(self.taken, self.ledger, self.worker_id)

    def interrupt(self, number: int) -> None:
        """Buy nothing more."""
        self.hands.signals.append(number)


class NoPulse:
    """Signs of life are not the matter here."""

    def add(self, run_id: int, since: float) -> None:
        """None are given."""

    def drop(self, run_id: int) -> None:
        """None were."""

    def now(self) -> float:
        """No time passes."""
        return 0.0

    def holds(self, _run_id: int) -> bool:
        """No lease ends."""
        return True

    def is_lost(self, _run_id: int) -> bool:
        """Nobody is lost."""
        return False

    def stopped(self, _run_id: int) -> str:
        """Nobody is told."""
        return ""


class FleetDesk(Desk):
    """A workplace whose ledger is a shared one: a run on host `desk`, and others beside it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ledger.host = "desk"
        self.rung: list[int] = []
        self.said: list[str] = []
        self.hands = Hands("desk", self.folder, self.output)  # of the run's own process
        self.crews: list[Crew] = []
        self.take: Any = None  # what the run's own threads do; None: as `hands` do

    def connect(self) -> Ledger:
        """Another connection."""
        ledger = SqliteLedger(self.folder / "state" / "ledger.db", self.ledger.moment)
        ledger.db.execute("PRAGMA synchronous = OFF")
        return ledger

    def host(self, name: str, folder: str | None = None, *, at_once: int = 1, **changes: Any) -> Hands:
        """A worker beside the run, whose files lie in a folder of its own; it takes shifts from now on."""
        root = self.folder if folder is None else self.folder / folder
        hands, by = Hands(name, root, root / "results", **changes), RunBy("ben", name, 8)
        with closing(self.connect()) as ledger, ledger.transaction():
            worker_id = ledger.enter(by, [str(root)])
        place = Place(worker_id, by, hands.output, NoPulse())

        def take(ledger: Ledger) -> Hand | None:
            return hands.take(place, replace(self.ends(), ledger=ledger), manifest_id="m1")

        crew = Crew(FleetEnds(self.connect, hands.take, at_once=at_once, look=0.02), SimpleQueue())
        crew.start(take)
        self.crews.append(crew)
        return hands

    def options(self, **changes: Any) -> RunOptions:
        """As ever, by somebody at a host."""
        return super().options(**{"by": RunBy("anna", "desk", 7), **changes})

    def dispatch(self, manifest: Any, *, at_once: int = 1, **changes: Any) -> RunReport:
        """Run a manifest on the shared ledger; changes of ends and of options."""
        fleet = FleetEnds(
            self.connect,
            self.take or self.hands.take,
            lambda _ledger, ids: self.rung.extend(ids),
            at_once,
            look=0.02,
        )
        names = ("api", "ask", "go_on", "listener", "watch", "on_signals", "locks", "probes")
        ends = {name: changes.pop(name) for name in names if name in changes}
        given = replace(self.ends(**ends), fleet=fleet, say=self.said.append)
        return run(manifest, self.options(**changes), given)

    def close(self) -> None:
        """Close what is open."""
        for crew in self.crews:
            crew.close(5.0)
        super().close()
