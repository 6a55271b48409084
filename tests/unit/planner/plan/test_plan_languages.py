import pytest

from manifests import catalogue
from planner.languages import NAMES, problem


@pytest.mark.parametrize("code", ["en", "EN", "pt-BR", "zh-cn", "no", "yue", "zh-Hans-CN"])
def test_codes_of_languages_pass_in_any_region(code):
    assert problem(code) is None


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("eng", "en"),
        ("english", "en"),
        ("German", "de"),
        ("ger", "de"),
        ("deu", "de"),
        ("jp", "ja"),
        ("cn", "zh"),
        ("ua", "uk"),
        ("spanich", "es"),
        ("mandarin", "zh"),
    ],
)
def test_what_is_no_code_is_told_with_the_nearest(wrong, meant):
    assert f"{wrong!r} is no language's code; did you mean {meant!r} ({NAMES[meant]})?" in problem(wrong)


def test_what_is_near_to_nothing_gets_no_guess():
    assert problem("qqq") == "'qqq' is no language's code. Codes have two letters, such as en, es, de"
    assert problem(" ") == "' ' is no language's code. Codes have two letters, such as en, es, de"


def test_a_code_as_locales_write_it_is_told_as_the_service_does():
    assert problem("pt_BR") == "'pt_BR' is no language's code; did you mean 'pt-BR'?"


def test_every_language_of_dubbing_is_known():
    codes = catalogue.load().service("dubbing").option("target_language").choices
    assert [code for code in codes if problem(code)] == []
