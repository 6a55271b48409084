"""What one host leaves to the others of its shift."""

from pathlib import Path
from types import SimpleNamespace

from manifests.length import Grade
from manifests.manifest import Item
from runner.fates import Fate
from runner.fleet.giving_back import left_of
from runner.lines import line_of
from support.small_run import ALL_RATES


def lines(*names):
    items = (Item(name, "transcription", 60.0, Grade.EXACT, 1, 2, 3, "p") for name in names)
    return [line_of(item, Path("/media"), item.file, ALL_RATES) for item in items]


def left(fates, **more):
    """The files that wait for others, and why this host is not to take them."""
    each = lines(*fates)
    items = [SimpleNamespace(fate=fate, reason=f"{fate} here") for fate in fates.values()]
    found = left_of(each, items, {}, {}, **{"unreached": "", "changed": {}, **more})
    names = {line.key: line.item.file for line in each}
    return {line.item.file for line in found.lines}, {names[key]: why for key, why in found.reasons.items()}


def test_what_is_done_is_nobodys_any_more():
    assert left({"a.mp3": Fate.SAVED, "b.mp3": Fate.FAILED, "c.mp3": Fate.RUNNING}) == (set(), {})


def test_what_failed_before_and_has_no_file_here_is_for_a_host_that_has_it():
    (a,) = lines("a.mp3")
    found = left({"a.mp3": Fate.FAILED, "b.mp3": Fate.SAVED}, changed={a.key: "no such file"})
    assert found == ({"a.mp3"}, {"a.mp3": "no such file"})
