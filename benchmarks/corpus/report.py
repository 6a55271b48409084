"""`ACCURACY.md`: what each reader gets right, ours with its grades, by kind of file."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from benchmarks.corpus.measure import OURS, Case
from benchmarks.corpus.shelf import Kind
from benchmarks.corpus.tally import HOUR, SURE, Tally, count, goals, refused, share, tally, wrong_length
from benchmarks.corpus.tools import ffmpeg_version
from benchmarks.corpus.truth import DISPUTED

NAMED = 20
"""Disputed files that are named."""

ENDLESS = 1_000_000
"""Hours; some readers give 2^63 samples where a file states no length."""

GRADES = ("exact", "counted", "header", "estimated", "refused")


HEAD = """# How right lengths are

Written by `python -m benchmarks.corpus.measure`, over files that `python -m benchmarks.corpus.make`
builds: real recordings out of Debian's and PyPI's packages, a file for every container and codec that
ffmpeg writes (made), whole files that mislead (trap), broken ones (damaged), bytes without sound (not-
audio). Readers were mended on the files *seen*; those *held out* are of other packages, sounds, settings
and seeds, and were measured afterwards. Right is within 0.1 s or 1 % of what decoders give, the larger;
of what has no sound, no length. Files a second are of a reader's own time in one process, with whatever
else ran.
"""
PEERS = ("mutagen", "soundfile", "tinytag", "av")


def page(parts: Mapping[str, Mapping[str, Sequence[Case]]], sampled: Mapping[str, int]) -> str:
    """All parts under one head, with what stood against each other."""
    versions = ", ".join(f"{peer} {version(peer)}" for peer in PEERS)
    titles = {"seen": "Files seen", "held_out": "Files held out"}
    sections = [f"## {titles[part]}\n\n{accuracy(told, sampled)}" for part, told in parts.items()]
    return "\n".join([HEAD, f"Readers: {versions}; {ffmpeg_version()}.", "", *sections])


def accuracy(told: Mapping[str, Sequence[Case]], sampled: Mapping[str, int]) -> str:
    """One part, of what each reader said; the `sampled` were asked about every so many-th file."""
    cases = told[OURS]
    ours = tally(cases)
    lines = [
        *_corpus(cases, ours),
        "",
        "| reader | sound files right | real ones right | refused | too long by | damaged: wrong | files/s |",
        "|---|---|---|---|---|---|---|",
        *(_reader(name, tally(said), sampled.get(name)) for name, said in told.items()),
        "",
        *goals(ours),
        "",
        "| Earmark's grade | sound files | of them wrong | damaged files | of them wrong |",
        "|---|---|---|---|---|",
        *(_grade(ours, grade) for grade in GRADES),
        "",
        "Of sound files the share that is right; of damaged and soundless ones that without a wrong length:",
        "",
        "| files | count | " + " | ".join(told) + " |",
        "|---|---|" + "---|" * len(told),
        *_kinds(told),
    ]
    return "\n".join(lines) + "\n"


def _corpus(cases: Sequence[Case], ours: Tally) -> Iterator[str]:
    real = count(cases, lambda case: case.entry.kind is Kind.REAL)
    hours = sum(case.truth.high or 0 for case in ours.whole) / HOUR
    yield f"{len(cases):,} files with decoded truth, {real:,} of them real recordings:"
    yield f"{len(ours.whole):,} sound files of {hours:.1f} hours, {len(ours.broken):,} damaged or soundless."
    yield ""
    by = Counter(case.truth.by for case in cases)
    yield f"Truth by {', '.join(f'{who} {files:,}' for who, files in by.most_common())}."
    yield "Where witnesses differ (disputed), a length between them is right."
    whole = [case for case in cases if case.entry.kind is not Kind.DAMAGED]
    yield from _named("Disputed whole files", [case for case in whole if case.truth.by == DISPUTED])
    aside = sorted(
        (case for case in whole if case.truth.set_aside), key=lambda case: case.entry.kind != "real"
    )
    sure = count(aside, lambda case: case.grade in SURE)
    title = f"Set aside, since nobody decodes them (Earmark grades {sure} of them exact or counted)"
    yield from _named(title, aside)


def _named(title: str, cases: Sequence[Case]) -> Iterator[str]:
    if cases:
        more = ", ..." if len(cases) > NAMED else ""
        yield ""
        yield f"{title}, {len(cases)}: {', '.join(case.entry.path for case in cases[:NAMED])}{more}."


def _reader(name: str, said: Tally, every: int | None) -> str:
    label = f"{name} (every {every}th file)" if every else name
    real = [case for case in said.whole if case.entry.kind is Kind.REAL]
    cells = (
        label,
        share(said.right, len(said.whole)),
        share(count(real, lambda case: case.right), len(real)),
        share(count(said.whole, refused), len(said.whole)),
        f"{said.hours_over:,.1f} h" if said.hours_over < ENDLESS else "endless",
        share(count(said.broken, wrong_length), len(said.broken)),
        f"{said.a_second:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _grade(ours: Tally, grade: str) -> str:
    sound = [case for case in ours.whole if case.grade == grade]
    hurt = [case for case in ours.broken if case.grade == grade]
    missed = len(sound) - count(sound, lambda case: case.right)
    return f"| {grade} | {len(sound):,} | {missed:,} | {len(hurt):,} | {count(hurt, wrong_length):,} |"


def _kinds(told: Mapping[str, Sequence[Case]]) -> Iterator[str]:
    rows: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for name, cases in told.items():
        for case in (case for case in cases if not case.truth.set_aside):
            rows[_row(case)][name].append(case)
    for row, by in sorted(rows.items()):
        shares = (share(count(by[name], _passed), len(by[name])) for name in told)
        yield f"| {row} | {len(by[OURS]):,} | {' | '.join(shares)} |"


def _passed(case: Case) -> bool:
    """Of a damaged file a refusal is as good an answer as the truth."""
    return not wrong_length(case) if case.damaged else case.right


def _row(case: Case) -> str:
    """Real and made ones by their ending, the others by what was done to them."""
    if case.entry.kind in {Kind.REAL, Kind.MADE}:
        broken = ", damaged" if case.damaged else ""
        return f"{case.entry.kind.value}{broken}: {case.entry.path.rpartition('.')[2].lower()}"
    return f"{case.entry.kind.value}: {case.entry.group}"
