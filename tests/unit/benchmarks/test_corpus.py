"""The corpus keeps what it made; a measurement says what is right, what is wrong and what nobody knows."""

from random import Random

import pytest

from benchmarks.corpus import damage
from benchmarks.corpus.fetch import SOURCES, sources
from benchmarks.corpus.measure import Case, kept
from benchmarks.corpus.report import accuracy
from benchmarks.corpus.shelf import Entry, Kind, Shelf, entries
from benchmarks.corpus.tally import lie, tally
from benchmarks.corpus.truth import SET_ASIDE, Truth, near, settled
from benchmarks.corpus.wrong import wrong


def case(kind=Kind.REAL, low=10.0, by="ffmpeg", errors=False, path="real/a/a.mp3", **said):
    truth = Truth(path, "d", low, low, by, errors)
    return Case(Entry(path, kind, "a group"), truth, said)


def nobody():
    return None


def test_a_length_is_right_within_a_tenth_of_a_second_or_one_part_in_a_hundred():
    assert near(0.55, 0.5, 0.5)
    assert not near(0.65, 0.5, 0.5)
    assert near(1010, 1000, 1000)
    assert not near(1011, 1000, 1000)


def test_a_witness_who_agrees_with_what_was_made_is_believed():
    assert settled({"one": 3.0, "two": 5.0}, 5.0, nobody) == (5.0, 5.0, "two, as made")


def test_witnesses_who_agree_are_believed_without_a_third():
    assert settled({"one": 5.0, "two": 5.02}, None, pytest.fail) == (5.0, 5.02, "one and two")


def test_a_third_witness_decides_between_two():
    assert settled({"one": 3.0, "two": 5.0}, None, lambda: 5.01) == (5.0, 5.01, "two and ffmpeg")


def test_where_all_differ_the_truth_is_disputed_and_where_none_decodes_there_is_none():
    assert settled({"one": 3.0, "two": 5.0}, None, lambda: 9.0) == (3.0, 9.0, "disputed")
    assert settled({"one": None, "two": None}, None, nobody) == (None, None, "nobody")


def test_decoders_that_stop_early_do_not_outvote_the_one_that_goes_on():
    assert settled({"one": 3.0, "two": 3.0}, None, lambda: 5.0, pairs=False) == (3.0, 5.0, "disputed")


def test_a_file_is_made_once_and_one_that_no_encoder_makes_is_left_out(tmp_path):
    def refuse(part):
        raise FileNotFoundError(part)

    first = Shelf(tmp_path)
    assert first.put(Kind.MADE, "a/b", "x.wav", lambda part: part.write_bytes(b"RIFF"), 1.5)
    assert first.put(Kind.MADE, "a/b", "y.wav", refuse) is None
    again = Shelf(tmp_path)
    assert again.put(Kind.MADE, "a/b", "x.wav", pytest.fail, 1.5)
    assert again.put(Kind.MADE, "a/b", "y.wav", pytest.fail) is None
    assert again.close() == 1
    assert list(entries(tmp_path)) == [Entry("made/a b/x.wav", Kind.MADE, "a/b", 1.5)]


@pytest.mark.parametrize("wound", damage.WOUNDS)
def test_every_wound_changes_a_file_and_the_same_way_each_time(wound):
    whole = bytes(range(1, 251)) * 20
    hurt = damage.WOUNDS[wound](whole, Random("a seed"))
    assert hurt != whole
    assert hurt == damage.WOUNDS[wound](whole, Random("a seed"))


def test_no_package_is_both_seen_and_held_out():
    seen, held_out = sources("seen"), sources("held_out")
    assert not any(set(seen[kind]) & set(held_out[kind]) for kind in seen)
    assert "://" not in SOURCES.read_text()


def test_only_a_sure_grade_makes_a_wrong_length_a_lie():
    assert lie(case(seconds=12.0, grade="exact"))
    assert lie(case(seconds=12.0, grade="counted"))
    assert not lie(case(seconds=12.0, grade="header"))
    assert not lie(case(seconds=10.05, grade="exact"))
    assert not lie(case(error="cut off", refused="cut off"))


def test_damaged_files_are_told_apart_and_those_that_nobody_decodes_are_not_counted():
    sound = case(seconds=10.0)
    told = tally([
        sound,
        broken := case(Kind.DAMAGED, seconds=1.0),
        complained := case(errors=True, seconds=10.0),
        case(low=None, by=SET_ASIDE, seconds=4.0),
    ])  # fmt: skip
    assert told.whole == [sound]
    assert told.broken == [broken, complained]
    assert told.right == 1


def test_a_file_without_sound_is_right_only_without_a_length():
    silent = {"kind": Kind.NOT_AUDIO, "low": None, "by": "made"}
    assert case(**silent, error="not audio").right
    assert not case(**silent, seconds=3.0, grade="header").right


def test_the_table_has_every_reader_the_goals_and_a_row_a_kind():
    ours = [case(seconds=10.0, grade="exact", high=10.1), case(Kind.TRAP, error="x", path="trap/b/b.wav")]
    page = accuracy(
        {"earmark": ours, "mutagen": [case(seconds=99.0), case(Kind.TRAP, seconds=10.0)]}, {"mutagen": 2}
    )
    assert "| earmark | 50.0 % | 100.0 % | 50.0 % |" in page
    assert "| mutagen (every 2th file) | 50.0 % | 0.0 % | 0.0 % |" in page
    assert "Sound files graded exact and wrong: 0" in page
    assert "| real: mp3 | 1 | 100.0 % | 0.0 % |" in page


def test_answers_of_last_time_are_kept(tmp_path):
    asked = [(one := case()).entry, one.truth], [(other := case(path="real/a/b.mp3")).entry, other.truth]
    (tmp_path / "answers-PyAV's-header.jsonl").write_text('{"path": "real/a/b.mp3", "seconds": 10.0}\n')
    assert kept(tmp_path, "PyAV's header", asked) == [case(path="real/a/b.mp3", seconds=10.0)]


def test_wrong_answers_are_named_with_truth_and_reason():
    told = {"grade": "exact", "reader": "mp3", "reason": "header", "high": 12.1}
    page = wrong([case(seconds=12.0, **told)])
    assert "`real/a/a.mp3` truth 10.00 (ffmpeg); 12.00 exact by mp3: header" in page
