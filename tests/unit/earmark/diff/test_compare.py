"""What a change does to a plan: which line became which, why, and what it costs on top."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.diff.compare import compare
from earmark.diff.values import Kind, Pointer, product_of
from manifests.keys import content_key
from manifests.length import Grade
from manifests.options import submitted
from support.compared import make_item, make_side

OTHER = "aaaaaaaaaaaa"
DIGEST = "d" * 64


@pytest.fixture
def one(side, item):
    """The only change between two plans of a line each, made from the fields of either."""

    def find(old, new, **rest):
        rates = rest.pop("old_rates", None)
        before = side(item(rates=rates, **old), rates=rates)
        (found,) = compare(before, side(item(**new)), **rest).changes
        return found

    return find


def words(change):
    return [each.words for each in change.reasons]


def test_equal_plans_have_nothing_to_say(side, item):
    lines = [item("a.mp3"), item("b.mp3", "stems:six"), item("a.mp3", "stems:six")]
    shuffled = random.Random(1).sample(lines, 3)
    found = compare(side(*lines), side(*shuffled))
    assert (found.changes, found.same, found.old) == ((), 3, found.new)


def test_a_default_that_is_written_out_is_no_change(side, item):
    told = item(options={"enable_speaker_diarization": False})
    found = compare(side(item()), side(told))
    assert (found.changes, found.same) == ((), 1)


def test_what_was_added_costs_all_of_it_and_what_was_removed_gives_nothing_back(side, item):
    old, new = item("old.mp3", seconds=300.0, print=OTHER), item("new.mp3")
    found = compare(side(old), side(new))
    assert [(each.kind, each.to_pay.cents, each.to_pay.ceiling) for each in found.changes] == [
        (Kind.ADDED, 10, 11),
        (Kind.REMOVED, 0, 0),
    ]
    assert (found.to_pay.cents, found.to_pay.items) == (10, 1)
    assert (found.new - found.old).cents == 5


@pytest.mark.parametrize(
    ("old", "new", "told", "cents"),
    [
        ({"options": {"language": "en"}}, {"options": {"language": "de"}}, "language en -> de", 10),
        ({}, {"seconds": 750.0, "print": OTHER}, "length 10:00 -> 12:30", 13),
        ({}, {"print": OTHER}, "another recording of the same length", 10),
        ({"service": "stems:two"}, {"service": "stems:six"}, "service stems:two -> stems:six", 100),
        (
            {"options": {"formats": ["json"]}},
            {"options": {"formats": ["srt"]}},
            "formats json -> srt (free)",
            0,
        ),
        ({}, {"generation": 1}, "bought again on purpose", 10),
        ({"result": "a"}, {"result": "b"}, "result a -> b (free)", 0),
        ({"service": "transcription"}, {"service": "stems:two"}, "service transcription -> stems:two", 100),
    ],
)
def test_a_changed_line_tells_why_and_costs_what_must_be_bought(one, old, new, told, cents):
    found = one(old, new)
    assert found.kind is Kind.CHANGED
    assert told in words(found)
    assert found.to_pay.cents == cents


def test_a_price_that_rose_costs_the_difference(one):
    found = one({}, {}, old_rates={"transcription": Fraction(1, 2)})
    assert (words(found), found.to_pay.cents) == (["price 0.5 -> 1 c/min"], 5)
    paid = one({"paid": True}, {"paid": True}, old_rates={"transcription": Fraction(1, 2)})
    assert (paid.to_pay.cents, paid.now.cents - paid.before.cents) == (0, 5)


def test_another_name_of_the_same_recording_costs_nothing(one):
    found = one({"file": "a.mp3"}, {"file": "b/c.mp3"})
    assert (found.kind, found.to_pay.cents, found.old.file) == (Kind.RENAMED, 0, "a.mp3")


def test_another_name_with_other_options_is_bought(side, item):
    found = compare(side(item("a.mp3")), side(item("b.mp3", options={"language": "de"})))
    assert [each.kind for each in found.changes] == [Kind.ADDED, Kind.REMOVED]


def test_new_tags_cost_nothing_where_the_sound_is_known_to_be_the_same(one):
    by_plan = one({"sha256": DIGEST}, {"sha256": DIGEST, "print": OTHER, "size": 1001})
    assert (words(by_plan), by_plan.to_pay.cents) == (["tags changed, the sound is the same"], 0)
    by_look = one({}, {"print": OTHER}, same_sound=lambda _old, _new: True)
    assert by_look.to_pay.cents == 0
    by_nobody = one({}, {"print": OTHER, "sha256": DIGEST})
    assert by_nobody.to_pay.cents == 10


def test_another_length_behind_the_same_print_is_another_recording(one):
    assert one({}, {"seconds": 1200.0}).to_pay.cents == 20
    assert one({"file": "a.mp3"}, {"file": "b.mp3"}).kind is Kind.RENAMED
    text = {"grade": Grade.ESTIMATED, "longest": 1300.0}
    narrowed = one(text, {**text, "seconds": 660.0})
    assert (narrowed.to_pay.cents, words(narrowed)) == (0, ["length 10:00 -> 11:00"])  # the most stays


def test_what_was_paid_before_costs_nothing_and_counts_at_its_price(side, item):
    found = compare(side(), side(item(paid=True)))
    assert (found.changes[0].paid_before, found.to_pay.cents, found.new.cents) == (True, 0, 10)


def test_what_another_line_pays_for_costs_nothing_on_either_side(side, item):
    twin = item("b.mp3", paid=True, note="same audio as a.mp3")
    found = compare(side(item("a.mp3")), side(item("a.mp3"), twin))
    (only,) = found.changes
    assert (words(only), only.paid_before, found.to_pay.cents) == (["same audio as a.mp3"], False, 0)
    assert (found.old.cents, found.new.cents) == (10, 10)
    gone = compare(side(item("a.mp3"), twin), side(item("b.mp3")))  # the twin pays for itself now
    assert (gone.to_pay.cents, (gone.new - gone.old).cents) == (0, 0)


def test_a_copy_of_what_was_planned_before_costs_nothing(side, item):
    one = item("b.mp3")
    found = compare(side(one), side(item("a.mp3"), item("b.mp3", paid=True, note="same audio as a.mp3")))
    (only,) = found.changes
    assert (only.kind, words(only), found.to_pay.cents) == (Kind.ADDED, ["the same as b.mp3 before"], 0)
    other = item("c.mp3", print=OTHER)
    changed = compare(side(one, other), side(one, item("c.mp3")))
    assert (changed.to_pay.cents, words(changed.changes[0])[-1]) == (0, "the same as b.mp3 before")
    dearer = compare(side(one), side(one, item("a.mp3", options={"language": "de"})))
    assert dearer.to_pay.cents == 10


def test_the_ledger_knows_what_was_bought_since_the_plan(side, item):
    line = item(sha256=DIGEST)
    key = content_key(DIGEST, "transcription", submitted_of(line), 0)
    found = compare(side(), side(line, item("b.mp3", sha256="e" * 64)), lambda keys: {key} & set(keys))
    assert sorted((each.item.file, each.to_pay.cents) for each in found.changes) == [
        ("b.mp3", 10),
        ("talks/ep1.mp3", 0),
    ]


def submitted_of(line):
    return submitted(product_of(line), line.options)


def test_several_lines_of_one_file_keep_apart(side, item):
    def dubbed(language, **fields):
        return item(service="dubbing", options={"target_language": language}, **fields)

    found = compare(side(dubbed("de"), dubbed("fr")), side(dubbed("es"), dubbed("de"), dubbed("fr")))
    (only,) = found.changes
    assert (only.kind, only.item.options) == (Kind.ADDED, {"target_language": "es"})


def test_parts_of_a_text_are_compared_part_by_part(side, item):
    def part(number, count, **fields):
        span = (number * 100, number * 100 + 100)
        return item("book.txt", "tts", options={"voice": "x"}, part=f"{number}/{count}", span=span, **fields)

    found = compare(side(part(1, 2), part(2, 2)), side(*(part(n, 3, print=OTHER) for n in (1, 2, 3))))
    assert [each.kind for each in found.changes] == [Kind.ADDED, Kind.CHANGED, Kind.CHANGED]
    assert found.to_pay.cents == found.new.cents


def test_credits_have_a_sum_of_their_own(side, item):
    found = compare(side(), side(item(service="denoise:balanced")))
    assert (found.to_pay.cents, found.to_pay.credits > 0) == (0, True)


def test_a_line_whose_file_is_left_out_now_tells_why(side, item):
    (found,) = compare(side(item()), side(left_out={"talks/ep1.mp3": "cut off at 3:10"})).changes
    assert words(found) == ["left out now: cut off at 3:10"]


def test_pointers_without_their_content_have_no_price_and_are_told(side):
    kept, gone, fresh = Pointer("1" * 64, 10), Pointer("2" * 64, 20), Pointer("3" * 64, 30)
    old = side(pointers={"kept.mp3": kept, "gone.mp3": gone, "changed.mp3": gone})
    new = side(pointers={"moved.mp3": kept, "changed.mp3": fresh})
    found = [(each.kind, each.file, each.size) for each in compare(old, new).unpriced]
    assert found == [(Kind.CHANGED, "changed.mp3", 30), (Kind.REMOVED, "gone.mp3", 20)]


LINES = st.lists(
    st.tuples(
        st.sampled_from(["a.mp3", "b.mp3", "c.mp3", "d.mp3"]),
        st.sampled_from(["transcription", "stems:six"]),
        st.sampled_from([60.0, 61.0, 600.0]),
        st.sampled_from(["11111111", "22222222"]),
        st.sampled_from(["de", "en"]),
        st.booleans(),
    ),
    unique_by=lambda line: line[:2],
    max_size=8,
)


@given(LINES, LINES)
def test_sums_add_up_whatever_the_plans(old, new):
    def plan(lines):
        return make_side(
            *(
                make_item(
                    file,
                    service,
                    seconds=seconds,
                    print=print_,
                    options={"language": language} if service == "transcription" else {},
                    paid=paid,
                )
                for file, service, seconds, print_, language, paid in lines
            )
        )

    found = compare(plan(old), plan(new))
    before = [each for each in found.changes if each.old is not None]
    after = [each for each in found.changes if each.new is not None]
    assert found.same + len(before) == len(old)
    assert found.same + len(after) == len(new)
    assert sum(each.now.cents - each.before.cents for each in found.changes) == (found.new - found.old).cents
    assert 0 <= found.to_pay.cents <= found.to_pay.ceiling <= found.new.ceiling
    assert all(not each.to_pay.ceiling for each in found.changes if each.new is None or each.paid_before)
