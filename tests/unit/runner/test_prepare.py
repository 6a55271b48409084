"""From lines to purchases: what is stale, what it is bought as, what may be bought again."""

import pytest

from manifests.errors import EarmarkError
from manifests.keys import content_key
from manifests.money import Cents
from manifests.states import State
from runner.collect import Collector
from runner.inputs import Probes
from runner.ledger.rows import Move, Reservation
from runner.prepare import Checked, Stale, Tries, candidates, check, new_items, paid_items
from support.small_run import PROBES, digest, look, manifest_of


def checked(desk, *items):
    """The lines of these items, all as planned."""
    lines = desk.lines(manifest_of(list(items))).values()
    found = list(check(lines, PROBES))
    assert all(isinstance(each, Checked) for each in found)
    return found


def bind(desk, found):
    """Bind checked lines in the ledger; line -> checked."""
    with desk.ledger.transaction():
        desk.ledger.put_manifest("m1", desk.folder / "m.yaml", Cents(1000))
        desk.ledger.put_items("m1", list(new_items(found, desk.ledger.digests("m1"), PROBES)))
    return {each.line.key: each for each in found}


def wanted(desk, by_line, tries=None):
    collector = Collector(desk.ledger, "m1", desk.output, lambda _other: True)
    return candidates(desk.ledger, "m1", by_line, tries or Tries(), collector.target)


# -- stale files


def test_files_as_planned_are_ready(desk):
    (found,) = checked(desk, desk.item("a.mp3"))
    assert found.probed == look(str(desk.folder / "a.mp3"))


@pytest.mark.parametrize("text", ["A.mp3", "longer than before"], ids=["as long", "longer"])
def test_a_file_that_changed_is_stale(desk, text):
    item = desk.item("a.mp3")
    (desk.folder / "a.mp3").write_text(text)
    (found,) = check(desk.lines(manifest_of([item])).values(), PROBES)
    assert isinstance(found, Stale)
    assert found.reason == f"changed since planning (5 -> {len(text)} bytes)"


def test_a_file_that_vanished_is_stale_and_the_others_are_looked_at_all_the_same(desk):
    items = [desk.item("a.mp3"), desk.item("b.mp3")]
    (desk.folder / "a.mp3").unlink()
    gone, there = check(desk.lines(manifest_of(items)).values(), PROBES)
    assert isinstance(gone, Stale)
    assert "No such file" in gone.reason
    assert isinstance(there, Checked)


# -- content keys


def test_a_line_is_bound_to_what_it_buys(desk):
    item = desk.item("a.mp3", "stems:two", generation=2)
    (found,) = new_items(checked(desk, item), {}, PROBES)
    sha256 = digest(str(desk.folder / "a.mp3"), ((0, 5),))
    assert found.content_key == content_key(sha256, "stems:two", {"mode": "two"}, 2)
    assert (found.sha256, found.product, found.options) == (sha256, "stems:two", '{"mode":"two"}')
    assert (found.generation, found.audio_bytes, found.file, found.base) == (2, 5, "a.mp3", "a")


def test_a_digest_is_taken_once_for_each_state_of_a_file(desk):
    taken = []
    probes = Probes(look, lambda path, spans: taken.append(path) or digest(path, spans))
    by_line = bind(desk, checked(desk, desk.item("a.mp3")))
    again = list(new_items(by_line.values(), desk.ledger.digests("m1"), probes))
    assert taken == []
    assert again[0].sha256 == digest(str(desk.folder / "a.mp3"), ((0, 5),))

    (desk.folder / "a.mp3").write_text("other audio")
    list(new_items(checked(desk, desk.item("a.mp3")), desk.ledger.digests("m1"), probes))
    assert len(taken) == 1


def test_a_file_that_vanishes_while_it_is_digested_is_stale(desk):
    def vanish(_path, _spans):
        raise EarmarkError("a.mp3 became shorter while it was read")

    found = checked(desk, desk.item("a.mp3"), desk.item("b.mp3"))
    both = list(new_items(found, {}, Probes(look, vanish)))
    assert [each.reason for each in both] == ["a.mp3 became shorter while it was read"] * 2
    assert [each.line for each in both] == [each.line for each in found]


def test_paid_lines_are_told_by_the_plan_s_digests_and_no_file_is_read(desk):
    paid, other, unknown = (
        desk.item("a.mp3", sha256="a" * 64),
        desk.item("b.mp3", sha256="b" * 64),
        desk.item("c.mp3"),
    )
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        (desk.folder / name).unlink()
    lines = desk.lines(manifest_of([paid, other, unknown]))
    key = content_key("a" * 64, "transcription", lines["a.mp3"].submit)
    (found,) = paid_items(lines.values(), lambda keys: {key} & set(keys))
    assert (found.file, found.content_key, found.sha256) == ("a.mp3", key, "a" * 64)


# -- what a run would buy


def test_candidates_come_in_the_manifest_s_order_with_all_that_a_submit_needs(desk):
    by_line = bind(desk, checked(desk, desk.item("b.mp3"), desk.item("a.mp3", options={"language": "en"})))
    first, second = wanted(desk, by_line)
    assert [first.name, second.name] == ["b.mp3", "a.mp3"]
    assert (second.expected, second.ceiling, second.state) == (1, 2, State.PLANNED)
    assert second.fields["language"] == "en"
    assert second.source.path == desk.folder / "a.mp3"
    assert second.source.sha256 == digest(str(desk.folder / "a.mp3"), ((0, 5),))
    assert (second.source.size, second.source.spans) == (5, ((0, 5),))


def test_equal_audio_is_one_candidate_with_two_targets(desk):
    (desk.folder / "copy.mp3").write_bytes(b"a.mp3")
    by_line = bind(desk, checked(desk, desk.item("a.mp3"), desk.item("copy.mp3")))
    (task,) = wanted(desk, by_line)
    assert [target.base for target in task.targets] == ["a", "copy"]


def test_what_is_bought_already_is_no_candidate(desk):
    by_line = bind(desk, checked(desk, desk.item("a.mp3")))
    fail(desk, State.SUBMITTED)
    assert wanted(desk, by_line) == []


def fail(desk, *states, token="t"):
    """Drive the only part through these states."""
    with desk.ledger.transaction():
        attempt = desk.ledger.reserve(
            Reservation(1, "m1", "transcription", token, Cents(1), Cents(2)),
        )
        for state in (State.UPLOADING, State.SENDING, *states):
            desk.ledger.move(Move(attempt, state, "why", token if state is State.SUBMITTED else None))


RELEASED = (State.SUBMITTED, State.FAILED, State.RELEASED)
CHARGED = (State.SUBMITTED, State.FAILED, State.FAILED_CHARGED)


@pytest.mark.parametrize(
    ("states", "tries", "expected"),
    [
        (RELEASED, {}, True),
        (CHARGED, {}, False),
        (CHARGED, {"charged": True}, True),
        (CHARGED, {"rejected": True}, False),
        ((State.REJECTED,), {}, False),
        ((State.REJECTED,), {"rejected": True}, True),
        ((State.REJECTED,), {"charged": True}, False),
        ((State.PLANNED,), {}, True),
        ((State.PLANNED,), {"max_tries": 0}, True),
        (RELEASED, {"max_tries": 1}, False),
        (RELEASED, {"max_tries": 2}, True),
        (CHARGED, {"charged": True, "max_tries": 1}, False),
        ((State.IN_DOUBT,), {"charged": True, "rejected": True}, False),
        ((State.IN_DOUBT, State.GIVEN_UP), {"charged": True, "rejected": True}, False),
        ((State.SUBMITTED, State.LOST), {"charged": True, "rejected": True}, False),
        ((State.SUBMITTED, State.FAILED), {"charged": True, "rejected": True}, False),
    ],
    ids=str,
)
def test_which_failures_are_tried_again(desk, states, tries, expected):
    by_line = bind(desk, checked(desk, desk.item("a.mp3")))
    fail(desk, *states)
    assert bool(wanted(desk, by_line, Tries(**tries))) is expected


def test_tries_are_counted_over_a_purchase_s_life(desk):
    by_line = bind(desk, checked(desk, desk.item("a.mp3")))
    for number in range(3):
        assert wanted(desk, by_line)[0].tries == number
        fail(desk, *RELEASED, token=f"t{number}")
    assert wanted(desk, by_line) == []
