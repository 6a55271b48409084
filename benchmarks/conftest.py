"""What every benchmark has: sizes, and whole programs measured from outside."""

import os

import pytest

from benchmarks.programs import Measured, measured

SCALE = "BENCH_SCALE"


@pytest.fixture(scope="session")
def scaled():
    """A size as the goals name it, times BENCH_SCALE (1 if unset): 0.01 for a look in seconds."""
    scale = float(os.environ.get(SCALE, "1"))
    return lambda size: max(1, round(size * scale))


@pytest.fixture
def timed(benchmark):
    """Time a whole program so many rounds; `peak` notes its memory, too.

    The same as `benchmark.pedantic`, for an argv; the answer is what the last round measured.
    """

    def run(argv, rounds=3, setup=None, *, peak=True, **keywords) -> Measured:
        seen: list[Measured] = []
        benchmark.pedantic(
            lambda: seen.append(measured(argv, **keywords)), setup=setup, rounds=rounds, iterations=1
        )
        if peak:
            benchmark.extra_info["peak_mb"] = max(one.peak_mb for one in seen)
        return seen[-1]

    return run
