"""Lines offered to all hosts: what another shift has is left to it, nothing goes without its voice."""

from pathlib import Path

import pytest

from manifests.length import Grade
from manifests.manifest import Item
from runner.fleet.offering import Offering
from runner.fleet.packing import unpack
from runner.lines import line_of
from support.fleet import new_shift
from support.small_run import ALL_RATES


def line(name, service="transcription", **fields):
    item = Item(name, service, 60.0, Grade.EXACT, 1, 2, 3, "p", **fields)
    return line_of(item, Path("/media"), name, ALL_RATES)


@pytest.fixture
def offering(yard):
    """An offer of the yard's run, and what was rung for."""
    rung = []
    made = yard.dispatch()
    worker = yard.host("desk").worker_id
    return Offering(yard.ledger, lambda _ledger, ids: rung.extend(ids), "m1", made, worker), made, rung


def offered(yard):
    rows = yard.ledger.db.execute("SELECT lines FROM shifts WHERE state = 'waiting' ORDER BY id").fetchall()
    return [[each.item.file for each in unpack(text)] for (text,) in rows if text.startswith('[{"')]


def test_each_shift_waits_and_is_rung_for(yard, offering):
    made, _, rung = offering
    lines = [line(f"{number}.mp3") for number in range(3)]
    assert made.offer([lines[:2], lines[2:]], lambda _lines: {}) == 3
    assert offered(yard) == [["0.mp3", "1.mp3"], ["2.mp3"]]
    assert len(rung) == 2


def test_a_line_that_another_shift_has_is_left_to_it(yard, offering):
    made, dispatch_id, _ = offering
    lines = [line(f"{number}.mp3") for number in range(3)]
    with yard.ledger.transaction():
        yard.ledger.offer(dispatch_id, new_shift(lines[1].key))
    assert made.offer([lines], lambda _lines: {}) == 2
    assert offered(yard) == [["0.mp3", "2.mp3"]]


def test_lines_whose_voice_another_shift_makes_are_not_offered_without_it(yard, offering):
    made, dispatch_id, _ = offering
    voice, text, other = line("a.wav", "clone"), line("t.txt", "tts", needs="a.wav"), line("b.mp3")
    with yard.ledger.transaction():
        yard.ledger.offer(dispatch_id, new_shift(voice.key))
    assert made.offer([[voice, text, other]], lambda _lines: {}) == 1
    assert offered(yard) == [["b.mp3"]]


def test_lines_that_this_process_cannot_send_wait_for_another(yard, offering):
    made, _, _ = offering
    lines = [line("0.mp3"), line("1.mp3")]
    made.offer([[lines[0]], [lines[1]]], lambda some: {each.key: "No such file" for each in list(some)[:1]})
    here, elsewhere = yard.host("here"), yard.host("there")
    desk = [host.worker_id for host in yard.ledger.hosts() if host.host == "desk"][-1]
    with here.ledger.transaction():
        taken = here.ledger.take_shift(desk, here.by)
    assert [each.item.file for each in unpack(taken.shift.lines)] == ["1.mp3"]
    taken = elsewhere.take()
    assert [each.item.file for each in unpack(taken.shift.lines)] == ["0.mp3"]
