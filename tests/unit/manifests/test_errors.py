import itertools

import pytest

from manifests import errors
from manifests.exits import PRECEDENCE, Exit, strongest


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.EarmarkError, 70),
        (errors.UsageError, 2),
        (errors.ManifestError, 2),
        (errors.MachineError, 10),
    ],
)
def test_an_error_knows_its_exit_code(error, code):
    assert error("why").exit_code == code
    assert str(error("why")) == "why"
    assert issubclass(error, errors.EarmarkError)


def test_the_nearest_word_is_named():
    assert errors.nearest("stem", ["transcription", "stems"]) == "; did you mean 'stems'?"
    assert errors.nearest("STEMS", ["transcription", "stems"]) == "; did you mean 'stems'?"
    assert errors.nearest("episodes", ["Episodes"]) == "; did you mean 'Episodes'?"
    assert errors.nearest("zzz", ["transcription", "stems"]) == ""


def test_choices_read_well_with_and_without_a_near_word():
    assert errors.choices("stem", ["stems", "tts"]) == "; did you mean 'stems'? Known: stems, tts"
    assert errors.choices("zzz", iter(["stems", "tts"])) == "; known: stems, tts"
    assert errors.choices("zzz", []) == "; there are none"


def test_exit_codes_are_those_of_the_manual():
    assert {code.name: code.value for code in Exit} == {
        "DONE": 0,
        "SOME_FAILED": 1,
        "USAGE": 2,
        "REFUSED": 3,
        "OUT_OF_MONEY": 4,
        "KEY": 5,
        "STALE": 6,
        "IN_DOUBT": 7,
        "SERVICE_DOWN": 8,
        "STOPPED_AS_TOLD": 9,
        "MACHINE": 10,
        "BUG": 70,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


def test_the_order_of_exit_codes_is_that_of_the_manual():
    assert [int(code) for code in PRECEDENCE] == [130, 143, 70, 5, 10, 6, 3, 4, 8, 7, 1, 9]


def test_the_strongest_code_wins_in_any_order():
    for first, second in itertools.combinations(PRECEDENCE, 2):
        assert strongest([second, first]) is strongest([first, second, first]) is first


def test_nothing_to_tell_is_done():
    assert strongest([]) is Exit.DONE
    assert strongest([Exit.DONE, Exit.DONE]) is Exit.DONE
    assert strongest([Exit.DONE, Exit.STOPPED_AS_TOLD]) is Exit.STOPPED_AS_TOLD
