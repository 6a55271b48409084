"""The wallet's names: which one is sold today, and whose charge a row may be."""

from fractions import Fraction

import pytest

from manifests import catalogue
from runner.api import service_types
from runner.api.errors import Gone, KeyRefused, ServiceDown
from support.fake_api import FakeApi

TTS = "text_to_speech", "voice_cloning", "voice_cloning_generation"


def service(name):
    return catalogue.load().service(name)


@pytest.mark.parametrize(
    ("types", "prices", "name"),
    [
        (TTS, (), "text_to_speech"),
        ({"voice_cloning_generation", "voice_cloning"}, (), "voice_cloning"),
        ({"voice_cloning_generation"}, TTS, "voice_cloning_generation"),
        ({"stem_extraction"}, {"voice_cloning"}, "voice_cloning"),
        ((), (), None),
        ({"speech"}, {"text to speech"}, None),
    ],
    ids=["first", "first that is listed", "types before prices", "prices", "nothing", "unknown names"],
)
def test_a_service_is_sold_under_the_first_of_its_names_that_the_wallet_lists(types, prices, name):
    assert service_types.sold_as(service("tts"), types, prices) == name


@pytest.mark.parametrize(
    ("types", "rate"),
    [((), 4), ({"text_to_speech"}, 4), ({"voice_cloning"}, 5), ({"voice_cloning_generation"}, 4)],
    ids=["no list", "first", "second", "listed, but without a price"],
)
def test_the_live_rate_is_that_of_the_name_it_is_sold_under(types, rate):
    prices = {"text_to_speech": Fraction(4), "voice_cloning": Fraction(5)}
    assert service_types.live_rate(catalogue.load().product("tts"), prices, types) == rate


def test_the_live_rate_of_a_variant_is_a_multiple():
    product = catalogue.load().product("stems:karaoke")
    assert service_types.live_rate(product, {"stem_extraction": Fraction(12)}) == 18
    assert service_types.live_rate(product, {"transcription": Fraction(1)}) is None


@pytest.mark.parametrize("name", [each.name for each in catalogue.load().services])
def test_a_row_under_its_first_name_is_first_of_all_of_that_service(name):
    names = service(name).wallet
    if service(name).currency == "credits":
        assert not any(service_types.is_known(each) for each in names)
        assert service_types.sold_as(service(name), names) is None
    else:
        assert service_types.owners(names[0])[0] == name
        assert all(service_types.is_of(name, each) for each in names)


def test_a_shared_name_is_of_both_services():
    assert service_types.owners("voice_cloning") == ("clone", "tts")
    assert service_types.owners("text_to_speech") == ("tts",)
    assert service_types.owners("something_new") == ()


@pytest.mark.parametrize(
    ("types", "name"),
    [
        (TTS, "text_to_speech"),
        (["voice_cloning", "transcription"], "voice_cloning"),
        (["transcription"], None),
    ],
)
def test_a_job_is_billed_under_one_name(types, name):
    assert service_types.billed_as("tts", types) == name


@pytest.mark.parametrize("error", [Gone("404"), KeyRefused("401"), ServiceDown("503")])
def test_a_wallet_that_does_not_list_its_names_tells_them_by_its_prices(error):
    api = FakeApi()
    assert service_types.listed(api) == {"transcription", "stem_extraction"}
    api.fail("service_types", error)
    assert service_types.listed(api) == frozenset()


def test_what_credits_pay_has_a_live_rate_by_the_account_s_names():
    product = catalogue.load().product("denoise:studio")
    assert service_types.credit_rate(product, {"denoise": Fraction(700)}) == 1400
    assert service_types.credit_rate(product, {}) is None
