import pytest

from manifests import keys
from manifests.keys import Token

KEY = "0123456789abcdef" * 4
TOKEN = Token("ek-0123456789abcdef-00000000000000ff")


def test_a_content_key_is_the_same_for_the_same_purchase():
    first = keys.content_key("aa", "stems:two", {"mode": "two", "x": 1})
    assert first == keys.content_key("aa", "stems:two", {"x": 1, "mode": "two"}, 0)
    # Fixed for good: another key for the same purchase would buy it again.
    assert first == "e8720201f6638e75dccaf3d0dbb888f0980cb45dbc632c2bee61e99726187d52"


@pytest.mark.parametrize(
    "other",
    [
        ("ab", "stems:two", {"mode": "two"}, 0),
        ("aa", "stems:six", {"mode": "two"}, 0),
        ("aa", "stems:two", {"mode": "six"}, 0),
        ("aa", "stems:two", {"mode": "two", "stem": "bass"}, 0),
        ("aa", "stems:two", {}, 0),
        ("aa", "stems:two", {"mode": "two"}, 1),
        ("aa", "stems:two", {"mode": ["two"]}, 0),
    ],
)
def test_a_content_key_changes_with_each_part_of_the_purchase(other):
    assert keys.content_key(*other) != keys.content_key("aa", "stems:two", {"mode": "two"}, 0)


def test_true_and_one_are_two_things():
    assert keys.content_key("aa", "x", {"a": True}) != keys.content_key("aa", "x", {"a": 1})


def test_a_token_names_its_key_and_is_new_each_time():
    asked = []

    def random_hex(count):
        asked.append(count)
        return "0f" * count

    token = keys.new_token(KEY, random_hex)
    assert token.text == "ek-0123456789abcdef-0f0f0f0f0f0f0f0f"
    assert token.key_part == KEY[:16]
    assert asked == [8]


def test_tokens_are_found_anywhere_in_any_case():
    texts = [f"uploads/7/talk.{TOKEN.text}.mp3", f"X{TOKEN.text.upper()}Y", "ek-0123-ff", ""]
    assert keys.find_tokens(texts) == {TOKEN}
    assert keys.find_tokens([]) == set()


@pytest.mark.parametrize(
    ("stem", "extension", "name"),
    [
        ("talk", ".mp3", "talk.{}.mp3"),
        ("talk 1 (final)", ".MP3", "talk_1_final.{}.mp3"),
        ("Ünïcode/../x", ".wav", "n_code_.._x.{}.wav"),
        ("...", ".wav", "audio.{}.wav"),
        ("", "", "audio.{}"),
        ("日本語", ".m4a", "audio.{}.m4a"),
        ("a" * 200, ".flac", "a" * 80 + ".{}.flac"),
        ("x\n\x1b[31m", ".o\ngg", "x_31m.{}.ogg"),
    ],
)
def test_an_upload_has_a_safe_name_with_the_token(stem, extension, name):
    made = keys.upload_name(stem, TOKEN, extension)
    assert made == name.format(TOKEN.text)
    assert keys.find_tokens([made]) == {TOKEN}


@pytest.mark.parametrize(
    "old", ["ek-fedcba9876543210-1111111111111111", "EK-FEDCBA9876543210-1111111111111111"]
)
def test_a_token_in_the_sources_name_is_taken_out(old):
    made = keys.upload_name(f"talk.{old}", TOKEN, ".mp3")
    assert keys.find_tokens([made]) == {TOKEN}
    assert made.startswith("talk.")
