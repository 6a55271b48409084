import pytest

from manifests import catalogue, options
from manifests.errors import UsageError


def product(name):
    return catalogue.load().product(name)


def test_values_as_typed_become_wire_values_in_the_catalogues_order():
    given = {
        "formats": "srt, vtt",
        "min_speakers": "2",
        "enable_speaker_diarization": "yes",
        "language": " en ",
    }
    assert list(options.check(product("transcription"), given).items()) == [
        ("language", "en"),
        ("enable_speaker_diarization", True),
        ("min_speakers", 2),
        ("formats", ["json", "srt", "vtt"]),
    ]


def test_values_from_a_manifest_stand():
    given = {
        "language": "zh-Hans",
        "enable_word_timestamps": False,
        "max_speakers": 3,
        "formats": ["vtt", "json"],
    }
    assert options.check(product("transcription"), given) == {**given, "formats": ["json", "vtt"]}


def test_nothing_given_is_nothing_found():
    assert options.check(product("stems:four"), {}) == {}


@pytest.mark.parametrize("word", ["true", "YES", "on", "1", True])
def test_words_for_true(word):
    assert options.check(product("transcription"), {"enable_word_timestamps": word}) == {
        "enable_word_timestamps": True
    }


@pytest.mark.parametrize("word", ["false", "No", "off", "0", False])
def test_words_for_false(word):
    assert options.check(product("transcription"), {"enable_word_timestamps": word}) == {
        "enable_word_timestamps": False
    }


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("transcription", {"lang": "en"}, "transcription has no option 'lang'; did you mean 'language'?"),
        (
            "transcription",
            {"language": "english!"},
            "transcription.language cannot be 'english!': the language spoken",
        ),
        ("transcription", {"language": ""}, "transcription.language is a text, not ''"),
        ("transcription", {"language": 3}, "transcription.language is a text, not 3"),
        ("transcription", {"language": None}, "transcription.language is a text, not None"),
        ("transcription", {"enable_word_timestamps": "maybe"}, "is true or false, not 'maybe'"),
        ("transcription", {"min_speakers": "two"}, "transcription.min_speakers is a whole number, not 'two'"),
        ("transcription", {"min_speakers": True}, "is a whole number, not True"),
        ("transcription", {"min_speakers": 2.5}, "is a whole number, not 2.5"),
        ("transcription", {"min_speakers": 0}, "transcription.min_speakers is 1 to 20, not 0"),
        ("transcription", {"max_speakers": "21"}, "transcription.max_speakers is 1 to 20, not 21"),
        (
            "transcription",
            {"min_speakers": 4, "max_speakers": 3},
            "min_speakers 4 is more than max_speakers 3",
        ),
        (
            "transcription",
            {"formats": "strt"},
            "transcription.formats cannot be 'strt'; did you mean 'srt'? Known: json, txt",
        ),
        (
            "transcription",
            {"formats": " , "},
            "transcription.formats is empty: give one or more of json, txt",
        ),
        ("transcription", {"formats": []}, "transcription.formats is empty"),
        ("stems:single", {}, "stems:single needs --set stems.stem=… (one of vocals, drums"),
        ("stems:instrument_isolator", {}, "stems:instrument_isolator needs --set stems.target_instrument=…"),
        ("stems:six", {"stem": "vocals"}, "stem belongs to stems:single, not to stems:six"),
        ("stems:single", {"stem": "vocal"}, "stems.stem cannot be 'vocal'; did you mean 'vocals'?"),
        ("stems:single", {"stem": True}, "stems.stem cannot be 'True'"),
        ("music", {"prompt": "a" * 100_000}, f"music.prompt cannot be '{'a' * 60}…': the style in words"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, given, message):
    with pytest.raises(UsageError) as caught:
        options.check(product(name), given)
    assert message in str(caught.value)


def test_what_is_bought_has_the_variants_fields_and_all_defaults():
    assert options.submitted(product("stems:2stem"), {}) == {"mode": "two"}
    assert options.submitted(product("stems:single"), {"stem": "drums"}) == {
        "mode": "single",
        "stem": "drums",
    }
    assert options.submitted(product("stems:karaoke"), {}) == {"package": "karaoke"}
    assert options.submitted(product("transcription"), {"language": "en", "formats": ["json", "pdf"]}) == {
        "language": "en",
        "enable_speaker_diarization": False,
        "enable_word_timestamps": True,
    }


def test_what_is_fetched_is_apart_from_what_is_bought():
    assert options.fetched(product("transcription"), {"language": "en"}) == {"formats": ["json", "txt"]}
    assert options.fetched(product("transcription"), {"formats": ["json", "srt"]}) == {
        "formats": ["json", "srt"]
    }
    assert options.fetched(product("stems:six"), {}) == {}


def test_a_value_of_another_kind_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match=r"no option value: 1\.5"):
        options.submitted(product("transcription"), {"language": 1.5})


def _some_value(option):
    return option.minimum or (option.choices or ("guitar",))[0]


def test_every_default_of_the_catalogue_passes_its_own_check():
    for service in catalogue.load().services:
        for variant in service.variants:
            bought = catalogue.Product(service, variant)
            defaults = {
                option.name: option.default
                for option in service.options
                if option.default is not None and option.fits(variant.name)
            }
            names = (*variant.needs, *(option.name for option in service.options if option.required))
            needs = {name: _some_value(service.option(name)) for name in names}
            checked = options.check(bought, {**defaults, **needs})
            assert options.submitted(bought, checked) == options.submitted(bought, needs)
            assert options.fetched(bought, checked) == options.fetched(bought, {})
