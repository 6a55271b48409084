"""Plans of texts, prompts, voices and credits, from the files to the screen."""

import re
from fractions import Fraction

import pytest
from msgspec.structs import replace

from earmark.plan_values import Outcome
from earmark.planning import make_plan
from earmark.reports.of_planning import planned_of
from earmark.screens.plan import render
from earmark.terminal import Terminal
from manifests.exits import Exit
from planner.history import History
from planner.leftout import Reason

SENTENCE = "It was a dark night, and rain fell on the town. "


@pytest.fixture
def folder(tmp_path, world, recording):
    """A folder with real texts and prompts, and recordings that are made up."""

    def put(*names, **contents):
        for name, content in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(content, encoding="utf-8")
            world.found.append(path)
        for name, ms in names:
            world.found.append(replace(recording(name, ms=ms, size=ms), path=str(tmp_path / name)))
        return world

    return put


@pytest.fixture
def planned(world, tmp_path):
    def make(*services, settings=(), **more):
        options = world.given(paths=(str(tmp_path),), services=services, settings=settings, **more)
        return make_plan(options, world.ends())

    return make


def screen(result):
    return render(result, Terminal(width=200))


def rows(result, word):
    return [row.strip() for row in screen(result).splitlines() if row.strip().startswith(word)]


def items(world):
    return world.written[-1][2]


def test_a_text_beside_recordings_does_not_disturb_their_transcription(folder, planned):
    folder(("talk.mp3", 60_000), notes_txt="Not for you.", prompts_yaml="- calm")
    result = planned("transcription")
    assert [(item.file, item.service) for item in items(folder())] == [("talk.mp3", "transcription")]
    assert [each.reason for each in result.summary.left_out] == [Reason.NOT_AUDIO] * 2


def test_with_several_services_each_file_goes_to_those_that_take_it(folder, planned):
    folder(("talk.mp3", 60_000), notes_md="For you.", prompts_yaml="- calm")
    planned("transcription", "tts", "music", settings=("tts.voice=anna", "music.audio_duration=60"))
    assert [(item.file, item.service) for item in items(folder())] == [
        ("notes.md", "tts"),
        ("prompts.yaml", "music"),
        ("talk.mp3", "transcription"),
    ]


def test_what_no_service_takes_is_left_out_without_a_look_at_it(folder, planned):
    folder(("talk.mp3", 60_000), notes_txt="For you.")
    result = planned("tts", settings=("voice=anna",))
    assert [(each.reason, each.detail) for each in result.summary.left_out] == [
        (Reason.NOT_TAKEN, "not a text (.txt, .md, .srt)")
    ]


def test_a_long_text_is_shown_as_one_with_its_first_words_and_rate(folder, planned):
    folder(book_md="# First *snow*\n\n" + "\n\n".join([SENTENCE * 100] * 6))
    result = planned("tts", settings=("voice=anna", "language=en"))
    assert [item.part for item in items(folder())] == ["1/2", "2/2"]
    assert rows(result, "tts")[0].split("  ")[-1].strip() == "28,814 characters"
    (text,) = rows(result, "text")
    assert text.startswith('text        book.md "First snow It was a dark night, and rain fell on the town.')
    assert text.endswith('" 28,814 characters, 32:27 in 2 parts')
    (speech,) = rows(result, "speech")
    assert "lengths stand on 11 to 18 characters a second, en; what is billed is the sound" in speech
    (told,) = planned_of(result).spoken
    assert (told["file"], told["characters"], told["jobs"]) == ("book.md", 28814, 2)
    assert (told["rate"], told["narrowed_by"]) == ("11 to 18 characters a second, en", 0)


def test_a_language_that_is_not_stated_widens_the_range_and_the_plan_says_so(folder, planned):
    folder(a_txt=SENTENCE)
    result = planned("tts", settings=("voice=anna",))
    (row,) = rows(result, "speech")
    assert "8 to 18 characters a second, any language; narrower with --set tts.language=CODE" in row


def test_what_a_voice_was_billed_for_narrows_the_estimate_and_the_plan_says_so(folder, planned, world):
    folder(a_txt=SENTENCE * 20)
    wide = planned("tts", settings=("voice=anna", "language=en")).summary.total.ceiling
    world.history = History(speech=lambda voice, language: [(1000, 60, Fraction(1))] * 3)
    result = planned("tts", settings=("voice=anna", "language=en"))
    assert result.summary.total.ceiling < wide
    assert "narrowed by 3 jobs that this voice has spoken before" in rows(result, "speech")[0]


def test_many_texts_are_told_by_a_few(folder, planned):
    folder(a_txt="One.", b_txt="Two.", c_txt="Three.", d_txt="Four.", e_txt="Five.")
    assert len(rows(planned("tts", settings=("voice=anna",)), "text ")) == 3
    assert rows(planned("tts", settings=("voice=anna",)), "and 2 more")


def test_prompts_are_items_of_their_own_and_bad_ones_are_named(folder, planned):
    folder(prompts_yaml="- calm piano\n- {prompt: b, audio_duration: 9}\n- {prompt: c, audio_duration: -1}\n")
    result = planned("music:xl", settings=("audio_duration=60",))
    (item,) = items(folder())
    assert (item.result, item.cents, item.options["prompt"]) == ("prompts/001-calm-piano.xl", 8, "calm piano")
    shown = screen(result)
    assert "music:xl: with an option that cannot be; line 2: music.audio_duration is 10 to 600" in shown
    assert "line 3: audio_duration -1 lets the service choose, up to 600 s: say how long" in shown
    assert rows(result, "prompt ") == ['prompt      prompts.yaml "calm piano" 1:00']


def test_an_accepted_ceiling_prices_music_of_any_length_and_stays_in_the_commands(folder, planned):
    folder(prompts_txt="auto\ncalm\n")
    result = planned("music", settings=("audio_duration=-1",), accept_ceiling=True, max_spend=1)
    assert result.outcome is Outcome.OVER_CAP
    assert result.summary.total.cents == 80
    assert " --accept-ceiling " in rows(result, "all")[0]
    assert 'prompts.txt "auto" 10:00 $0.40   prompts.txt "calm" 10:00 $0.40' in rows(result, "dearest")[0]


def test_bad_texts_and_prompts_are_left_out_with_their_lines(folder, planned):
    folder(a_txt="Hello.\n<break/>", b_yaml="- calm\n- calm\n")
    result = planned("tts", "music", settings=("tts.voice=anna",))
    assert (result.outcome, result.exit_code) == (Outcome.NOTHING_PRICED, Exit.USAGE)
    assert "a.txt: line 2: <break/> is a break without a time" in screen(result)
    assert "b.yaml: line 2: the same prompt as on line 1" in screen(result)


def test_credits_have_a_line_of_their_own_and_are_in_no_sum(folder, planned):
    folder(("talk.mp3", 60_000))
    result = planned("transcription", "denoise:studio")
    assert " 1,320 cr " in rows(result, "denoise:studio")[0]
    assert " 1,343 cr " in rows(result, "denoise:studio")[0]
    assert re.findall(r"\$\S+", rows(result, "total")[0]) == ["$0.01", "$0.02"]
    assert rows(result, "credits")[0].startswith(
        "credits     1,320, at most 1,343, of the account, not of the wallet, and in no sum above: worth"
    )
    assert rows(result, "dearest")[0].endswith("talk.mp3 1:00 1,320 credits (denoise:studio)")
    assert rows(result, "next") == ["next        run manifest.yaml --max-spend 0.02 --max-credits 1343"]
    total = planned_of(result).total
    assert (total.credits, total.credits_ceiling) == (1320, 1343)
    assert (total.cents, total.ceiling) == (1, 2)


def test_a_plan_of_credits_alone_is_not_told_to_spend_nothing(folder, planned):
    folder(("talk.mp3", 60_000))
    assert rows(planned("denoise"), "next") == ["next        run manifest.yaml --max-credits 672"]


def test_what_to_know_of_a_service_is_said_before_it_is_chosen(folder, planned):
    folder(("song.mp3", 60_000))
    result = planned("karaoke", "speakers", "transcription")
    assert [row.split()[1] for row in rows(result, "know")] == ["karaoke:", "speakers:"]
    assert "stems:two is 10 c/min" in rows(result, "know")[0]
    assert set(planned_of(result).to_know) == {"karaoke", "speakers"}


def test_two_languages_are_two_items_and_no_pair(folder, planned):
    folder(("talk.mp3", 60_000))
    result = planned("dubbing", settings=("target_language=de,fr",))
    assert [item.options for item in items(folder())] == [
        {"target_language": "de"},
        {"target_language": "fr"},
    ]
    assert (result.summary.products[0].row.items, result.summary.pairs) == (2, ())


def test_a_text_is_spoken_by_the_clone_of_the_same_plan(folder, planned):
    folder(("anna.wav", 15_000), book_txt="Hello.")
    result = planned("tts", "clone", settings=("tts.voice=clone:anna.wav",))
    assert [(item.service, item.needs) for item in items(folder())] == [("clone", None), ("tts", "anna.wav")]
    assert all(item.sha256 for item in items(folder()))
    assert rows(result, "know")[0].startswith("know        clone: making the voice is planned at nothing")


def test_the_same_text_is_paid_once_and_said_so(folder, planned):
    folder(a_txt="Hello.", b_txt="Hello.\n")
    result = planned("tts", settings=("voice=anna",))
    assert rows(result, "same text")[0].endswith("saves $0.01")
    assert [item.note for item in items(folder())] == [None, "same text as a.txt"]
