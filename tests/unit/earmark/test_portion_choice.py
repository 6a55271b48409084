"""The options that choose a part of a manifest: what they mean, and what is refused with which words."""

import signal
import sys
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import pytest

from earmark import run_ends
from earmark.portion_choice import portion_of, seconds_at_most
from earmark.run_question import word_after_pilot
from manifests.errors import UsageError
from manifests.length import Grade
from manifests.manifest import Head, Item, total
from manifests.money import Cents
from manifests.pilot import Size
from manifests.text import open_manifest, write_manifest
from runner.piloting import Piloted, Rest

NAMES = ("s01/ep1.mp3", "s01/ep2.mp3", "talks/Einführung.mp3", "x\x1b[2J.mp3")


@pytest.fixture
def plan(tmp_path):
    items = [Item(name, "transcription", 60.0, Grade.EXACT, 1, 2, 9, "0123456789ab") for name in NAMES]
    head = Head("m1", "2026-01-01T00:00:00Z", ".", "2026-05-22", {"transcription": Fraction(1)}, total(items))
    write_manifest(tmp_path / "m.yaml", head, items)
    with open_manifest(tmp_path / "m.yaml") as opened:
        yield opened


def given(**typed):
    return {"only": (), "first": None, "pilot": None, "max_time": None, **typed}


def test_nothing_said_is_everything(plan):
    assert not portion_of(given(), plan)
    assert seconds_at_most(given()) is None


def test_patterns_are_those_of_plan_and_each_has_to_match(plan):
    portion = portion_of(given(only=("s01", "Ein*")), plan)
    assert [name for name in NAMES if portion.only(name)] == list(NAMES[:3])
    assert portion_of(given(first=2, pilot="1%"), plan).pilot == Size(share=Fraction(1, 100))


@pytest.mark.parametrize(
    ("glob", "hint"),
    [
        ("s1/**", "the nearest there are: s01"),
        ("ep3.mp3", "the nearest there are: ep2.mp3, ep1.mp3, s01/ep2.mp3"),
        ("EINFUHRUNG.mp3", "the nearest there are: Einführung.mp3, talks/Einführung.mp3"),
        ("x.mp3", r"x\x1b[2J.mp3"),
        ("*.flac", "patterns are those of `plan --include`"),
    ],
)
def test_a_pattern_that_matches_nothing_is_refused_with_the_nearest_names(plan, glob, hint):
    with pytest.raises(UsageError, match="matches no file of the manifest; ") as refused:
        portion_of(given(only=("s01", glob)), plan)
    assert hint in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("glob", ["", " "])
def test_an_empty_pattern_is_not_everything(plan, glob):
    with pytest.raises(UsageError, match="--only is empty"):
        portion_of(given(only=("s01", glob)), plan)


def test_a_time_of_nothing_and_what_is_no_time_are_refused():
    assert seconds_at_most(given(max_time="50m")) == 3000
    with pytest.raises(UsageError, match=r"--max-time 0 sends nothing: .* --max-spend 0"):
        seconds_at_most(given(max_time="0"))
    with pytest.raises(UsageError, match="'soon' is not a time"):
        seconds_at_most(given(max_time="soon"))


# -- the word after a pilot


GOOD = Piloted(3, 3, 0, Cents(30), Cents(30), 0, (), Rest(5, Cents(50), Cents(50), Cents(55)))
BAD = Piloted(3, 2, 1, Cents(30), Cents(40), 1, (), Rest(1, Cents(50), Cents(67), Cents(67)))


def word(pilot, keys, monkeypatch, *, person=True):
    """What is answered to these keys; what was asked stands on stderr."""
    answers = iter(keys)

    def prompt(text=""):
        sys.stderr.write(text)
        return next(answers)

    monkeypatch.setattr(run_ends, "may_ask", lambda: person)
    monkeypatch.setattr("click.termui.visible_prompt_func", prompt)
    return word_after_pilot(nullcontext, Path("/r"), "results/", lambda: 200)(pilot)


def test_without_a_person_the_word_is_no(monkeypatch, capsys):
    assert word(GOOD, [], monkeypatch, person=False) is False
    assert capsys.readouterr() == ("", "")


def test_after_a_good_pilot_only_a_letter_answers(monkeypatch):
    assert word(GOOD, ["", "y"], monkeypatch) is True
    assert word(GOOD, ["n"], monkeypatch) is False


def test_after_a_bad_pilot_it_is_said_and_no_is_the_default(monkeypatch, capsys):
    assert word(BAD, [""], monkeypatch) is False
    told = capsys.readouterr().err
    assert "2 of 3 items saved, $0.40 charged, planned $0.30, 1 not billed yet, 1 ABOVE" in told
    assert "1 item, $0.67 expected by the pilot's bills (planned $0.50), at most $0.67" in told
    assert "did not go well" in told


def test_the_end_of_the_input_is_no_yes(monkeypatch, capsys):
    assert word(GOOD, ended(), monkeypatch) is False
    assert capsys.readouterr().err.endswith("at most $0.55? [y/n]: \n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_is_the_runs_own(number, monkeypatch):
    heard = []
    kept = signal.signal(number, lambda came, _frame: heard.append(came))
    try:
        assert word(GOOD, ended(lambda: signal.raise_signal(number)), monkeypatch) is False
    finally:
        signal.signal(number, kept)
    assert heard == [number]


def ended(do=lambda: None):
    """No answer: the input ends, after something else happened."""
    do()
    raise EOFError
    yield
