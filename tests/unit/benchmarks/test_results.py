"""The page of results says what was measured, and compares what compares."""

import sys

import pytest

from benchmarks import results
from benchmarks.programs import measured


def entry(group, who, seconds, **extra):
    return {
        "group": group,
        "name": "test_x",
        "stats": {"min": seconds, "rounds": 3},
        "extra_info": {"who": who, **extra},
    }


def page(*entries):
    machine = {"cpu": {"count": 2, "brand_raw": "A CPU"}, "system": "Linux", "python_version": "3.11.7"}
    found = {"benchmarks": entries, "machine_info": machine, "datetime": "2026-11-25T10:00:00+00:00"}
    return results.page(found)


def test_a_row_has_ours_its_peers_the_ratio_and_the_goal():
    shown = page(
        entry("plan", "earmark", 2.0, count=1000, goal="1.5x", limit="the disk", peak_mb=80),
        entry("plan", "mutagen", 3.0, count=1000),
        entry("plan", "ffprobe", 70.0, count=1000),
    )
    ours = "2 s, 500 a second of 1,000, peak mb 80"
    assert (
        f"| plan | {ours} | mutagen: 3 s, 333 a second of 1,000 | 1.50 times as fast | 1.5x | the disk |"
        in shown
    )
    assert f"|  | {ours} | ffprobe: 1 min 10 s, 14 a second of 1,000 | 35.00 times as fast |  |  |" in shown
    assert "2 cores of A CPU, Linux, Python 3.11.7" in shown


def test_runs_of_different_size_compare_by_the_thing():
    shown = page(entry("read", "earmark", 6.0, count=100), entry("read", "yaml", 2.0, count=50))
    assert "| 1.50 times the time |" in shown


def test_a_row_without_a_peer_has_no_ratio():
    assert "| memory | 900 ms |  |  |  |  |" in page(entry("memory", "earmark", 0.9))


@pytest.mark.parametrize(("seconds", "shown"), [(0.0481, "48.1 ms"), (3.214, "3.21 s"), (125, "2 min 05 s")])
def test_spans(seconds, shown):
    assert results.span(seconds) == shown


def test_a_program_is_measured_from_outside():
    seen = measured([sys.executable, "-c", "print('yes')"])
    assert (seen.code, seen.out) == (0, "yes\n")
    assert seen.peak_mb > 1
    with pytest.raises(AssertionError, match="ended with 3: no"):
        measured([sys.executable, "-c", "import sys; sys.stderr.write('no'); sys.exit(3)"])
