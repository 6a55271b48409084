"""Which rule decides about a file, and what is odd about rules."""

from dataclasses import dataclass

import pytest

from manifests import catalogue
from manifests.errors import UsageError
from planner.choices import choices
from planner.leftout import LeftOut, Reason
from planner.roots import Root
from planner.rules import Sorting
from planner.rules_text import read_rules

ROOT = Root("/media")

FIRST = """\
rules:
- match: "*draft*"
  skip: true
- match: talks/**
  service: transcription
- match: ["*.mp3", "*.wav"]
  service: [stems:six, transcription]
"""


@dataclass(frozen=True)
class Entry:
    path: str


@pytest.fixture
def rules(tmp_path):
    """Rules as a file holds them."""

    def make(text, *otherwise):
        file = tmp_path / "rules.yaml"
        file.write_text(text, encoding="utf-8")
        known = catalogue.load()
        return read_rules(str(file), known, choices(known, otherwise, []) if otherwise else ())

    return make


def bought(rules, name):
    return [choice.product.name for choice in rules.of(name)]


def test_the_first_rule_that_matches_decides(rules):
    found = rules(FIRST)
    assert bought(found, "talks/one.mp3") == ["transcription"]
    assert bought(found, "songs/one.mp3") == ["stems:six", "transcription"]
    assert bought(found, "talks/one.draft.mp3") == []


def test_with_all_every_rule_that_matches_adds_what_it_buys_and_the_same_purchase_counts_once(rules):
    found = rules(f"apply: all\n{FIRST}")
    assert bought(found, "talks/one.mp3") == ["transcription", "stems:six"]


def test_with_all_a_rule_that_skips_is_stronger_wherever_it_stands(rules):
    found = rules("apply: all\nrules:\n- {match: '**', service: transcription}\n- {match: b, skip: true}\n")
    assert bought(found, "a/c.mp3") == ["transcription"]
    assert bought(found, "b/c.mp3") == []
    assert Sorting(found).against("b/c.mp3") is Reason.SKIPPED


def test_one_service_with_two_sets_of_options_is_two_purchases(rules):
    found = rules(
        "apply: all\nrules:\n"
        "- {match: a.mp3, service: transcription, options: {language: en}}\n"
        "- {match: a.mp3, service: transcription, options: {language: de}}\n"
    )
    assert [choice.given["language"] for choice in found.of("a.mp3")] == ["en", "de"]


def test_two_rules_that_save_one_purchase_in_two_ways_are_an_error_that_names_both(rules):
    found = rules(
        "apply: all\nrules:\n"
        "- {match: '**', service: transcription, options: {formats: srt}}\n"
        "- {match: a.mp3, service: transcription, options: {formats: vtt}}\n"
    )
    with pytest.raises(UsageError, match=r"rules on lines 3 and 4 both buy transcription of a\.mp3"):
        found.of("a.mp3")


def test_what_no_rule_matches_gets_the_services_of_the_command_line(rules):
    found = rules(FIRST, "speakers")
    assert bought(found, "x.flac") == ["speakers"]
    assert bought(found, "x.mp3") == ["stems:six", "transcription"]
    assert Sorting(found).against("x.flac") is None


def test_files_are_left_out_with_the_reason_and_what_the_walk_left_out_passes(rules):
    hidden = LeftOut("/media/.x", Reason.HIDDEN)
    sorting = Sorting(rules(FIRST))
    found = [Entry("/media/talks/a.mp3"), hidden, Entry("/media/my draft.mp3"), Entry("/media/x.flac")]
    assert list(sorting.sifted(found, ROOT)) == [
        found[0],
        hidden,
        LeftOut("/media/my draft.mp3", Reason.SKIPPED),
        LeftOut("/media/x.flac", Reason.NO_RULE),
    ]
    assert dict(sorting.taken) == {0: 1, 1: 1}


def test_a_pattern_that_matches_nothing_is_told_with_its_own_line(rules):
    sorting = Sorting(rules("rules:\n- match:\n  - '*.mp3'\n  - '*.wma'\n  service: transcription\n"))
    sorting.against("a.mp3")
    assert list(sorting.warnings()) == [(4, "'*.wma' matches no file")]


@pytest.mark.parametrize(
    ("apply", "told"),
    [
        ("first", "earlier rules took all that it matches"),
        ("all", "a rule that skips took all that it matches"),
    ],
)
def test_a_rule_that_never_decides_is_told(rules, apply, told):
    every = "{match: '**', skip: true}"
    text = f"apply: {apply}\nrules:\n- {every}\n- {{match: '*.mp3', service: transcription}}\n"
    sorting = Sorting(rules(text))
    sorting.against("a.mp3")
    assert list(sorting.warnings()) == [(4, f"this rule takes no file: {told}")]


def test_a_name_that_is_no_utf8_can_be_matched(rules):
    assert bought(rules(FIRST), "talks/\udcff.ogg") == ["transcription"]
