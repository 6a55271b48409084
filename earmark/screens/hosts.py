"""Hosts on the screen of `earmark status`, and in its JSON."""

from collections.abc import Iterator, Mapping, Sequence

from earmark.hosts_standing import Elsewhere, HostsStanding
from earmark.screens.run_words import clipped
from earmark.screens.words import some
from earmark.screens.wrapping import wrapped
from earmark.terminal import printable, shortened
from earmark.times import ago
from manifests.money import show
from manifests.paths import as_written
from runner.ledger.fleet_rows import Host, Waiting

FEW = 3
"""Items named that wait for another host."""

NAME = 48
"""Columns of a file's name."""


def rows(found: HostsStanding | None, width: int) -> Iterator[str]:
    """The lines of a status; none where no host shares the work."""
    if found is None:
        return
    yield from wrapped("  hosts      ", _count(found.hosts), width)
    for host in found.hosts:
        yield from wrapped(f"    {printable(host.host)} ({host.pid})   ", _host(host, found.at), width)
    if found.waiting.shifts:
        yield from wrapped("  shifts     ", _shifts(found.waiting), width)
    yield from _elsewhere(found.elsewhere, width)


def _count(hosts: Sequence[Host]) -> str:
    """`2 at work, 1 idle, 1 lost`."""
    alive = [host for host in hosts if host.alive]
    idle = sum(not host.shifts for host in alive)
    at_work = len(alive) - idle
    parts = [f"{at_work:,} at work"] if at_work else []
    parts += [f"{idle:,} idle"] if idle else []
    parts = parts or ["none at work"]
    parts += [f"{len(hosts) - len(alive):,} lost"] if len(hosts) > len(alive) else []
    return ", ".join(parts)


def _host(host: Host, now: float) -> str:
    """`seen 3 s ago, 2 shifts with 87 items, $1.20 reserved, $0.31 in doubt`."""
    since = ago(now - host.seen)
    if not host.alive:
        return f"LOST, last sign of life {since}: what it held goes on elsewhere"
    held = [f"{some(host.shifts, 'shift')} with {some(host.lines, 'item')}" if host.shifts else "idle"]
    held += [f"{show(host.reserved)} reserved"] if host.reserved else []
    held += [f"{show(host.in_doubt)} in doubt"] if host.in_doubt else []
    return ", ".join([f"seen {since}", *held])


def _shifts(waiting: Waiting) -> str:
    parts = []
    if waiting.taken:
        parts.append(f"{waiting.taken:,} taken ({some(waiting.taken_lines, 'item')})")
    if waiting.waiting:
        parts.append(f"{waiting.waiting:,} waiting ({some(waiting.waiting_lines, 'item')})")
    return ", ".join(parts)


def _elsewhere(items: Sequence[Elsewhere], width: int) -> Iterator[str]:
    if not items:
        return
    waits = "waits" if len(items) == 1 else "wait"
    yield from wrapped("  elsewhere  ", f"{some(len(items), 'item')} {waits} for another host", width)
    for item in items[:FEW]:
        said = "; ".join(f"{printable(host)}: {clipped(reason)}" for host, reason in item.reasons)
        yield from wrapped("    ", f"{shortened(printable(item.file), NAME)}: {said}", width)
    if len(items) > FEW:
        yield f"    and {len(items) - FEW:,} more; all of them: --json"


def document(found: HostsStanding | None) -> Mapping[str, object]:
    """The same for machines; amounts in cents, times in seconds since 1970 by the ledger's clock."""
    if found is None:
        return {"hosts": [], "shifts": None, "elsewhere": []}
    waiting = found.waiting
    return {
        "hosts": [_object(host, found.at) for host in found.hosts],
        "shifts": {
            "taken": waiting.taken,
            "taken_items": waiting.taken_lines,
            "waiting": waiting.waiting,
            "waiting_items": waiting.waiting_lines,
        },
        "elsewhere": [_item(each) for each in found.elsewhere],
    }


def _object(host: Host, now: float) -> Mapping[str, object]:
    return {
        "host": host.host,
        "pid": host.pid,
        "version": host.version,
        "roots": list(host.roots),
        "alive": host.alive,
        "started": host.started,
        "seen": host.seen,
        "seen_seconds_ago": round(max(0.0, now - host.seen), 1),
        "shifts": host.shifts,
        "items": host.lines,
        "reserved": host.reserved,
        "in_doubt": host.in_doubt,
    }


def _item(item: Elsewhere) -> Mapping[str, object]:
    file, raw = as_written(item.file)
    return {
        "file": file,
        **({} if raw is None else {"file_bytes": raw}),
        "reasons": [{"host": host, "reason": reason} for host, reason in item.reasons],
    }
