"""What `earmark services` says about the catalogue, and about live prices that differ."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from earmark.screens.services import document, render, worth
from earmark.terminal import Terminal
from manifests import catalogue

KNOWN = catalogue.load()
LIVE = {"transcription": Fraction(1), "stem_extraction": Fraction(10)}


def shown(live=None, reason="", known=KNOWN):
    return render(known, live, reason, Terminal())


def data(live=None, reason=""):
    return json.loads(document(KNOWN, live, reason))


def row(text, product):
    return next(line for line in text.splitlines() if line.split()[:1] == [product])


def test_every_product_and_option_is_there_with_its_help():
    told = shown()
    for service in KNOWN.services:
        assert service.title in told
        for variant in service.variants:
            assert f"  {service.name}{':' if variant.name else ''}{variant.name} " in told
            assert variant.help in told
        for option in service.options:
            assert f"--set {option.name}=" in told
            assert option.help in told


@pytest.mark.parametrize(
    ("product", "price", "length"),
    [
        ("transcription", "1 c/min", "16 h 40 min"),
        ("stems:karaoke", "15 c/min", "1 h 07 min"),
        ("stems:instrument_isolator", "20 c/min", "50 min 00 s"),
    ],
)
def test_a_row_says_the_rate_and_what_ten_dollars_buy(product, price, length):
    assert price in row(shown(), product)
    assert length in row(shown(), product)


def test_a_narrow_screen_keeps_every_figure_on_its_row():
    told = render(KNOWN, None, "", Terminal(width=60)).splitlines()
    assert max(len(line) for line in told if "--set" not in line) <= 60
    assert "  stems:instrument_isolator   20 c/min   50 min 00 s" in told
    assert told[told.index("  stems:six                   10 c/min    1 h 40 min") + 1] == (
        "    four, and guitar, piano (also 6stem)"
    )


def test_ten_dollars_are_never_said_to_buy_more_than_they_do():
    assert worth(Fraction(13)) == 4_615_384  # ms: 76.92 minutes


def test_limits_and_defaults_are_told():
    told = shown()
    assert "at least 10 s, at most 30:00, up to 250 MB" in told
    assert "stems:four (default)" in told
    assert "(also 6stem)" in told
    assert "default json,txt" in told
    assert "(only single)" in told


def test_a_service_without_limits_says_none():
    service = replace(KNOWN.services[0], limits=catalogue.Limits(), options=())
    told = shown(known=replace(KNOWN, services=(service,)))
    assert "  Transcription: takes audio and video, counted on its input\n" in told


def test_same_prices_and_unknown_ones_are_said_once():
    assert shown(LIVE).splitlines()[0].endswith("same as live today")
    assert shown(None, "no answer").splitlines()[0].endswith("live prices are not known: no answer")
    assert shown().splitlines()[0].endswith("prices of 2026-05-22")


def test_every_difference_is_marked():
    told = shown({"transcription": Fraction(1, 2)})
    assert "look for <<" in told.splitlines()[0]
    assert "<< cheaper today: 0.5 c/min" in row(told, "transcription")
    assert "<< no price today" in row(told, "stems:six")
    assert "<< dearer today: 22 c/min" in row(
        shown({**LIVE, "stem_extraction": Fraction(11)}), "stems:instrument_isolator"
    )


def test_the_document_has_exact_rates_and_says_what_differs():
    found = data({"transcription": Fraction(1, 3), "stem_extraction": Fraction(10)})
    products = {each["product"]: each for service in found["services"] for each in service["products"]}
    assert products["transcription"]["cents_per_minute"] == "1"
    assert products["transcription"]["live_cents_per_minute"] == "1/3"
    assert products["transcription"]["differs"]
    assert not products["stems:karaoke"]["differs"]
    assert products["stems:karaoke"]["live_cents_per_minute"] == "15"
    assert products["stems:four"]["default"]


def test_the_document_without_live_prices_says_why():
    found = data(None, "no answer within 3 s")
    assert (found["live"], found["reason"]) == (False, "no answer within 3 s")
    assert found["services"][0]["products"][0]["differs"] is None
    assert data({})["services"][0]["products"][0]["live_cents_per_minute"] is None
