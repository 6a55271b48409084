"""A part of a manifest is run: what the service's own books say it cost, and what is typed to go on."""

import shlex

import pytest


@pytest.fixture
def planned(bench):
    """Six recordings, planned: 6 cents."""
    made = bench()
    made.record(6)
    assert made.plan("media", "--service", "transcription").code == 0
    return made


def typed_next(ended):
    """The arguments of the command that the last line of stderr names."""
    command = ended.err.rpartition("Next: run ")[2].partition("   (")[0].strip()
    return shlex.split(command)


def test_a_pilot_without_a_person_ends_with_the_command_for_the_rest(planned):
    ended = planned.run("--max-spend", "0.03", "--pilot", "3", "--yes")
    assert (ended.code, planned.books.spent_cents, len(planned.books.submits)) == (9, 3, 3)
    assert "the pilot is done, and 3 items wait for your word" in ended.err
    assert "  pilot      3 of 3 items saved, $0.03 charged, as planned" in ended.out
    again = planned.run("--max-spend", "0.03", "--pilot", "3", "--json").json
    assert again["effort"]["pilot"]["rest"]["ceiling"] == 3
    assert (again["exit"], planned.books.spent_cents) == (9, 3)
    last = planned.do("run", *typed_next(ended))
    assert (last.code, planned.books.spent_cents, len(planned.books.submits)) == (0, 6, 6)
    planned.check_books()


def test_the_first_few_of_some_files_and_then_the_rest(planned):
    names = sorted(path.name for path in (planned.folder / "media").iterdir() if path.is_file())
    ended = planned.run("--max-spend", "1", "--only", names[2], "--only", names[4], "--first", "1")
    assert (ended.code, planned.books.spent_cents) == (9, 1)
    more = planned.do("run", *typed_next(ended))
    assert (more.code, planned.books.spent_cents) == (9, 2)
    rest = planned.run("--max-spend", "1")
    assert (rest.code, len(planned.books.submits)) == (0, 6)
    planned.check_books()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "nothing*"), "--only 'nothing*' matches no file of the manifest"),
        (("--only", ""), "--only is empty"),
        (("--pilot", "none"), "--pilot 'none' is no sample: write a number of items, such as 3, or 1%"),
        (("--max-time", "0s"), "--max-time 0 sends nothing"),
        (("--first", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked_or_paid(planned, words, told):
    ended = planned.run(*words)
    assert ended.code == 2
    assert told in ended.err
    assert planned.books.submits == ()
