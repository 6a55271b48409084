"""A shift: taken, seen through by a run of its own (`runner.fleet.leased_run`), and ended.

What this host cannot send, or leaves, waits for others from the same transaction on in which the shift ends.
"""

from functools import partial

from manifests.errors import EarmarkError
from manifests.exits import Exit
from runner.engine.messages import Event, Halt, Signal
from runner.fleet.giving_back import Left, all_left
from runner.fleet.leased_run import LeasedRun
from runner.fleet.one_host import for_one_host, is_alone, unsure
from runner.fleet.outcome import Outcome
from runner.fleet.packing import pack
from runner.fleet.place import Place
from runner.fleet.proof import keep_answers
from runner.fleet.sharing import forget_bills
from runner.ledger.fleet_rows import NewShift, Taken
from runner.ledger.interface import LeaseLost, LedgerUnwritable
from runner.options import RunEnds


def take(
    place: Place, ends: RunEnds, shift_id: int | None = None, manifest_id: str | None = None
) -> "ShiftRun | None":
    """Take a shift that waits; None where none may be taken.

    Args:
        place: where this is.
        ends: the outside of the run. Its ledger is the shift's own until it is over; its locks are not taken
            and nobody is asked. Signals come by `interrupt`.
        shift_id: this one; else the one that has waited longest.
        manifest_id: of this manifest alone.
    """
    since = place.pulse.now()
    reach_for = partial(ends.ledger.take_shift, place.worker_id, place.by, shift_id, manifest_id)
    taken = ends.ledger.retried(reach_for)
    if taken is None:
        return None
    ends.ledger.drives(taken)
    place.pulse.add(taken.run_id, since)
    return ShiftRun(taken, place, ends)


def work(
    place: Place, ends: RunEnds, shift_id: int | None = None, manifest_id: str | None = None
) -> Outcome | None:
    """Take a shift and see it through; None where none may be taken. Raises as `ShiftRun.work`."""
    shift = take(place, ends, shift_id, manifest_id)
    return None if shift is None else shift.work()


class ShiftRun:
    """One shift that was taken."""

    def __init__(self, taken: Taken, place: Place, ends: RunEnds) -> None:
        self.taken, self._place = taken, place
        self._ledger, self._ends = ends.ledger, ends
        self._run: LeasedRun | None = None
        self._asked: list[Event] = []  # before the run was there

    def interrupt(self, number: int) -> None:
        """Leave as for a signal, which a second one hurries; from any thread."""
        self._deliver(Signal(number))

    def halt(self, reason: str) -> None:
        """Submit nothing more, and see through what runs; from any thread."""
        self._deliver(Halt(reason))

    def _deliver(self, event: Event) -> None:
        self._asked.append(event)
        if self._run is not None:
            self._run.deliver(event)

    def work(self) -> Outcome:
        """See it through, and end it: what this host leaves waits for others.

        Raises:
            LeaseLost: this run was taken for lost; whoever has the shift now goes on.
            LedgerUnwritable: the ledger cannot be reached: nothing more was sent, the lease ends by itself.
        """
        try:
            return self._worked()
        finally:
            self._place.pulse.drop(self.taken.run_id)
            self._ledger.run_id = self._ledger.lease = self._ledger.among = None

    def _new_run(self) -> LeasedRun:
        return LeasedRun(self.taken, self._place, self._ends)

    def _worked(self) -> Outcome:
        try:
            run = self._run = self._new_run()
        except EarmarkError as error:  # of a newer Earmark, say: another host may be able to read it
            return self._end_unread(error)
        for event in self._asked:
            run.deliver(event)
        try:
            report = run.go()
        except LeaseLost:
            keep_answers(self._ledger, run.unsaved)
            forget_bills(self._ends.reader)
            raise
        except LedgerUnwritable:
            forget_bills(self._ends.reader)
            raise
        except EarmarkError as error:
            outcome, left = run.outcome(str(error)), all_left(run.lines, str(error))
            return self._end(outcome, error.exit_code, left)
        finally:
            run.close()
        outcome, unreached = run.outcome(), unsure(dict(report.stops))
        if unreached and is_alone(self._ledger, self.taken.dispatch.dispatch_id, self._place):
            outcome = for_one_host(outcome, self._place.by.host)
            return self._end(outcome, report.exit, run.left(report, unreached))
        return self._end(outcome, report.exit, run.left(report))

    def _end(self, outcome: Outcome, exit_code: Exit, left: Left) -> Outcome:
        shift, dispatch = self.taken.shift, self.taken.dispatch
        keys = [line.key for line in left.lines]
        rest = [NewShift(pack(left.lines), keys, shift.buys)] if keys else []

        def end() -> None:
            for reason in outcome.shared_stops.values():  # other hosts take nothing more from here on
                self._ledger.stop_dispatch(dispatch.dispatch_id, reason)
            self._ledger.give_back(dispatch.dispatch_id, self._place.worker_id, left.reasons)
            self._place.ring(self._ledger.end_shift(shift.shift_id, outcome.encoded(), int(exit_code), rest))

        self._ledger.retried(end)
        return outcome

    def _end_unread(self, error: EarmarkError) -> Outcome:
        """This host cannot even read what there is to do: others may."""
        shift, dispatch = self.taken.shift, self.taken.dispatch
        outcome = Outcome(failed=str(error))
        keys = sorted(self.taken.keys)

        def end() -> None:
            reasons = dict.fromkeys(keys, str(error))
            self._ledger.give_back(dispatch.dispatch_id, self._place.worker_id, reasons)
            rest = [NewShift(shift.lines, keys, shift.buys)]
            self._place.ring(
                self._ledger.end_shift(shift.shift_id, outcome.encoded(), int(error.exit_code), rest)
            )

        self._ledger.retried(end)
        return outcome
