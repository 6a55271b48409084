"""The program's own shift on a simulated host: hands perform its actions, waits are virtual."""

import random
from typing import TYPE_CHECKING, Any

from runner.file_locks import FileLocks
from runner.fleet.beating import Pulse
from runner.fleet.leased_run import LeasedRun
from runner.fleet.place import Place
from runner.fleet.shift import ShiftRun, take
from runner.options import RunEnds
from runner.performer import Performer
from support.fleetsim import goods
from support.fleetsim.far import FarLedger
from support.fleetsim.hands import Api, Hands

if TYPE_CHECKING:
    from support.fleetsim.machine import Machine


class SimulatedRun(LeasedRun):
    """A host's part of a run."""

    hands: Hands

    def _new_performer(self) -> Performer:
        hands: Any = self._ends.api().hands
        hands.may_send, self._inbox = self._ends.may_send, hands.inbox
        return hands


class SimulatedShift(ShiftRun):
    """A shift that was taken."""

    def _new_run(self) -> LeasedRun:
        return SimulatedRun(self.taken, self._place, self._ends)


def work(machine: "Machine", ledger: FarLedger, hands: Hands, pulse: Pulse) -> bool:
    """Take a shift and see it through; False where none may be taken."""
    fleet = machine.fleet
    place = Place(
        machine.worker_id, machine.by, machine.output, pulse, roots=(fleet.folder,), ring=fleet.ring
    )
    seed = f"{machine.name} {machine.lives} {machine.shifts}"
    api, hexes = Api(hands), random.Random(f"hex {seed} {fleet.scale.seed}")
    ends = RunEnds(
        api=lambda: api,
        ledger=ledger,
        locks=FileLocks(fleet.folder / "locks", hands.process.sleep),
        probes=goods.probes(fleet.size, machine.sees),
        clock=machine.clock,
        reach=machine.reach,
        random_hex=lambda count: hexes.randbytes(count).hex(),
        rng=random.Random(f"rng {seed} {fleet.scale.seed}"),
    )
    shift = take(place, ends)
    if shift is None:
        return False
    machine.shifts += 1
    SimulatedShift(shift.taken, place, ends).work()
    return True
