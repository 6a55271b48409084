"""The fuzz targets for a moment each, the same inputs every time; and what once broke them."""

from random import Random

import pytest

from fuzz.crafted import CRAFTED
from fuzz.mutation import mutated
from fuzz.seeds import FOUND
from fuzz.targets import TARGETS, Broken, Target

ROUNDS = 25
FOUND_FILES = sorted(path for path in FOUND.glob("*/*") if path.is_file())


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """Coverage doubles the time; what grows with the square of the size takes far longer still."""
    monkeypatch.setenv("FUZZ_PATIENCE", "2.5")


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_are_read_or_refused(name):
    target, random = TARGETS[name], Random(f"{name} 1")
    seeds = target.seeds()
    for data in (*seeds, *(mutated(seeds, random) for _ in range(ROUNDS))):
        target(data)


@pytest.mark.parametrize("path", FOUND_FILES, ids=lambda path: f"{path.parent.name}-{path.name[:24]}")
def test_what_once_broke_a_reader_does_so_no_more(path):
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize(("name", "made"), CRAFTED.values(), ids=CRAFTED)
def test_no_crafted_input_takes_long(name, made):
    TARGETS[name](made())


def test_each_target_accepts_some_of_its_seeds():
    """A target whose seeds are all refused would look at nothing but its first check."""
    assert all(target.seeds() for target in TARGETS.values())


def test_a_slow_or_greedy_reader_would_be_noticed(monkeypatch):
    monkeypatch.setenv("FUZZ_PATIENCE", "0")
    with pytest.raises(Broken, match=" s"):
        Target(list, lambda _data: sum(range(100_000)))(b"")


def test_the_readers_of_all_kinds_are_fuzzed():
    from planner.lengths.registry import READERS

    named = {"others" if reader.name not in TARGETS else reader.name for reader in READERS}
    assert named <= set(TARGETS)
