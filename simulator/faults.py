"""Which faults strike at a request; each counts the requests that match it, and draws from the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from random import Random
from typing import Any, get_args

from simulator.books import Fate
from simulator.scenario import Fault, Losing, Refusing

REFUSING = frozenset(get_args(Refusing))
LOSING = frozenset(get_args(Losing))


class Striker:
    """One fault with its count of matching requests and its own dice."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self._random = Random(seed)
        self._seen = 0
        self._struck = 0

    def strikes(self, kind: str, name: str) -> bool:
        """Whether this fault strikes at a request; every call counts as one request."""
        fault = self.fault
        if not fnmatchcase(kind, fault.at) or (fault.name is not None and not fnmatchcase(name, fault.name)):
            return False
        self._seen += 1
        if not self._due() or (fault.times is not None and self._struck >= fault.times):
            return False
        self._struck += 1
        return True

    def _due(self) -> bool:
        fault = self.fault
        chosen: list[bool] = []
        if fault.nth is not None:
            chosen.append(self._seen in ((fault.nth,) if isinstance(fault.nth, int) else fault.nth))
        if fault.every is not None:
            chosen.append(self._seen % fault.every == 0)
        if fault.probability is not None:
            chosen.append(self._random.random() < fault.probability)
        return any(chosen) if chosen else True


class Faults:
    """All faults of a simulator, in the order in which they were added."""

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self._seed = seed
        self._strikers: list[Striker] = []
        self.struck: Counter[str] = Counter()
        """How often each kind of fault struck, also those that were cleared since."""
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Let one more thing go wrong from now on."""
        self._strikers.append(Striker(fault, f"{self._seed} {len(self._strikers)}"))

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self._strikers.clear()

    def striking(self, kind: str, name: str) -> tuple[Fault, ...]:
        """The faults that strike at this request. To be asked once for each request, since asking counts."""
        found = tuple(striker.fault for striker in self._strikers if striker.strikes(kind, name))
        self.struck.update(fault.do for fault in found)
        return found


def first(faults: Iterable[Fault], kinds: frozenset[str]) -> Fault | None:
    """The first of these faults that is of one of these kinds."""
    return next((fault for fault in faults if fault.do in kinds), None)


def fate_of(faults: Iterable[Fault], *, jobs_end: bool = True) -> Fate:
    """What becomes of a job that these faults struck; where they disagree the last one wins."""
    told: dict[str, Any] = {} if jobs_end else {"ending": "NEVER"}
    for fault in faults:
        if fault.do in _FATES:
            told |= _FATES[fault.do](fault)
    return Fate(**told)


_FATES: dict[str, Callable[[Fault], dict[str, Any]]] = {
    "fail": lambda fault: {"ending": "FAILED", "message": fault.text},
    "fail_charged": lambda fault: {"ending": "FAILED", "charged": True, "message": fault.text},
    "cancel": lambda _fault: {"ending": "CANCELLED"},
    "never": lambda _fault: {"ending": "NEVER"},
    "no_result": lambda _fault: {"hides_result": True},
    "status_word": lambda fault: {"word": fault.text},
    "job_seconds": lambda fault: {"seconds": fault.seconds},
    "usage_late": lambda fault: {"usage_delay": fault.seconds},
    "usage_never": lambda _fault: {"usage": "never"},
    "usage_twice": lambda _fault: {"usage": "twice"},
    "usage_split": lambda _fault: {"usage": "split"},
    "usage_without_job_id": lambda _fault: {"usage": "without_job_id"},
    "charge_extra": lambda fault: {"extra_cents": fault.cents},
}
"""What each fault changes in the fate of the job that it struck."""
