from fractions import Fraction

import pytest

from manifests import catalogue
from manifests.catalogue import Catalogue
from manifests.errors import UsageError
from manifests.length import Basis

RATES = {  # docs/api.md 2 and 3.1
    "transcription": "1",
    "stems:single": "10",
    "stems:two": "10",
    "stems:four": "10",
    "stems:six": "10",
    "stems:producer": "10",
    "stems:studio": "10",
    "stems:mastering": "10",
    "stems:karaoke": "15",
    "stems:vocal_gender": "15",
    "stems:instrument_isolator": "20",
}


@pytest.mark.parametrize(("name", "rate"), RATES.items())
def test_rates_are_those_of_the_price_page(name, rate):
    product = catalogue.load().product(name)
    assert product.name == name
    assert product.rate == Fraction(rate)


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ("stems", "stems:four"),
        ("stems:2stem", "stems:two"),
        ("stems:4stem", "stems:four"),
        ("stems:6stem", "stems:six"),
        ("stems:16stem", "stems:mastering"),
        ("transcription", "transcription"),
    ],
)
def test_other_names_become_the_products_own(other, name):
    assert catalogue.load().product(other).name == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stem", "no service 'stem'; did you mean 'stems'? Known: transcription, stems"),
        ("", "no service ''; known: transcription, stems"),
        ("Transcription", "no service 'Transcription'; did you mean 'transcription'?"),
        ("stems:sixx", "stems has no variant 'sixx'; did you mean 'six'? Known: single, two, 2stem, four"),
        ("stems:six:two", "stems has no variant 'six:two'"),
        ("stems:", "'stems:' names no variant: write stems or stems:VARIANT"),
        (
            "transcription:fast",
            "transcription has no variants: write --service transcription, not transcription:fast",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, message):
    with pytest.raises(UsageError) as caught:
        catalogue.load().product(name)
    assert message in str(caught.value)


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(
        UsageError, match="no option 'langauge'; did you mean 'language'\\? Known: language, "
    ):
        catalogue.load().service("transcription").option("langauge")


def test_the_catalogue_is_dated_and_names_its_source():
    loaded = catalogue.load()
    assert loaded.date == "2026-05-22"
    assert "API Wallet & Pricing" in loaded.source
    assert catalogue.load() is loaded


def test_every_variants_needs_are_options_that_it_has():
    for service in catalogue.load().services:
        for variant in service.variants:
            for need in variant.needs:
                assert service.option(need).fits(variant.name)


def test_every_name_of_a_variant_is_its_own():
    for service in catalogue.load().services:
        names = [name for variant in service.variants for name in (variant.name, *variant.also)]
        assert len(names) == len(set(names))
        assert service.default in names


def test_a_service_of_few_words_gets_its_defaults():
    table = {
        "title": "Echo",
        "wallet": ["echo"],
        "rate": "0.5",
        "basis": "output",
        "accepts": ["audio"],
        "watch": "single",
        "result": "file",
        "options": {
            "shape": {"kind": "list", "role": "fetch", "help": "", "choices": ["a", "b"], "default": ["a"]}
        },
    }
    parsed = Catalogue.parse({"catalogue": "2026-01-01", "source": "here", "services": {"echo": table}})
    product = parsed.product("echo")
    assert (product.name, product.rate, product.service.basis) == ("echo", Fraction(1, 2), Basis.OUTPUT)
    assert product.service.limits == catalogue.Limits()
    assert product.service.option("shape").default == ("a",)
