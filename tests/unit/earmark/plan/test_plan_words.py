import pytest

from earmark.screens.words import clock, long, size, some


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (1, "1 s"),
        (43_000, "43 s"),
        (59_001, "1 min 00 s"),
        (312_000, "5 min 12 s"),
        (3_599_000, "59 min 59 s"),
        (3_599_500, "1 h 00 min"),
        (3_724_000, "1 h 02 min"),
        (1_051_800_000, "292 h 10 min"),
        (36_000_000_000, "10,000 h 00 min"),
    ],
)
def test_sums_of_lengths(ms, text):
    assert long(ms) == text


@pytest.mark.parametrize(("ms", "text"), [(43_000, "0:43"), (1_870_000, "31:10"), (11_564_000, "3:12:44")])
def test_one_recordings_length(ms, text):
    assert clock(ms) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_440_000, "1.4 MB"),
        (38_400_000_000, "38.4 GB"),
    ],
)
def test_sizes(count, text):
    assert size(count) == text


def test_counts_with_their_nouns():
    assert [some(count, "item") for count in (0, 1, 1204)] == ["0 items", "1 item", "1,204 items"]
