"""How many files a second each reader gives a length of, and how many of them are right: one corpus, one run.

The corpus lies at EARMARK_CORPUS, else a small one is built into `build/corpus` from ffmpeg alone. Each
reader works in a process of its own, kept between files; the pipe to it costs all of them the same.
"""

import os
from pathlib import Path

import pytest

from benchmarks.corpus.ask import Asked
from benchmarks.corpus.make import build
from benchmarks.corpus.measure import OURS, PEERS, SLOW, Case, known
from benchmarks.corpus.tally import count, lie, share, tally

PLACE = "EARMARK_CORPUS"
GOAL = "99 % of sound files right, none graded exact and wrong, 1 in 20 damaged ones at most"
LIMIT = "counting frames of the files whose headers say too little or too much"


@pytest.fixture(scope="module")
def corpus():
    """The folder of files with known lengths, and what is known of each."""
    given = os.environ.get(PLACE)
    root = Path(given) if given else Path("build/corpus")
    if not given:
        build(root, "seen", small=True, fetch=False)
    return root / "seen", known(root / "seen")


@pytest.mark.parametrize("reader", [OURS, *PEERS, *SLOW])
def test_lengths(benchmark, scaled, corpus, reader):
    benchmark.group = "right lengths of a corpus"
    root, pairs = corpus
    every = SLOW.get(reader, 1)
    chosen = pairs[:: max(every, len(pairs) // scaled(len(pairs)))]
    with Asked(reader) as ask:
        ask.answer(root / chosen[0][0].path)  # its start-up is another row
        told = benchmark.pedantic(
            lambda: [Case(entry, truth, ask.answer(root / entry.path)) for entry, truth in chosen],
            rounds=1,
            iterations=1,
        )
    said = tally(told)
    benchmark.extra_info.update(who=reader, count=len(chosen), right=share(said.right, len(said.whole)))
    if reader == OURS:
        lies = f"{count(said.whole, lie)}; of {len(said.broken)} damaged {count(said.broken, lie)}"
        benchmark.extra_info.update(goal=GOAL, limit=LIMIT, sure_and_wrong=lies)
