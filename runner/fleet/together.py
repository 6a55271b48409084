"""What the runs of one process share with the other hosts of a fleet: looks at the service, and rates."""

from collections.abc import Callable

from runner.fleet.ledger_looks import LedgerLooks
from runner.fleet.rates import SharedRates
from runner.fleet.sharing import Shared
from runner.ledger.interface import Ledger
from runner.ledger.paces import Kind
from runner.tempo import LEAST_READS, Tempo


class Together:
    """One a process.

    Attributes:
        reader: answers the engines' reads; goes into `RunEnds`.
        reads: the tempo of the process's client.
        rates: what the signs of life exchange with the ledger; each run's submits join it.
    """

    def __init__(self, connect: Callable[[], Ledger], read_rate: float | None = None) -> None:
        """Open nothing yet.

        Args:
            connect: opens the fleet's ledger once more; MachineError where that cannot be had.
            read_rate: reads a second at most, as this process was told.
        """
        self._looks = LedgerLooks(connect)
        self.reader = Shared(self._looks)
        self.reads = Tempo(read_rate, floor=LEAST_READS)
        self.rates = SharedRates()
        self.rates.join(Kind.READ, self.reads)

    def close(self) -> None:
        """Give the connection back."""
        self._looks.close()
