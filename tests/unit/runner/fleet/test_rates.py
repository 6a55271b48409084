"""Processes of a fleet share what the service bears."""

from collections import deque

import pytest

from runner.fleet.rates import SharedRates
from runner.ledger.paces import Kind
from runner.tempo import LEAST_READS, LEAST_SUBMITS, Tempo

START = 1_800_000_000.0


class Books:
    """What a ledger knows of rates, for some living runs."""

    def __init__(self, live=2, shares=(None, None)):
        self.live, self.halved = live, []
        self.shares = dict(zip((Kind.SUBMIT, Kind.READ), shares, strict=True))

    def halve_rate(self, kind, own):
        self.halved.append((kind, own))

    def share(self, kind):
        return self.shares[kind]


def reads():
    return Tempo(floor=LEAST_READS)


def submits(limit=None):
    return Tempo(limit, floor=LEAST_SUBMITS)


def test_each_run_submits_its_share_and_a_process_reads_for_all_its_runs():
    rates, tempos, reading = SharedRates(), [submits(), submits()], reads()
    for tempo in tempos:
        rates.join(Kind.SUBMIT, tempo)
    rates.join(Kind.READ, reading)
    rates.exchange(Books(shares=(0.5, 3.0)))
    assert [tempo.rate(START) for tempo in tempos] == [0.5, 0.5]
    assert reading.rate(START) == 6.0


def test_a_share_never_raises_what_this_process_was_told():
    rates, tempo = SharedRates(), submits(0.25)
    rates.join(Kind.SUBMIT, tempo)
    rates.exchange(Books(shares=(2.0, None)))
    assert tempo.rate(START) == 0.25


def test_a_429_is_told_once_with_what_went_out():
    rates, tempo, books = SharedRates(), reads(), Books()
    rates.join(Kind.READ, tempo)
    for number in range(40):
        tempo.book(START + number / 4)
    tempo.halve(START + 9.75)
    rates.exchange(books)
    rates.exchange(books)
    assert books.halved == [(Kind.READ, pytest.approx(4.0, rel=0.1))]


def test_a_429_that_comes_while_others_are_told_is_told_next_time():
    rates, tempo = SharedRates(), reads()
    rates.join(Kind.READ, tempo)

    class Meets(Books):
        def halve_rate(self, kind, own):
            if not self.halved:
                tempo.halve(START + 100)
            super().halve_rate(kind, own)

    books = Meets()
    tempo.halve(START)
    rates.exchange(books)
    rates.exchange(books)
    assert len(books.halved) == 2


def test_what_a_process_met_before_it_joined_is_not_told():
    rates, tempo, books = SharedRates(), submits(), Books()
    tempo.halve(START)
    rates.join(Kind.SUBMIT, tempo)
    rates.exchange(books)
    assert books.halved == []


def test_a_run_that_is_over_has_no_share_any_more():
    rates, over, goes_on, reading = SharedRates(), submits(), submits(), reads()
    for tempo in (over, goes_on):
        rates.join(Kind.SUBMIT, tempo)
    rates.join(Kind.READ, reading)
    rates.leave(over)
    rates.leave(over)
    rates.exchange(Books(shares=(0.5, 3.0)))
    assert over.rate(START) is None
    assert reading.rate(START) == 3.0


def test_a_fleet_finds_what_the_service_bears_and_is_seldom_refused(store):
    """Four hosts call as often as they may; the service takes 20 calls in any second."""
    now = [START]
    ledger = store.open(lambda: now[0])
    hosts = [(SharedRates(), reads()) for _ in range(4)]
    for rates, tempo in hosts:
        rates.join(Kind.READ, tempo)
    ledger.live_runs = lambda: len(hosts)
    taken, refused, told = deque(), [], []
    due = dict.fromkeys(range(4), START)
    for tick in range(20 * 600):
        now[0] = START + tick / 20
        for number, (_, tempo) in enumerate(hosts):
            if tempo.free_at(now[0]) > now[0] or due[number] > now[0]:
                continue
            tempo.book(now[0])
            while taken and taken[0] <= now[0] - 1:
                taken.popleft()
            if len(taken) >= 20:
                refused.append(now[0])
                tempo.halve(now[0])
                due[number] = now[0] + 1
            else:
                taken.append(now[0])
                told.append(now[0])
        if tick % 100 == 0:
            for rates, _ in hosts:
                with ledger.transaction():
                    rates.exchange(ledger)
    assert len(told) > 600 * 20 * 0.4
    assert len(refused) < len(told) * 0.02
