"""Hosts at work on a shared ledger: their signs of life, what each holds, what waits for which of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from runner.ledger.fleet_rows import Absence, Host, Waiting
from runner.ledger.interface import Ledger

REMEMBERED = 86_400.0
"""Seconds for which a host is shown that gave no sign of life any more."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An item that some hosts cannot send: it waits for another one."""

    file: str
    reasons: Sequence[tuple[str, str]]  # host, and what it said


@dataclass(frozen=True, slots=True)
class HostsStanding:
    """All hosts of a ledger, and how much of one manifest they have and is left."""

    at: float  # seconds since 1970, by the ledger's clock
    hosts: Sequence[Host] = ()
    waiting: Waiting = Waiting()  # noqa: RUF009 - frozen
    elsewhere: Sequence[Elsewhere] = ()


def hosts_standing(
    ledger: Ledger, manifest_id: str, files: Callable[[], Mapping[str, str]]
) -> HostsStanding | None:
    """As the ledger has it; None where no host works and nothing is shared out.

    Args:
        ledger: of this wallet.
        manifest_id: whose shifts are counted.
        files: the files of the manifest's lines by their keys; asked only where an item waits for a host.
    """
    at = ledger.moment()
    hosts = [each for each in ledger.hosts(at - REMEMBERED) if each.ended is None]
    waiting = ledger.waiting(manifest_id)
    if not (hosts or waiting.shifts):
        return None
    absences = [
        each for found in ledger.dispatches(manifest_id) for each in ledger.absences(found.dispatch_id)
    ]
    return HostsStanding(at, hosts, waiting, _elsewhere(absences, files) if absences else ())


def _elsewhere(absences: Sequence[Absence], files: Callable[[], Mapping[str, str]]) -> list[Elsewhere]:
    named = files()
    reasons: dict[str, list[tuple[str, str]]] = {}
    for each in absences:
        reasons.setdefault(each.line, []).append((each.host, each.reason))
    return [Elsewhere(named.get(line, line), tuple(said)) for line, said in reasons.items()]
