"""What a dispatch sees of its shifts: who is lost, what is over, which lines nobody can send."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from manifests.money import Cents, show
from runner.engine.engine import Engine
from runner.engine.world import Stop
from runner.fleet.ends import Ring
from runner.fleet.outcome import Outcome, decoded, merge
from runner.fleet.packing import unpack
from runner.ledger.fleet_rows import MOST_LOST, Absence, Ended, Fenced, Host, Shift, ShiftState, Waiting
from runner.ledger.interface import Ledger

LATE = 30.0
"""Seconds for which a shift that is over may show late: it is durable a little after it says it ended."""

FEW = 3
"""Files that a sentence names."""


@dataclass(slots=True)
class _Followed:
    """One dispatch that is looked after."""

    own: bool
    since: float = 0.0
    known: set[int] = field(default_factory=set)  # shifts that are over and were told


class Watch:
    """Looks after the shifts of one manifest, from one of its runs."""

    def __init__(
        self,
        ledger: Ledger,
        manifest_id: str,
        engine: Engine,
        ring: Ring,
        say: Callable[[str], None],
        name_of: Callable[[str], str],
    ) -> None:
        """`say` tells people at once, notes tell them at the end; `name_of` names a line's file."""
        self._ledger, self._id, self._engine = ledger, manifest_id, engine
        self._ring, self._say, self._name_of = ring, say, name_of
        self._followed: dict[int, _Followed] = {}
        self._said: set[str] = set()
        self._waits: set[str] = set()  # keys of lines of which it was told that they wait for another host
        self.waiting = Waiting()
        self.given_up: dict[str, str] = {}  # why, by the key of a line
        self.changed: dict[str, str] = {}  # likewise: what a host found changed on its way up
        self.troubles: dict[Stop, str] = {}  # of single hosts, which stopped nobody else

    def follow(self, dispatch_id: int, *, own: bool) -> None:
        """Look after a dispatch: one's own, or one that an earlier run left."""
        self._followed.setdefault(dispatch_id, _Followed(own))

    def orphans(self) -> list[int]:
        """Dispatches that are followed whose own run is gone: nobody else could stop them."""
        left = (each for each in self._ledger.dispatches(self._id) if each.dispatch_id in self._followed)
        return [
            each.dispatch_id
            for each in left
            if not self._followed[each.dispatch_id].own and not self._ledger.lives(each.run_id)
        ]

    def recover(self) -> None:
        """Free what lost runs drove, and ring for their shifts."""
        for each in self._ledger.durably(self._fence):
            if each.manifest_id == self._id:
                self._tell(_lost(each))

    def _fence(self) -> list[Fenced]:
        lost = self._ledger.fence_dead()
        back = [each.shift_id for each in lost if each.shift_id is not None]
        if back:
            self._ring(self._ledger, back)
        return lost

    def look(self) -> None:
        """See how far the shifts are."""
        for dispatch_id, followed in self._followed.items():
            for ended in self._ledger.ended_shifts(dispatch_id, followed.since - LATE):
                if ended.shift_id not in followed.known:
                    followed.known.add(ended.shift_id)
                    self._merge(ended, own=followed.own)
                followed.since = max(followed.since, ended.since)
        self.waiting = self._ledger.waiting(self._id)
        if self.waiting.waiting:
            self._look_for_hosts()

    def _merge(self, ended: Ended, *, own: bool) -> None:
        if ended.state is ShiftState.CANCELLED:
            self._tell_of_the_lost(self._ledger.shift(ended.shift_id))
        outcome = decoded(ended.outcome)
        for stop, message in outcome.local_stops.items():
            if stop is not Stop.SIGNAL:
                self.troubles.setdefault(stop, f"host {ended.host}: {message}")
                self._tell(f"host {ended.host} does no more of this: {message}")
        self.changed.update(outcome.changed)
        if own:
            merge(outcome, self._engine)
        else:  # its money and its bytes are another run's
            merge(Outcome(stops=outcome.stops, notes=outcome.notes), self._engine)

    def _tell_of_the_lost(self, shift: Shift) -> None:
        """Name what is given to no host any more, as too many were lost over it."""
        if shift.tries >= MOST_LOST:
            files = list(dict.fromkeys(each.item.path for each in unpack(shift.lines)))
            which = _some(files[:FEW], len(files))
            self._tell(
                f"{shift.tries} hosts were lost over {which}: this run gives it to no other."
                " Look at what ended them; the same command tries again"
            )

    def _look_for_hosts(self) -> None:
        """Name what waits for another host, and give up what no living host can send."""
        hosts = self._ledger.hosts()
        for dispatch_id in self._followed:
            absences = self._ledger.absences(dispatch_id)
            if not absences:
                continue
            hopeless = self._ledger.hopeless(dispatch_id)
            why = reasons(absences, hosts)
            if hopeless:
                self._ledger.durably(partial(self._ledger.give_up, dispatch_id, hopeless))
                self.given_up |= {key: why[key] for key in hopeless if key in why}
            self._tell_waiting({key: text for key, text in why.items() if key not in set(hopeless)})

    def _tell_waiting(self, why: Mapping[str, str]) -> None:
        """Once a line: the same ones, or some of them, are no news."""
        new = [key for key in why if key not in self._waits]
        self._waits.update(new)
        if new:
            files = [self._name_of(key) for key in new[:FEW]]
            wait = "waits" if len(new) == 1 else "wait"
            self._tell_now(f"{_some(files, len(new))} {wait} for another host: {why[new[0]]}")

    def _tell(self, text: str) -> None:
        """Now, and at the end."""
        self._engine.world.note(text)
        self._tell_now(text)

    def _tell_now(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)


def reasons(absences: Iterable[Absence], hosts: Sequence[Host]) -> dict[str, str]:
    """Why hosts cannot send some lines, by their keys: each host with its reason, where there are several."""
    names = host_names(hosts)
    by_line: dict[str, list[Absence]] = {}
    for each in absences:
        by_line.setdefault(each.line, []).append(each)
    return {
        key: found[0].reason
        if len(names) == 1 and len(found) == 1
        else "; ".join(f"{names.get(each.worker_id, each.host)}: {each.reason}" for each in found)
        for key, found in by_line.items()
    }


def host_names(hosts: Sequence[Host]) -> dict[int, str]:
    """What people call each process that takes shifts: its host, with its number where that has several."""
    alive = [host.host for host in hosts if host.alive]
    return {
        host.worker_id: host.host if alive.count(host.host) < 2 else f"{host.host} (process {host.pid})"  # noqa: PLR2004
        for host in hosts
    }


def counted_cap(own: Cents, others: Iterable[tuple[Cents, str]]) -> tuple[Cents, str]:
    """The cap that counts beside living runs of the same manifest, each with its cap and host, and why.

    The smaller one wins; the sentence is empty where one's own counts.
    """
    least, host = min(others, default=(own, ""))
    if least >= own:
        return own, ""
    return least, f"cap {show(least)} of the run on host {host} counts, not {show(own)}"


def lowered(own: Cents, stored: Cents, host: str) -> str:
    """What a run says whose cap another one lowered meanwhile."""
    return f"cap {show(stored)} of the run on host {host} counts from now on, not {show(own)}"


def _lost(fenced: Fenced) -> str:
    doubt = f"; {fenced.in_doubt} in doubt" if fenced.in_doubt else ""
    goes_on = "what it had goes on elsewhere" if fenced.shift_id is not None else "what it had is free"
    return f"host {fenced.host} was lost: {goes_on}{doubt}"


def _some(files: Sequence[str], count: int) -> str:
    more = f" and {count - FEW:,} more" if count > FEW else ""
    return ", ".join(files) + more
