"""Lines that speak with a voice which the same plan makes."""

from fractions import Fraction

import pytest

from manifests.errors import UsageError
from manifests.keys import content_key, voiced
from planner.fitting import Candidates, Prefer
from planner.inputs import Passage
from planner.plan import suspects
from planner.pricing import Standing
from planner.roots import Root
from planner.sales import Terms, fits_as_sample
from support.plans import price

ROOT = Root("/media")
SAMPLE, WORDS = "aa" * 32, "bb" * 32


@pytest.fixture
def passage():
    def make(name="book.txt", sha256=WORDS):
        return Passage(
            f"/media/{name}",
            9,
            0,
            "0" * 12,
            sha256,
            1480,
            wide=0,
            digits=0,
            breaks_ms=0,
            script="",
            start="Once",
        )

    return make


@pytest.fixture
def voices(chosen):
    def make(sample="voices/anna.wav", more=()):
        return chosen("tts", "clone", settings=(f"tts.voice=clone:{sample}", *more))

    return make


@pytest.fixture
def planned(recording, passage, voices):
    """A book and the sample of its reader."""

    def make(*, paid=lambda _keys: set(), digests=True, ms=15_000, **options):
        inputs = [passage(), recording("voices/anna.wav", ms=ms)]
        return price(inputs, {1: SAMPLE} if digests else {}, voices(), ROOT, paid, **options)

    return make


def keys(voices, generation=0):
    speech, clone = voices()
    made = content_key(SAMPLE, "clone", clone.submitted, generation)
    return made, content_key(WORDS, "tts", voiced(speech.submitted, "voice", made))


def test_clones_come_first_and_others_name_them(planned):
    lines = planned().lines
    assert [(each.item.service, each.item.file, each.item.needs) for each in lines] == [
        ("clone", "voices/anna.wav", None),
        ("tts", "book.txt", "voices/anna.wav"),
    ]
    assert (lines[0].item.cents, lines[0].item.ceiling) == (0, 2)
    assert "voice" not in lines[1].item.options


@pytest.mark.parametrize(
    "typed", ["voices/anna.wav", "./voices/../voices/anna.wav", "/media/voices/anna.wav"]
)
def test_a_sample_is_named_as_in_the_manifest_or_as_a_path(recording, passage, voices, typed):
    inputs = [passage(), recording("voices/anna.wav", ms=15_000)]
    result = price(inputs, {}, voices(typed), ROOT, lambda _keys: set())
    assert result.lines[1].item.needs == "voices/anna.wav"


def test_what_a_clone_spoke_before_is_paid_before(planned, voices):
    bought = set(keys(voices))
    assert [each.standing for each in planned(paid=bought.intersection).lines] == [Standing.PAID_BEFORE] * 2


def test_another_clone_speaks_anew(planned, voices):
    bought = {keys(voices)[1]}
    changed = planned(paid=bought.intersection)
    assert [each.standing for each in changed.lines] == [Standing.TO_PAY, Standing.PAID_BEFORE]
    unknown = planned(paid=bought.intersection, digests=False)
    assert [each.standing for each in unknown.lines] == [Standing.TO_PAY] * 2


def test_paying_again_for_a_clone_makes_its_speech_a_new_purchase(planned, voices):
    made, _ = keys(voices)
    lines = planned(paid={made}.intersection, pay_again=True).lines
    assert [(each.item.generation, each.standing) for each in lines] == [
        (1, Standing.TO_PAY),
        (0, Standing.TO_PAY),
    ]


def test_the_same_words_by_the_same_voice_are_paid_once(recording, passage, voices):
    inputs = [passage(), passage("copy.txt"), recording("voices/anna.wav", ms=15_000)]
    lines = price(inputs, {2: SAMPLE}, voices(), ROOT, lambda _keys: set()).lines
    assert [each.standing for each in lines] == [Standing.TO_PAY, Standing.TO_PAY, Standing.SAME_AUDIO]
    assert lines[2].item.note == "same text as book.txt"


def test_without_its_clone_a_text_is_refused(planned):
    result = planned(ms=5_000)
    assert result.lines == ()
    assert [(each.path, each.product, each.reason) for each in result.refused] == [
        ("/media/book.txt", "tts", "without its voice"),
        ("/media/voices/anna.wav", "clone", "a sample that is too short"),
    ]


def test_a_sample_that_is_no_file_of_the_plan_is_a_mistake(recording, passage, voices, chosen):
    inputs = [passage(), recording("voices/anna.wav", ms=15_000)]
    with pytest.raises(UsageError, match=r"voices/ana\.wav names no sample of this plan; did you mean"):
        price(inputs, {}, voices("voices/ana.wav"), ROOT, lambda _keys: set())
    alone = chosen("tts", settings=("voice=clone:voices/anna.wav",))
    with pytest.raises(
        UsageError, match=r"this plan makes none: add --service clone and the path voices/anna\.wav"
    ):
        price([passage()], {}, alone, ROOT, lambda _keys: set())


def test_samples_are_read_whole_to_recognise_what_they_speak(recording, passage):
    inputs = [passage(), recording("a.wav", ms=15_000, size=1), recording("b.wav", ms=90_000, size=2)]
    assert suspects(inputs, set()) == []
    assert suspects(inputs, set(), fits_as_sample) == [1]


def test_what_fits_keeps_no_speech_without_its_voice(planned):
    lines = planned().lines
    ceilings = [each.item.ceiling for each in lines]
    lines = Candidates(lines)
    assert list(lines.fitting(sum(ceilings), Prefer.LISTED)) == [1, 1]
    assert list(lines.fitting(ceilings[1], Prefer.LISTED)) == [1, 0]
    assert list(lines.fitting(1, Prefer.LISTED)) == [0, 0]


def test_what_a_clone_was_billed_for_before_narrows_what_it_speaks_next(planned, voices):
    made, _ = keys(voices)
    asked = []

    def speech(voice, language):
        asked.append((voice, language))
        return [(1000, 60, Fraction(1))] * 3

    (_, told) = planned(terms=Terms(speech)).lines
    assert (f"clone:{made}", "") in asked
    assert told.sale.told.jobs == 3
    assert told.length.ms == 88_800
