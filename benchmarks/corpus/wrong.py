"""`WRONG.md`: our wrong answers, the worst sort first, grouped by cause, for whoever mends readers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from benchmarks.corpus.measure import Case
from benchmarks.corpus.tally import doubted, goals, lie, refused, tally

SHOWN = 12
"""Files of a group that are named."""


def wrong(cases: Sequence[Case]) -> str:
    """The page."""
    ours = tally(cases)
    parts = (
        ("A. Sound files graded exact or counted, and wrong", ours.whole, lie),
        ("B. Damaged files graded exact or counted, and wrong", ours.broken, lie),
        ("C. Sound files refused", ours.whole, refused),
        ("D. Sound files wrong, graded header or estimated", ours.whole, doubted),
        ("E. Damaged files wrong, graded header or estimated", ours.broken, doubted),
    )
    lines = ["# Wrong answers", "", *goals(ours), ""]
    for title, among, test in parts:
        found = [case for case in among if test(case)]
        lines += [f"## {title}: {len(found)}", "", *_grouped(found), ""]
    return "\n".join(lines)


def _grouped(cases: Sequence[Case]) -> Iterator[str]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[f"{case.entry.kind.value}: {case.entry.group}"].append(case)
    for name, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        yield f"- **{name}** ({len(members)})"
        yield from (f"  - {_line(case)}" for case in members[:SHOWN])


def _line(case: Case) -> str:
    low, high = case.truth.low, case.truth.high
    true = "no sound" if high is None else f"{low:.2f}" if low == high else f"{low:.2f}..{high:.2f}"
    if case.seconds is None:
        said = f"refused ({case.said.get('refused', 'crashed')}): {case.said.get('error', '')}"
    else:
        said = f"{case.seconds:.2f} {case.grade} by {case.said['reader']}: {case.said['reason']}"
    return f"`{case.entry.path}` truth {true} ({case.truth.by}); {said}"
