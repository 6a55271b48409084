import pytest

from manifests.length import Basis, Grade, longest_ms, show_length


@pytest.mark.parametrize("grade", [Grade.EXACT, Grade.COUNTED])
def test_a_sure_length_may_be_a_tenth_of_a_second_longer(grade):
    assert longest_ms(60_000, grade) == 60_100


@pytest.mark.parametrize(
    ("ms", "longest"), [(1_000, 2_000), (100_000, 101_000), (100_001, 101_001 + 1), (300_000, 303_000)]
)
def test_a_header_is_trusted_to_a_second_or_one_percent(ms, longest):
    assert longest_ms(ms, Grade.HEADER) == longest


def test_one_percent_is_exact_where_a_float_would_not_be():
    assert longest_ms(700_000, Grade.HEADER) == 707_000
    assert all(longest_ms(ms, Grade.HEADER) == ms + ms // 100 for ms in range(100_000, 5_000_000, 7_100))


@pytest.mark.parametrize("grade", [Grade.ESTIMATED, Grade.UNKNOWN])
def test_an_interval_has_its_upper_end(grade):
    assert longest_ms(1000, grade, 1500) == 1500
    for upper in (None, 999):
        with pytest.raises(ValueError, match=f"a length of grade {grade.value} needs its upper end"):
            longest_ms(1000, grade, upper)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (20, "20 s"),
        (60, "1 min 00 s"),
        (252, "4 min 12 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (3724, "1 h 02 min"),
        (3750, "1 h 03 min"),
        (1051800, "292 h 10 min"),
        (3_600_000_000, "1,000,000 h 00 min"),
    ],
)
def test_lengths_are_shown_for_people(seconds, shown):
    assert show_length(seconds) == shown


def test_the_words_of_the_manifest():
    assert [grade.value for grade in Grade] == ["exact", "counted", "header", "estimated", "unknown"]
    assert [basis.value for basis in Basis] == ["input", "output", "stated"]
