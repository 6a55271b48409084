"""What `earmark services` says about the catalogue, and about live prices that differ."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from earmark.screens.services import Live, document, render, worth
from earmark.terminal import Terminal
from manifests import catalogue

KNOWN = catalogue.load()
LIVE = {service.wallet[0]: service.rate for service in KNOWN.services if service.currency == "cents"}
CREDITS = {"denoise_audio": Fraction(660)}


def shown(live=None, reason="", known=KNOWN, **more):
    return render(known, Live(live, reason=reason, **more), Terminal(width=400))


def data(live=None, reason="", **more):
    return json.loads(document(KNOWN, Live(live, reason=reason, **more)))


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
            assert (f"    {option.name} " if option.own else f"--set {option.name}=") in told
            assert option.help in told
        assert service.note in told


@pytest.mark.parametrize(
    ("product", "price", "length"),
    [
        ("transcription", "1 c/min", "16 h 40 min"),
        ("stems:karaoke", "15 c/min", "1 h 07 min"),
        ("stems:instrument_isolator", "20 c/min", "50 min 00 s"),
        ("music:xl", "8 c/min", "2 h 05 min"),
        ("clone", "0-4 c/min", "4 h 10 min"),
        ("denoise:studio", "1320 cr/min", "56 min 50 s"),
        ("denoise:studio", "17.6 c/min", "56 min 50 s"),
    ],
)
def test_a_row_says_the_rate_and_what_ten_dollars_buy(product, price, length):
    assert price in row(shown(), product)
    assert length in row(shown(), product)


def test_a_narrow_screen_keeps_every_figure_on_its_row():
    told = render(KNOWN, Live(), Terminal(width=60)).splitlines()
    assert max(len(line) for line in told if "--set" not in line) <= 60
    assert "  stems:instrument_isolator     20 c/min   50 min 00 s" in told
    assert told[told.index("  stems:six                     10 c/min    1 h 40 min") + 1] == (
        "    four, and guitar, piano (also 6stem)"
    )


def test_ten_dollars_are_never_said_to_buy_more_than_they_do():
    assert worth(KNOWN.product("conversion")) == 4_615_384  # ms: 76.92 minutes


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
    assert "  Transcription: takes audio and video, files or addresses; counted on the length sent\n" in told


def test_an_option_says_its_values_and_whether_it_is_needed():
    told = shown()
    assert "--set speed=0.25..4 " in told
    assert "--set key_shift=-12..12 " in told
    assert "--set target_language=en,es,fr," in told
    assert "    prompt                            in the input: the style in words" in told
    assert "makes of FILE; needed" in told


def test_an_option_whose_values_are_long_has_its_words_below():
    told = shown().splitlines()
    row = next(number for number, line in enumerate(told) if "--set output_format=" in line)
    assert told[row + 1] == "        the format to make; needed"


def test_same_prices_and_unknown_ones_are_said_once():
    assert shown(LIVE, multipliers=CREDITS).splitlines()[0].endswith("same as live today")
    assert shown(LIVE).splitlines()[0].endswith("same as live today (credits: not known)")
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


def test_the_names_that_the_wallet_lists_choose_the_price_beside():
    both = {**LIVE, "voice_cloning_generation": Fraction(5)}
    assert "<<" not in row(shown(both), "tts")
    assert "<< dearer today: 5 c/min" in row(shown(both, types={"voice_cloning_generation"}), "tts")


def test_credits_that_differ_are_marked_as_credits():
    told = shown(LIVE, multipliers={"denoise_audio": Fraction(700)})
    assert "<< dearer today: 2800 cr/min" in row(told, "denoise:ultra")
    assert "<< no price today" in row(shown(LIVE, multipliers={}), "denoise:ultra")
    assert "<<" not in row(shown({}), "denoise:ultra")


def test_the_document_keeps_credits_apart():
    found = data(LIVE, multipliers=CREDITS)
    (service,) = (each for each in found["services"] if each["currency"] == "credits")
    studio = next(each for each in service["products"] if each["product"] == "denoise:studio")
    assert (studio["cents_per_minute"], studio["credits_per_minute"]) == (None, "1320")
    assert (studio["live_cents_per_minute"], studio["live_credits_per_minute"]) == (None, "1320")
    assert studio["differs"] is False
    assert (found["live"], found["live_credits"]) == (True, True)


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
