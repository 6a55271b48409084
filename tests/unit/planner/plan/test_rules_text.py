"""A rules file is read as it is meant, or refused with the line that is wrong."""

from importlib import resources
from pathlib import Path

import pytest

from manifests import catalogue
from manifests.errors import UsageError
from planner.rules_text import read_rules

EXAMPLE = Path(str(resources.files("manifests").joinpath("examples/rules/media.yaml")))


@pytest.fixture
def read(tmp_path, monkeypatch):
    """The rules that a text holds."""
    monkeypatch.chdir(tmp_path)

    def make(text):
        Path("r.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_rules("r.yaml", catalogue.load())

    return make


def one(rule):
    """A rules file with one rule that begins on line 2."""
    return f"rules:\n- match: '*.mp3'\n{rule}"


def test_the_example_is_read():
    rules = read_rules(str(EXAMPLE), catalogue.load())
    assert rules.apply == "first"
    assert [[choice.product.name for choice in rule.choices] for rule in rules.rules] == [
        [],
        ["transcription"],
        ["transcription"],
        ["stems:six", "transcription"],
    ]
    assert rules.of("talks/de/a.mp3")[0].given == {"language": "de", "formats": ["json", "txt", "srt"]}


def test_words_without_quotes_are_texts_and_switches_as_their_option_means_them(read):
    rules = read(
        one("  service: transcription\n  options: {language: no, enable_speaker_diarization: yes}\n")
    )
    assert rules.of("a.mp3")[0].given == {"language": "no", "enable_speaker_diarization": True}


def test_a_byte_order_mark_and_crlf_are_read(read):
    assert read(b"\xef\xbb\xbfrules:\r\n- match: '*'\r\n  skip: true\r\n").rules[0].skip


def test_another_name_of_a_variant_is_the_one_of_the_catalogue(read):
    assert read(one("  service: stems:2stem\n")).of("a.mp3")[0].product.name == "stems:two"


WRONG = {
    "an unknown key": ("  services: stems\n", "r.yaml:3: a rule has no `services`; did you mean 'service'?"),
    "no service": ("", "r.yaml:2: a rule needs `service`, or `skip: true`"),
    "an unknown service": ("  service: stem\n", "r.yaml:3: no service 'stem'; did you mean 'stems'?"),
    "an unknown variant": ("  service:\n  - stems:sixx\n", "r.yaml:3: stems has no variant 'sixx'"),
    "a service twice": ("  service: [stems:two, stems:2stem]\n", "r.yaml:3: `service` names stems:two twice"),
    "an unknown option": (
        "  service: transcription\n  options:\n    formats: srt\n    lang: en\n",
        "r.yaml:6: transcription has no option 'lang'; did you mean 'language'?",
    ),
    "a bad value": (
        "  service: transcription\n  options:\n    formats: srt\n    max_speakers: many\n",
        "r.yaml:6: transcription.max_speakers is a whole number, not 'many'",
    ),
    "a missing option": (
        "  service: stems:single\n",
        "r.yaml:3: stems:single needs `stem` under `options`",
    ),
    "an option of which service": (
        "  service: [stems:two, transcription]\n  options: {language: en}\n",
        "r.yaml:4: `language` of which service? Write transcription.language (here: stems, transcription)",
    ),
    "an option of another service": (
        "  service: transcription\n  options: {stems.stem: drums}\n",
        "r.yaml:4: `stems.stem`: stems is no service of this rule (transcription)",
    ),
    "an option without a value": (
        "  service: transcription\n  options: {language: }\n",
        "r.yaml:4: `language` has no value",
    ),
    "options that are a list": (
        "  service: transcription\n  options: [en]\n",
        "r.yaml:4: `options` is a mapping",
    ),
    "a skip that buys": (
        "  skip: true\n  service: transcription\n",
        "r.yaml:4: a rule with `skip: true` buys nothing: take `service` out",
    ),
    "a skip of another word": ("  skip: 'true'\n", "r.yaml:3: `skip` is true or false"),
    "a result that is no text": (
        "  service: transcription\n  result: [a]\n",
        "r.yaml:4: `result` is a template such as '{folder}/{stem}'",
    ),
    "an unknown place in a result": (
        "  service: transcription\n  result: '{stemm}'\n",
        "r.yaml:4: `result` knows no {stemm}; did you mean 'stem'?",
    ),
    "an empty result": ("  service: transcription\n  result: ' '\n", "r.yaml:4: `result` is empty"),
    "a result with a lone brace": (
        "  service: transcription\n  result: 'a{'\n",
        "r.yaml:4: `result` 'a{' is no",
    ),
    "a result with a format": (
        "  service: transcription\n  result: '{stem:>9}'\n",
        "r.yaml:4: `result` '{stem:>9}'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_rule_is_told_with_its_line(read, case):
    rule, words = WRONG[case]
    with pytest.raises(UsageError) as caught:
        read(one(rule))
    assert str(caught.value).startswith(words)


FAULTY = {
    "nothing in it": ("", "r.yaml:1: a rules file is a mapping with `rules:` at its top"),
    "a list": ("- match: x\n", "r.yaml:1: a rules file is a mapping with `rules:` at its top"),
    "no rules": ("apply: all\n", "r.yaml:1: `rules` is a list with at least one rule"),
    "an empty list": ("apply: all\nrules: []\n", "r.yaml:2: `rules` is a list with at least one rule"),
    "a manifest": ("version: 1\nitems:\n", "r.yaml:1: a rules file has no `version`"),
    "another word for all": ("rules: [x]\napply: every\n", "r.yaml:2: `apply` is first"),
    "a rule that is a word": ("rules:\n- x\n", "r.yaml:2: a rule is a mapping"),
    "a rule without a pattern": ("rules:\n- service: stems\n", "r.yaml:2: a rule needs `match`"),
    "a pattern that is a mapping": ("rules:\n- match: {a: b}\n", "r.yaml:2: `match` is a text or a list"),
    "an empty pattern": ("rules:\n- match: ''\n", "r.yaml:2: `match` is a text or a list"),
    "a pattern of nothing": ("rules:\n- match: ./\n", "r.yaml:2: `match` './': this pattern means nothing"),
    "a pattern that climbs": (
        "rules:\n- match:\n  - a\n  - ../b\n",
        "r.yaml:4: `match` '../b': patterns are",
    ),
    "a pattern with braces": ("rules:\n- match: '*.{mp3,wav}'\n", "r.yaml:2: `match` '*.{mp3,wav}': braces"),
    "an open bracket": ("rules:\n- match: 'a[1'\n", "r.yaml:2: `match` 'a[1': '[' without ']'"),
    "a key twice": ("rules:\n- match: a\n  match: b\n", "r.yaml:3: `match` stands twice, first on line 2"),
    "an alias": ("rules: &x\n- a\n", "r.yaml:1: anchors are not read"),
    "a second document": (
        "rules: [x]\n---\n",
        "r.yaml:2: a second document starts here: a rules file is one",
    ),
    "no YAML": ("rules: [\n", "r.yaml:1: not YAML"),
    "no UTF-8": (b"rules:\n- \xff\n", "r.yaml:2: the line is not UTF-8"),
    "too large": (b"#" * 1_100_000, "r.yaml:1: it is larger than 1024 KiB"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_file_that_holds_no_rules_is_refused_with_the_line(read, case):
    text, words = FAULTY[case]
    with pytest.raises(UsageError) as caught:
        read(text)
    assert str(caught.value).startswith(words)


def test_the_errors_of_several_rules_are_told_together(read):
    rules = "rules:\n" + "- {match: a, service: stemms}\n" * 7
    with pytest.raises(UsageError) as caught:
        read(rules)
    message = str(caught.value)
    assert [f"r.yaml:{line}:" in message for line in range(2, 9)] == [True] * 5 + [False] * 2
    assert message.endswith("and 2 rules more are wrong")


def test_a_file_that_is_not_there_is_named(read):
    with pytest.raises(UsageError, match=r"--rules none\.yaml: No such file"):
        read_rules("none.yaml", catalogue.load())
