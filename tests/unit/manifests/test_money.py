from fractions import Fraction

import pytest

from manifests import money
from manifests.errors import UsageError
from manifests.exits import Exit


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("20", 2000),
        ("20.00", 2000),
        ("$20", 2000),
        ("$20.00", 2000),
        (" 20 ", 2000),
        ("0", 0),
        ("0.5", 50),
        ("0.05", 5),
        ("1,234.50", 123450),
        ("$1,234,567", 123456700),
        ("999999999.99", 99999999999),
    ],
)
def test_amounts_are_read_as_people_write_them(text, cents):
    assert money.parse_amount(text) == cents


@pytest.mark.parametrize(
    "text", ["", "$", "-1", "+1", "1e3", "20 EUR", "0x10", "1,23", "1234,567", ".5", "5.", "٢٠", "20\n$1"]
)
def test_what_is_no_amount_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"is not an amount in dollars: write 20, 20\.00 or \$20") as caught:
        money.parse_amount(text)
    assert caught.value.exit_code is Exit.USAGE


@pytest.mark.parametrize("text", ["20.001", "0.000", "$1.999"])
def test_parts_of_a_cent_are_refused(text):
    with pytest.raises(UsageError, match="parts of a cent"):
        money.parse_amount(text)


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (0, "$0.00"),
        (5, "$0.05"),
        (455, "$4.55"),
        (123450, "$1,234.50"),
        (-3, "-$0.03"),
        (-123456, "-$1,234.56"),
    ],
)
def test_amounts_are_shown_in_dollars(cents, shown):
    assert money.show(cents) == shown


@pytest.mark.parametrize(
    ("cents", "argument"), [(2000, "20"), (458, "4.58"), (5, "0.05"), (0, "0"), (123450, "1234.50")]
)
def test_amounts_are_written_plainly_for_commands(cents, argument):
    assert money.plain(cents) == argument


@pytest.mark.parametrize(("ms", "seconds"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (60_000, 60)])
def test_seconds_are_counted_up(ms, seconds):
    assert money.whole_seconds(ms) == seconds


VECTORS = [  # docs/api.md 3.2: case, milliseconds, cents a minute, cents
    ("stems 300 s", 300_000, "10", 50),
    ("stems 328 s", 328_000, "10", 55),
    ("package karaoke 30 s", 30_000, "15", 8),
    ("instrument_isolator 61 s", 61_000, "20", 21),
    ("dubbing 90 s", 90_000, "40", 60),
    ("speakers 100 s", 100_000, "20", 34),
    ("transcription 1 s", 1_000, "1", 1),
    ("transcription 60 s", 60_000, "1", 1),
    ("transcription 61 s", 61_000, "1", 2),
    ("transcription 3600 s", 3_600_000, "1", 60),
    ("transcription 5400 s", 5_400_000, "1", 90),
    ("tts output 4.2 s", 4_200, "4", 1),
    ("tts output 30 s", 30_000, "4", 2),
    ("voice conversion 30 s", 30_000, "13", 7),
    ("voice conversion 4620 s", 4_620_000, "13", 1001),
    ("music 90 s", 90_000, "4", 6),
    ("music xl 90 s", 90_000, "8", 12),
    ("karaoke video 245 s", 245_000, "25", 103),
]


@pytest.mark.parametrize(
    ("ms", "rate", "cents"), [vector[1:] for vector in VECTORS], ids=[vector[0] for vector in VECTORS]
)
def test_the_published_prices_come_out(ms, rate, cents):
    assert money.price(ms, Fraction(rate)) == cents


def test_no_length_costs_nothing_and_any_length_a_cent():
    assert money.price(0, Fraction(10)) == money.ceiling(0, Fraction(10)) == 0
    assert money.price(1, Fraction(1, 1000)) == 1


def test_the_ceiling_of_three_minutes_of_stems_covers_the_binary_fraction():
    assert money.price(180_000, Fraction(10)) == 30
    assert money.ceiling(180_000, Fraction(10)) == 31


def test_exact_prices_are_fractions():
    assert money.exact_price(328_000, Fraction(10)) == Fraction(164, 3)
