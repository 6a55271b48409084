"""Makes `benchmarks/RESULTS.md` of what pytest-benchmark measured: ours, peers, ratio, machine.

A group of benchmarks is a row; in each group `extra_info` names `who` was measured ("earmark" or a peer) and
how many things (`count`) a round went over, so that runs of different size compare.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OURS = "earmark"
NOTE = "Each figure is the quickest round; ours and its peers ran in one go. A quarter more or less is noise."
_WORDS = frozenset({"who", "count", "goal", "limit"})


@dataclass(frozen=True, slots=True)
class Timing:
    """One contender of a row; `seconds` of its quickest round over `count` things."""

    who: str
    seconds: float
    count: int
    rounds: int
    goal: str = ""
    limit: str = ""
    figures: Mapping[str, object] = field(default_factory=dict)

    @property
    def each(self) -> float:
        """Seconds a thing."""
        return self.seconds / self.count


def timing_of(entry: Mapping[str, Any]) -> Timing:
    """A contender, from an entry of pytest-benchmark's JSON."""
    extra = entry["extra_info"]
    return Timing(
        who=extra.get("who", OURS),
        seconds=entry["stats"]["min"],
        count=extra.get("count", 1),
        rounds=entry["stats"]["rounds"],
        goal=extra.get("goal", ""),
        limit=extra.get("limit", ""),
        figures={name: value for name, value in extra.items() if name not in _WORDS},
    )


def page(measured: Mapping[str, Any]) -> str:
    """The whole page, from pytest-benchmark's JSON."""
    rows: dict[str, list[Timing]] = {}
    for entry in measured["benchmarks"]:
        rows.setdefault(entry["group"] or entry["name"], []).append(timing_of(entry))
    lines = [
        "# What was measured",
        "",
        f"By `make bench` on {_date(measured)}: {_machine(measured['machine_info'])}. {NOTE}",
        "",
        "| what | Earmark | peer | Earmark against the peer | goal | what limits it |",
        "|---|---|---|---|---|---|",
        *(line for name, timings in rows.items() for line in _lines(name, timings)),
    ]
    return "\n".join(lines) + "\n"


def _lines(name: str, timings: Sequence[Timing]) -> Iterable[str]:
    """A line a peer; one without a ratio where there is none."""
    ours = next((each for each in timings if each.who == OURS), None)
    peers = [each for each in timings if each.who != OURS]
    goal, limit = (ours.goal, ours.limit) if ours else ("", "")
    for peer in peers or [None]:
        ratio = against(ours, peer) if ours and peer else ""
        yield f"| {name} | {_shown(ours)} | {_shown(peer, named=True)} | {ratio} | {goal} | {limit} |"
        name = goal = limit = ""  # said once


def against(ours: Timing, peer: Timing) -> str:
    """`1.60 times as fast`, or `3.2 times the time`: so much for each thing."""
    ratio = peer.each / ours.each
    return f"{ratio:.2f} times as fast" if ratio >= 1 else f"{1 / ratio:.2f} times the time"


def _shown(one: Timing | None, *, named: bool = False) -> str:
    if one is None:
        return ""
    told = [span(one.seconds)]
    if one.count > 1:
        told.append(f"{one.count / one.seconds:,.0f} a second of {one.count:,}")
    told += [f"{name.replace('_', ' ')} {value}" for name, value in one.figures.items()]
    return (f"{one.who}: " if named else "") + ", ".join(told)


def span(seconds: float) -> str:
    """`48 ms`, `3.21 s`, `2 min 05 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:02.0f} s" if minutes else f"{seconds:.3g} s"


def _date(measured: Mapping[str, Any]) -> str:
    return datetime.fromisoformat(measured["datetime"]).astimezone(UTC).date().isoformat()


def _machine(info: Mapping[str, Any]) -> str:
    cpu = info.get("cpu", {})
    name = cpu.get("brand_raw") or info.get("machine", "")
    return f"{cpu.get('count', '?')} cores of {name}, {info['system']}, Python {info['python_version']}"


def main() -> None:
    """Read the JSON files, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("measured", type=Path, nargs="+", help="what pytest-benchmark wrote, of one machine")
    parser.add_argument("page", type=Path)
    given = parser.parse_args()
    first, *more = (json.loads(path.read_text()) for path in given.measured)
    rows = [*first["benchmarks"], *(row for each in more for row in each["benchmarks"])]
    given.page.write_text(page({**first, "benchmarks": rows}))


if __name__ == "__main__":
    main()
