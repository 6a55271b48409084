import pytest

from manifests import catalogue
from planner.filing import Files
from planner.inputs import Prompt
from planner.leftout import LeftOut, Reason
from planner.limits import Kind
from planner.pricing import line, paid_before, same_audio
from planner.roots import Root
from planner.sales import Refused, sale
from planner.summary import Summing
from planner.till import Batch

CATALOGUE = catalogue.load()


def summary(kept=(), over=(), refused=(), left_out=(), products=("transcription",)):
    products = [CATALOGUE.product(name) for name in products]
    sums = Summing(products)
    paths = dict.fromkeys(each.path for each in (*(line.input for line in (*kept, *over)), *refused))
    for path in paths:  # the lines of a file come together
        mine, late = ([line for line in lines if line.input.path == path] for lines in (kept, over))
        sums.add(Batch(mine, [each for each in refused if each.path == path]), late)
    return sums.summary([line.input for line in kept], left_out, products)


def test_rows_add_up_to_the_total(priced):
    kept = [
        priced("a.mp3", "transcription", ms=600_000, size=5),
        priced("a.mp3", "stems:six", ms=600_000, size=5),
        priced("b.mp3", "stems:six", ms=60_000, size=7),
    ]
    made = summary(kept, products=("transcription", "stems:six"))
    assert [(each.product, each.row.items, each.row.cents, each.row.ceiling) for each in made.products] == [
        ("transcription", 1, 10, 11),
        ("stems:six", 2, 110, 112),
    ]
    total = made.total
    assert (total.items, total.ms, total.cents, total.ceiling, total.size) == (3, 1_260_000, 120, 123, 17)


def test_free_lines_are_counted_apart_with_what_they_save(priced):
    kept = [
        paid_before(priced("a.mp3", ms=600_000)),
        priced("b.mp3"),
        same_audio(priced("c.mp3"), 1, "b.mp3"),
    ]
    made = summary(kept)
    assert (made.total.items, made.total.cents) == (1, 1)
    assert (made.paid_before.items, made.paid_before.cents, made.paid_before.ceiling) == (1, 10, 0)
    assert (made.same_audio.items, made.same_audio.cents) == (1, 1)


def test_what_did_not_fit_costs_once_what_several_lines_share(priced):
    first = priced("a.mp3", ms=600_000)
    row = summary(over=[first, same_audio(priced("b.mp3", ms=600_000), 0, "a.mp3")]).over
    assert (row.items, row.cents, row.ceiling) == (2, 10, first.item.ceiling)


def test_every_file_seen_is_somewhere(priced):
    kept = [
        priced("a.mp3", "transcription"),
        priced("a.mp3", "stems:six"),
        paid_before(priced("b.mp3", "transcription")),
        priced("b.mp3", "stems:six"),
        paid_before(priced("c.mp3")),
    ]
    over = [priced("d.mp3"), priced("a.mp3", "stems:two")]
    refused = [Refused("/media/film.mp4", "stems:six", "video", ""), Refused("/media/c.mp3", "x", "y", "")]
    left_out = [LeftOut("/media/n.txt", Reason.NOT_AUDIO), LeftOut("/media/.x", Reason.HIDDEN)]
    made = summary(kept, over, refused, left_out, products=("transcription", "stems:six"))
    assert made.files == Files(seen=6, to_pay=2, paid=1, over=1, left_out=2)


def test_texts_and_prompts_are_told_in_the_order_of_their_lines(chosen):
    made = [Prompt("/m/p.yaml", 9, 0, "0" * 12, n, n, f"p/{n}", {"prompt": f"rain {n}"}) for n in (1, 2)]
    choices = chosen("music", "music:xl", settings=("audio_duration=60",))
    kept = [line(sale(one, choice), Root("/m")) for one in made for choice in choices]
    told = summary(kept, products=("music", "music:xl")).spoken
    assert [(each.start, each.product) for each in told] == [
        ("rain 1", "music"),
        ("rain 1", "music:xl"),
        ("rain 2", "music"),
        ("rain 2", "music:xl"),
    ]


def test_what_was_left_out_as_asked_is_counted_and_no_fault():
    left_out = [LeftOut("/a", Reason.HIDDEN), LeftOut("/b", Reason.EXCLUDED), LeftOut("/c", Reason.HIDDEN)]
    made = summary(left_out=left_out)
    assert made.skipped == ((Reason.EXCLUDED, 1), (Reason.HIDDEN, 2))
    assert made.complete


def test_the_cache_that_an_earlier_plan_left_behind_is_not_told():
    own = [LeftOut("/a/.earmark", Reason.OWN, folder=True), LeftOut("/a/results", Reason.OWN, folder=True)]
    assert summary(left_out=own).skipped == ((Reason.OWN, 1),)


@pytest.mark.parametrize(
    "reason",
    [Reason.NOT_AUDIO, Reason.EMPTY, Reason.LFS_POINTER, Reason.TRUNCATED, Reason.DAMAGED, Reason.UNREADABLE],
)
def test_a_faulty_file_makes_the_plan_incomplete(reason):
    made = summary(left_out=[LeftOut("/a", reason)])
    assert not made.complete
    assert len(made.left_out) == 1


def test_a_refusal_makes_the_plan_incomplete():
    assert not summary(refused=[Refused("/a", "stems", "video", "")]).complete


def test_the_dearest_come_first_and_free_lines_never(priced):
    kept = [
        priced("a.mp3", ms=60_000),
        priced("b.mp3", ms=600_000),
        priced("c.mp3", ms=300_000),
        paid_before(priced("d.mp3", ms=900_000)),
    ]
    assert [line.item.file for line in summary(kept).dearest] == ["b.mp3", "c.mp3"]


def test_rounding_is_told_when_it_makes_much_of_the_price(priced):
    clips = [priced(f"{number}.mp3", ms=20_000) for number in range(100)]
    told = summary(clips).rounding
    assert told is not None
    assert (told.items, told.cents, told.exact) == (100, 100, 34)


@pytest.mark.parametrize("clips", [1, 2])
def test_rounding_is_not_told_for_one_clip_nor_for_long_ones(priced, clips):
    assert summary([priced(ms=20_000)] if clips == 1 else [priced(ms=3_600_000)] * 2).rounding is None


@pytest.mark.parametrize("name", ["a.AIFF", "b/c.opus", "d.wma"])
def test_a_format_that_the_service_does_not_list_warns(priced, name):
    (warn,) = summary(
        [priced(name, "stems:six"), priced("ok.FLAC", "stems:six")], products=("stems:six",)
    ).warnings
    assert (warn.count, warn.example, warn.kind) == (1, name, Kind.FORMAT)
    assert warn.limit == "of a format that is not listed (mp3, wav, flac, m4a, ogg)"


@pytest.mark.parametrize("name", ["a.mp3", "noending", "b.c/noending", "talk.final version", "x.Ogg"])
def test_a_listed_format_and_a_name_that_says_nothing_do_not(priced, name):
    assert summary([priced(name, "stems:six")], products=("stems:six",)).warnings == ()


def test_where_no_formats_are_listed_none_warns(priced):
    assert summary([priced("a.aiff", "transcription")]).warnings == ()


def test_limits_of_the_service_warn_and_drop_nothing(priced):
    kept = [
        priced("short.mp3", "stems:six", ms=9_999),
        priced("ok.mp3", "stems:six", ms=10_000),
        priced("long.mp3", "stems:six", ms=1_800_001),
        priced("huge.wav", "stems:six", size=250_000_001),
        priced("hours.mp3", "transcription", ms=54_000_001),
    ]
    made = summary(kept, products=("transcription", "stems:six"))
    assert [(each.product, each.count, each.limit, each.example) for each in made.warnings] == [
        ("transcription", 1, "longer than 15 h", "hours.mp3"),
        ("stems:six", 1, "shorter than 10 s", "short.mp3"),
        ("stems:six", 1, "longer than 30 min", "long.mp3"),
        ("stems:six", 1, "larger than 250 MB", "huge.wav"),
    ]
    assert made.total.items == 5
