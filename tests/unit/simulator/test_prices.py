"""The simulator's prices: the published figures of docs/api.md 3.2."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.prices import RATES, job_cents, job_credits, per_minute, usd

SECONDS = st.integers(1, 10**7)
MULTIPLIERS = st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2)])


@pytest.mark.parametrize(
    ("service_type", "seconds", "multiplier", "cents"),
    [
        ("stem_extraction", 300, "1", 50),
        ("stem_extraction", 328, "1", 55),
        ("stem_extraction", 30, "1.5", 8),
        ("stem_extraction", 61, "2", 21),
        ("speech_translation", 90, "1", 60),
        ("speaker_diarization", 100, "1", 34),
        ("transcription", 1, "1", 1),
        ("transcription", 60, "1", 1),
        ("transcription", 61, "1", 2),
        ("transcription", 3600, "1", 60),
        ("transcription", 5400, "1", 90),
        ("text_to_speech", 5, "1", 1),
        ("text_to_speech", 30, "1", 2),
        ("voice_conversion", 30, "1", 7),
        ("voice_conversion", 4620, "1", 1001),
        ("music_generation", 90, "1", 6),
        ("music_generation", 90, "2", 12),
        ("karaoke_generation", 245, "1", 103),
    ],
)
def test_the_published_figures_come_out(service_type, seconds, multiplier, cents):
    assert job_cents(seconds, RATES[service_type].cents_per_minute, Fraction(multiplier)) == cents


def test_three_minutes_of_stems_cost_30_cents_or_31_by_binary_fractions():
    rate = RATES["stem_extraction"].cents_per_minute
    assert job_cents(180, rate, Fraction(1)) == 30
    assert job_cents(180, rate, Fraction(1), binary=True) == 31


def test_nothing_costs_nothing_and_anything_at_least_a_cent():
    assert job_cents(0, Fraction(1), Fraction(1)) == 0
    assert job_cents(1, Fraction(1, 1000), Fraction(1)) == 1
    assert job_cents(1, Fraction(0), Fraction(1), binary=True) == 1


@given(SECONDS, st.sampled_from(sorted(RATES)), MULTIPLIERS)
def test_a_price_is_never_below_the_exact_one_and_less_than_a_cent_above(seconds, service_type, multiplier):
    rate = RATES[service_type].cents_per_minute
    exact = seconds * rate * multiplier / 60
    assert exact <= job_cents(seconds, rate, multiplier) < exact + 1


@given(SECONDS, st.sampled_from(sorted(RATES)), MULTIPLIERS)
def test_binary_fractions_add_at_most_one_cent(seconds, service_type, multiplier):
    rate = RATES[service_type].cents_per_minute
    exact = job_cents(seconds, rate, multiplier)
    assert exact <= job_cents(seconds, rate, multiplier, binary=True) <= exact + 1


def test_credits_for_transcription_are_the_dearer_way_to_pay():
    # 220 credits a minute at 75 credits a cent: 2.9 cents in place of 1.
    assert job_credits(60, RATES["transcription"], Fraction(1)) == 220
    assert job_credits(61, RATES["transcription"], Fraction(1)) == 224
    assert RATES["stem_extraction"].credits_per_minute == 750


def test_every_priced_row_of_the_price_page_has_its_rate():
    assert {name: int(rate.cents_per_minute) for name, rate in RATES.items()} == {
        "stem_extraction": 10,
        "transcription": 1,
        "text_to_speech": 4,
        "voice_cloning": 4,
        "voice_conversion": 13,
        "speech_translation": 40,
        "music_generation": 4,
        "speaker_diarization": 20,
        "karaoke_generation": 25,
        "media_converter": 1,
    }


def test_money_is_written_as_the_service_writes_it():
    assert [usd(2500), usd(5), usd(0), usd(-250), usd(1_000_000)] == [
        "$25.00",
        "$0.05",
        "$0.00",
        "-$2.50",
        "$10000.00",
    ]
    assert per_minute(Fraction(10)) == "$0.10/min"
    assert per_minute(Fraction(5, 2)) == "$0.0250/min"
