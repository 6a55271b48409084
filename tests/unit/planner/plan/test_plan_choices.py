import pytest

from manifests import catalogue
from manifests.errors import UsageError
from planner.choices import choices

CATALOGUE = catalogue.load()


def chosen(*services, settings=()):
    return choices(CATALOGUE, services, settings)


def test_products_come_in_the_order_of_the_command_line():
    assert [each.product.name for each in chosen("stems:six", "transcription")] == [
        "stems:six",
        "transcription",
    ]


def test_a_price_page_name_and_its_wire_name_are_one_product():
    assert [each.product.name for each in chosen("stems:2stem", "stems:two")] == ["stems:two"]


def test_without_a_service_the_known_ones_are_listed():
    with pytest.raises(UsageError, match=r"--service SERVICE, one of transcription, stems"):
        chosen()


def test_an_unknown_service_gets_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'transcription'"):
        chosen("transcripton")


def test_an_unknown_variant_gets_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'karaoke'"):
        chosen("stems:karoke")


def test_an_unknown_option_gets_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'language'"):
        chosen("transcription", settings=["langage=en"])


def test_an_option_of_the_only_service_needs_no_service():
    (choice,) = chosen("transcription", settings=["language=en"])
    assert choice.given == {"language": "en"}
    assert choice.submitted["language"] == "en"


def test_fetch_options_are_no_part_of_the_purchase():
    (choice,) = chosen("transcription", settings=["formats=srt"])
    assert choice.given == {"formats": ["json", "srt"]}
    assert "formats" not in choice.submitted


def test_an_option_may_name_its_service_or_its_product():
    by_service = chosen("transcription", "stems:single", settings=["stems.stem=vocals"])
    by_product = chosen("transcription", "stems:single", settings=["stems:single.stem=vocals"])
    assert by_service == by_product
    assert by_service[1].submitted == {"mode": "single", "stem": "vocals"}


def test_an_option_reaches_only_the_variants_that_have_it():
    six, single = chosen("stems:six", "stems:single", settings=["stem=drums"])
    assert six.given == {}
    assert single.given == {"stem": "drums"}


def test_an_option_of_another_variant_is_refused():
    with pytest.raises(UsageError, match="stem belongs to stems:single, not to stems:six"):
        chosen("stems:six", settings=["stem=drums"])


@pytest.mark.parametrize("services", [("transcription", "stems"), ("stems", "transcription")])
def test_with_two_services_a_bare_option_is_ambiguous_and_the_one_that_has_it_is_named(services):
    with pytest.raises(UsageError, match=r"of which service\? Write --set transcription\.language"):
        chosen(*services, settings=["language=en"])


def test_with_two_services_a_bare_option_of_neither_names_the_first():
    with pytest.raises(UsageError, match=r"Write --set stems\.langage"):
        chosen("stems", "transcription", settings=["langage=en"])


def test_an_option_of_a_service_that_is_not_bought_is_refused():
    with pytest.raises(UsageError, match=r"names no --service of this plan\. Here: transcription"):
        chosen("transcription", settings=["stems.stem=drums"])


@pytest.mark.parametrize("text", ["language", "=en", "  =en"])
def test_a_setting_needs_a_name_and_a_value(text):
    with pytest.raises(UsageError, match=r"takes SERVICE\.OPTION=VALUE"):
        chosen("transcription", settings=[text])


def test_a_value_may_hold_equals_signs_and_dots():
    with pytest.raises(UsageError, match=r"'a=b\.c' is no language"):
        chosen("transcription", settings=["language=a=b.c"])


def test_two_values_for_one_option_are_refused_and_one_said_twice_is_fine():
    with pytest.raises(UsageError, match="set twice: to 'en' and to 'de'"):
        chosen("transcription", settings=["language=en", "transcription.language=de"])
    (choice,) = chosen("transcription", settings=["language=en", "transcription.language=en"])
    assert choice.given == {"language": "en"}


def test_a_variant_that_needs_an_option_says_so():
    with pytest.raises(UsageError, match=r"stems:single needs --set stems\.stem"):
        chosen("stems:single")
