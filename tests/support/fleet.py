"""A few hosts on one ledger under one virtual clock; each has a connection of its own."""

from dataclasses import dataclass, field
from pathlib import Path

from manifests.money import Cents
from manifests.states import State
from runner.ledger.fleet_rows import NewShift, Taken
from runner.ledger.interface import Ledger
from runner.ledger.rows import Move, NewItem, Reservation
from runner.ledger.runs import RunBy
from support.ledgers import Shelf


@dataclass
class Clock:
    """The ledger's own clock: seconds since 1970."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Host:
    """One process that takes shifts."""

    name: str
    ledger: Ledger
    worker_id: int

    @property
    def by(self) -> RunBy:
        """Who it is."""
        return RunBy("anna", self.name, 7, "1.0", "m1", "")

    def take(self, **which: object) -> Taken | None:
        """Take a shift, which this host's ledger drives from then on."""
        with self.ledger.transaction():
            taken = self.ledger.take_shift(self.worker_id, self.by, **which)  # type: ignore[arg-type]
        if taken is not None:
            self.ledger.drives(taken)
        return taken

    def reserve(self, part_id: int, *states: State, ceiling: int = 6) -> int:
        """Begin to buy a part, and bring it to a state."""
        with self.ledger.transaction():
            made = self.ledger.reserve(
                Reservation(
                    part_id, "m1", "transcription", f"t{self.name}{part_id}", Cents(5), Cents(ceiling)
                )
            )
            for state in states:
                job = f"job {made}" if state is State.SUBMITTED else None
                self.ledger.move(Move(made, state, "", job))
        return made


@dataclass
class Yard:
    """One manifest, a run that offers its lines, and hosts."""

    folder: Path
    shelf: Shelf
    lines: int = 4
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.ledger = self.open()
        with self.ledger.transaction():
            self.ledger.put_manifest("m1", self.folder / "m.yaml", Cents(100))
            self.ledger.put_items("m1", [new_item(number) for number in range(self.lines)])

    def open(self) -> Ledger:
        """One more connection."""
        return self.shelf.open(self.clock)

    def close(self) -> None:
        """Close all connections."""
        self.shelf.close()

    def host(self, name: str, *roots: str) -> Host:
        """A host with a worker."""
        ledger = self.open()
        with ledger.transaction():
            worker_id = ledger.enter(RunBy("anna", name, 7, "1.0", "", ""), roots)
        return Host(name, ledger, worker_id)

    def dispatch(self, *shifts: tuple[str, ...], lease: float = 30.0) -> int:
        """Begin a run that offers these lines, in shifts."""
        with self.ledger.transaction():
            self.ledger.begin_run("m1", RunBy("anna", "desk", 1), lease)
            made = self.ledger.begin_dispatch("m1", "{}", "{}", 100)
            self.ledger.allot("m1", 50)
            for keys in shifts:
                assert self.ledger.offer(made, new_shift(*keys)) is not None
        return made

    def fence(self) -> list:
        """Look for the dead, as a host that has none of their work."""
        ledger = self.open()
        with ledger.transaction():
            return ledger.fence_dead()

    def states(self) -> list[str]:
        """The states of all shifts."""
        return [row[0] for row in self.ledger.db.execute("SELECT state FROM shifts ORDER BY id").fetchall()]

    def claims(self) -> dict[str, int]:
        """Which shift has each line."""
        return dict(self.ledger.db.execute("SELECT line, shift_id FROM claims").fetchall())


def new_shift(*keys: str) -> NewShift:
    """A shift of some lines."""
    return NewShift("[" + ",".join(f'"{key}"' for key in keys) + "]", keys)


def new_item(number: int) -> NewItem:
    """A line of a recording with audio of its own."""
    return NewItem(
        line=f"l{number}",
        file=f"{number}.mp3",
        size=10,
        print="p",
        base=str(number),
        wanted="{}",
        content_key=f"{number:064x}",
        sha256=f"{number:064x}",
        product="transcription",
        options="{}",
        generation=0,
        audio_bytes=10,
    )
