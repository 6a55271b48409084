"""Checks side by side: what hangs, fails or is missing is told, and holds nothing up."""

import threading

import pytest

from earmark.doctor.checkup import Group, checked, late_machine
from earmark.doctor.values import Checked, Standing, bad, look, ok
from earmark.screens import doctor as screen
from earmark.terminal import Terminal
from manifests.errors import UsageError
from manifests.exits import Exit


def test_findings_come_in_the_order_that_is_given_and_others_behind():
    groups = [Group(("b",), lambda: [ok("b", "1"), ok("other", "3")], late_machine)]
    groups.append(Group(("a",), lambda: [ok("a", "2")], late_machine))
    assert [each.check for each in checked(groups, ("a", "b")).findings] == ["a", "b", "other"]


def test_what_hangs_is_told_and_not_waited_for():
    end = threading.Event()

    def hangs():
        yield ok("first", "there")
        end.wait()
        yield ok("second", "too late")

    found = checked([Group(("first", "second"), hangs, late_machine)], ("first", "second"), seconds=1)
    assert not end.is_set()
    end.set()
    assert [each.standing for each in found.findings] == [Standing.OK, Standing.BAD]
    assert "no answer within 1 s" in found.findings[1].words


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("no such thing"), Exit.USAGE, "no such thing"),
        (OSError(5, "Input/output error"), Exit.MACHINE, "this machine says: [Errno 5] Input/output error"),
        (KeyError("x"), Exit.BUG, "a bug in Earmark, please report it: KeyError: 'x'"),
    ],
)
def test_what_fails_takes_nothing_else_down(error, code, words):
    def fails():
        yield ok("one", "there")
        raise error

    groups = [
        Group(("one", "two"), fails, late_machine),
        Group(("three",), lambda: [ok("three", "")], late_machine),
    ]
    found = checked(groups, ("one", "two", "three"))
    told = {each.check: each for each in found.findings}
    assert (told["two"].standing, told["two"].exit, told["two"].words) == (Standing.BAD, code, words)
    assert told["three"].standing is Standing.OK
    assert found.exit is code


@pytest.mark.parametrize(
    ("codes", "expected", "sentence"),
    [
        ([], Exit.DONE, "all is well"),
        ([Exit.SERVICE_DOWN, Exit.KEY], Exit.KEY, "a run would end with exit 5 because of 1; also bad: 0"),
        ([Exit.KEY, Exit.USAGE], Exit.USAGE, "a run would end with exit 2 because of 1; also bad: 0"),
        (
            [Exit.SERVICE_DOWN, Exit.MACHINE],
            Exit.MACHINE,
            "a run would end with exit 10 because of 1; also bad: 0",
        ),
    ],
)
def test_the_exit_code_is_that_of_a_run(codes, expected, sentence):
    found = Checked(tuple(bad(str(n), "", "", code) for n, code in enumerate(codes)))
    assert (found.exit, found.sentence) == (expected, sentence)


def test_what_is_only_to_be_looked_at_is_no_failure():
    found = Checked((ok("a", ""), look("b", "")))
    assert (found.exit, found.sentence) == (Exit.DONE, "a run can start; 1 thing to look at")


def test_hostile_words_and_secrets_stay_off_the_screen(monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "ap_secret_of_mine")
    found = Checked((look("a", "x\x1b[2J ap_secret_of_mine", "y\nz", ["r\x07"]),))
    text = screen.render(found, Terminal(width=80))
    assert "ap_secret" not in text
    assert "\x1b" not in text
    assert text.count("\n") == 4
    assert "ap_secret" not in screen.document(found)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_rows_keep_to_the_screen(width):
    words = "some words that go on for longer than any screen has room for, and then a few more of them"
    found = Checked((bad("results disk", words, words, Exit.MACHINE), ok("policy", words, [words])))
    lines = screen.render(found, Terminal(width=width)).splitlines()
    assert max(map(len, lines)) <= width
    assert sum("BAD" in line for line in lines) == 1
