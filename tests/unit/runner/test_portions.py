"""A part of a manifest is bought: what --only, --first and --pilot choose, in runs small and large."""

from contextlib import ExitStack
from dataclasses import replace

import pytest

from manifests.exits import Exit
from manifests.limits import Limit, Limits, Scope
from manifests.money import Cents
from manifests.pilot import Size
from manifests.states import State
from runner.api.interface import JobStatus, Rejected
from runner.choosing import Lot, Portion, chosen, stretches
from runner.report import Fate
from support.small_run import BILLED, QUICK, manifest_of
from support.twins import Twins

NAMES = ("a/1.mp3", "a/2.mp3", "b/3.mp3", "b/4.mp3", "5.mp3")


@pytest.fixture
def twins(tmp_path, monkeypatch):
    with ExitStack() as stack:
        made = Twins(tmp_path, monkeypatch, stack)
        made.plan(*NAMES)
        yield made


def in_b(path):
    return path.startswith("b/")


def fates(report):
    return {item.file: item.fate for item in report.items}


def saved(report):
    return [item.file for item in report.items if item.fate is Fate.SAVED]


# -- only


def test_only_what_matches_is_bought_and_work_is_left(twins):
    report = twins.run(portion=Portion(only=in_b))
    assert saved(report) == ["b/3.mp3", "b/4.mp3"]
    assert (report.submitted, report.amounts.committed, report.exit) == (2, 2, Exit.STOPPED_AS_TOLD)
    assert twins.run().exit is Exit.DONE
    assert [len(desk.api.orders) for desk in twins.desks] == [5, 5]


def test_the_gate_asks_for_no_more_than_the_chosen_lines(twins):
    report = twins.run(portion=Portion(only=in_b), spend=4)
    assert (report.refused, report.submitted) == (None, 2)
    assert twins.run(portion=Portion(only=lambda path: path.startswith("a/")), spend=4).exit is Exit.REFUSED


def test_a_file_that_changed_stops_no_run_that_does_not_buy_it(twins):
    for desk in twins.desks:
        (desk.folder / "a/1.mp3").write_bytes(b"other")
    assert twins.run(portion=Portion(only=in_b)).submitted == 2
    assert twins.run(portion=Portion(only=in_b)).exit is Exit.STOPPED_AS_TOLD
    assert twins.run().exit is Exit.STALE


def test_what_is_paid_is_collected_whatever_is_chosen(twins):
    twins.run()
    for desk in twins.desks:
        (desk.output / "a/1.json").unlink()
    report = twins.run(portion=Portion(only=in_b))
    assert (report.exit, report.submitted) == (Exit.DONE, 0)
    assert all((desk.output / "a/1.json").exists() for desk in twins.desks)


def test_a_portion_is_no_reason_to_buy_where_a_run_only_collects(twins):
    report = twins.run(portion=Portion(only=in_b), spend=0)
    assert (report.submitted, report.exit) == (0, Exit.STOPPED_AS_TOLD)


# -- first


def test_the_first_so_many_that_are_still_to_be_bought_are(twins):
    assert saved(twins.run(portion=Portion(first=2))) == ["a/1.mp3", "a/2.mp3"]
    report = twins.run(portion=Portion(first=2))
    assert (saved(report), report.submitted) == (list(NAMES[:4]), 2)
    last = twins.run(portion=Portion(first=2))
    assert (last.exit, last.submitted) == (Exit.DONE, 1)
    assert twins.run(portion=Portion(first=2)).submitted == 0


def test_the_first_of_what_matches(twins):
    assert saved(twins.run(portion=Portion(only=in_b, first=1))) == ["b/3.mp3"]


def test_one_that_failed_counts_as_still_to_be_bought(twins):
    for desk in twins.desks:
        desk.api.ends = JobStatus.FAILED
    waiting = replace(BILLED, bill=60.0)  # whether it was charged is for the next run to see
    twins.run(portion=Portion(first=1), max_tries=1, patience=waiting)
    for desk in twins.desks:
        desk.api.ends = JobStatus.COMPLETED
    assert saved(twins.run(portion=Portion(first=1))) == ["a/1.mp3"]


# -- pilot


def heard(twins, word, **changes):
    """A pilot of three, and what was said of it before the rest; `word` answers."""
    told = []

    def go_on(pilot):
        told.append(pilot)
        return word

    report = twins.run(portion=Portion(pilot=Size(3)), go_on=go_on, **changes)
    return report, told[-1]


def test_a_pilot_buys_a_sample_and_waits_for_the_word(twins):
    report, pilot = heard(twins, word=False)
    assert len(saved(report)) == report.submitted == 3
    assert len({name.partition("/")[0] for name in saved(report)}) == 3  # a, b and the root
    assert (report.exit, report.declined, report.pilot.agreed) == (Exit.STOPPED_AS_TOLD, False, False)
    assert (pilot.items, pilot.saved, pilot.unbilled, pilot.went_well) == (3, 3, 0, True)
    assert (pilot.expected, pilot.charged) == (3, 3)
    assert [item.fate for item in pilot.first] == [Fate.SAVED] * 3
    assert (pilot.rest.items, pilot.rest.expected, pilot.rest.likely, pilot.rest.ceiling) == (2, 2, 2, 4)


def test_with_the_word_the_rest_is_bought_and_nothing_twice(twins):
    report, _ = heard(twins, word=True)
    assert (report.exit, report.submitted, report.pilot.agreed) == (Exit.DONE, 5, True)
    for desk in twins.desks:
        names = [order.path.name for order in desk.api.orders]
        assert sorted(names) == sorted(set(names))
        assert len(names) == 5


def test_the_same_sample_is_shown_again_and_bought_once(twins):
    first, _ = heard(twins, word=False)
    again, pilot = heard(twins, word=False)
    assert saved(again) == saved(first)
    assert (again.submitted, pilot.charged, pilot.rest.items) == (0, 3, 2)


def test_a_pilot_needs_room_for_its_sample_alone_and_the_cap_holds_for_all(twins):
    report = twins.run(portion=Portion(pilot=Size(3)), spend=6)
    assert (report.refused, report.submitted) == (None, 3)
    cap = {"portion": Portion(pilot=Size(3)), "spend": 6, "go_on": lambda _pilot: pytest.fail("asked")}
    report = twins.run(**cap)  # the rest may cost 4, and 3 are left
    assert (report.exit, report.submitted, report.pilot.agreed) == (Exit.STOPPED_AS_TOLD, 0, False)
    report, _ = heard(twins, word=True, spend=6, fit=True)
    assert (report.exit, report.submitted, report.amounts.committed) == (Exit.STOPPED_AS_TOLD, 1, 4)


@pytest.mark.parametrize("scope", [Scope.RUN, Scope.MONTH])
def test_nobody_is_asked_for_a_rest_that_a_limit_has_no_room_for(twins, scope):
    limits = Limits((Limit(scope, Cents(6), "EARMARK_MAX_SPEND_MONTH"),))
    asked = lambda _pilot: pytest.fail("asked")  # noqa: E731
    report = twins.run(
        portion=Portion(pilot=Size(3)), limits=limits, go_on=asked
    )  # 3 are left, the rest may cost 4
    assert (report.exit, report.submitted) == (Exit.STOPPED_AS_TOLD, 3)


def test_a_sample_that_the_gate_refuses_leads_to_no_question(twins):
    report = twins.run(portion=Portion(pilot=Size(3)), spend=5, go_on=lambda _pilot: pytest.fail("asked"))
    assert (report.exit, report.submitted, report.pilot) == (Exit.REFUSED, 0, None)


def test_bills_that_differ_change_what_the_rest_is_likely_to_cost(twins):
    for desk in twins.desks:
        desk.api.cents = 2
    _, pilot = heard(twins, word=False)
    assert (pilot.expected, pilot.charged, pilot.above, pilot.went_well) == (3, 6, 0, True)
    assert (pilot.rest.expected, pilot.rest.likely, pilot.rest.ceiling) == (2, 4, 4)


def test_a_sample_above_its_ceilings_is_told_and_nobody_is_asked(twins):
    for desk in twins.desks:
        desk.api.cents = 3
    report = twins.run(portion=Portion(pilot=Size(3)), go_on=lambda _pilot: pytest.fail("asked"))
    assert report.exit is Exit.OUT_OF_MONEY
    assert (report.pilot.above, report.pilot.went_well) == (3, False)
    assert (report.pilot.rest.likely, report.pilot.rest.ceiling) == (6, 6)


def test_a_sample_that_fails_is_told(twins):
    for desk in twins.desks:
        desk.api.outcome = lambda order, _nth: Rejected("no speech") if order.path.stem == "5" else None
    report, pilot = heard(twins, word=False)
    assert (pilot.failed, pilot.went_well) == (1, False)
    assert fates(report)["5.mp3"] is Fate.REJECTED


def test_where_the_sample_is_all_there_is_nobody_is_asked(twins):
    report = twins.run(portion=Portion(pilot=Size(9)), go_on=lambda _pilot: pytest.fail("asked"))
    assert (report.exit, report.pilot.rest.items) == (Exit.DONE, 0)


def test_a_pilot_of_what_matches_goes_on_with_what_matches(twins):
    portion = Portion(only=in_b, pilot=Size(1))
    report = twins.run(portion=portion, go_on=lambda pilot: pilot.rest.items == 1)
    assert saved(report) == ["b/3.mp3", "b/4.mp3"]


def test_who_agreed_to_the_rest_is_not_asked_again(desk):
    offers = []
    report = desk.run(
        desk.manifest(*NAMES),
        portion=Portion(pilot=Size(1)),
        go_on=lambda _pilot: True,
        ask=lambda offer: offers.append(offer.items) or True,
        patience=BILLED,
    )
    assert (report.exit, offers) == (Exit.DONE, [1])


# -- what hangs together


def test_what_another_manifest_paid_is_not_counted_among_the_rest(desk):
    both = [desk.item(name) for name in NAMES[:2]]
    desk.run(manifest_of(both, id="m0"), patience=BILLED)
    known = {row.file: row.sha256 for row in desk.ledger.items("m0")}
    lines = [desk.item(n, sha256=known[n], paid=True) for n in NAMES[:2]] + [desk.item(n) for n in NAMES[2:]]
    told = []
    report = desk.run(
        manifest_of(lines),
        portion=Portion(pilot=Size(1)),
        go_on=lambda pilot: told.append(pilot.rest.items) or False,
        patience=BILLED,
    )
    assert told == [2]
    assert set(NAMES[:2]) <= set(saved(report))


def test_a_copy_of_what_is_not_chosen_is_not_bought_in_its_place(desk):
    for name in ("a.mp3", "b.mp3"):
        (desk.folder / name).write_bytes(b"the same")
    lines = [desk.item("a.mp3"), desk.item("b.mp3", paid=True), desk.item("c.mp3")]
    report = desk.run(manifest_of(lines), portion=Portion(only=lambda path: path == "c.mp3"))
    assert saved(report) == ["c.mp3"]


def test_the_chosen_lines_have_their_voices_and_all_their_parts(desk):
    voice = desk.item("anna.wav", "clone")
    parts = [desk.item("book.txt", "tts", part=f"{n}/2", span=(n, n + 1), needs="anna.wav") for n in (1, 2)]
    lines = [voice, *parts, desk.item("b.txt", "tts")]
    numbered = [(number, item, True) for number, item in enumerate(lines)]
    assert list(chosen(Portion(only=lambda path: path == "book.txt"), numbered).lines) == [0, 1, 2]
    assert list(chosen(Portion(first=1), numbered[1:]).lines) == [1, 2]
    assert list(chosen(Portion(first=2), numbered).lines) == [0, 1, 2]
    second = [(number, item, number in (2, 3)) for number, item in enumerate(lines)]
    assert list(chosen(Portion(first=1), second).lines) == [0, 1, 2]


def test_a_lot_knows_its_lines_and_their_stretches():
    lot = Lot([1, 2, 5, 6, 7, 9])
    assert (5 in lot, 4 in lot, len(lot), lot.few) == (True, False, 6, True)
    assert list(stretches(lot)) == [[1, 2], [5, 6, 7], [9]]
    assert list(stretches([])) == []
    assert not Lot(range(2001)).few


# -- time


class Watch:
    """A clock that goes on a little each time it is read, and as far as it is set."""

    def __init__(self, step=0.01):
        self.now, self._step = 1000.0, step

    def __call__(self):
        self.now += self._step
        return self.now

    def on(self, seconds, nth):
        """Let so much time go by while the n-th submit is under way."""

        def submit(_order, count):
            self.now += seconds if count == nth else 0

        return submit


def test_when_the_time_is_over_nothing_more_is_sent_and_what_runs_is_brought(desk):
    watch = Watch()
    desk.api.outcome = watch.on(60, nth=2)
    report = desk.run(desk.manifest(*NAMES), max_time=50.0, uploads=1, clock=watch)
    assert (report.submitted, report.count(Fate.SAVED), report.count(Fate.WAITING)) == (2, 2, 3)
    assert report.exit is Exit.STOPPED_AS_TOLD
    assert desk.run(desk.manifest(*NAMES), clock=watch).exit is Exit.DONE


def test_what_still_runs_after_the_grace_is_left_to_the_next_run(desk):
    watch = Watch(step=0.5)
    desk.api.ends = JobStatus.RUNNING
    report = desk.run(desk.manifest("a.mp3"), max_time=50.0, clock=watch, patience=replace(QUICK, job=1e9))
    assert [item.state for item in report.items] == [State.SUBMITTED]
    assert set(report.codes) == {Exit.STOPPED_AS_TOLD}
    assert watch.now >= 1000 + 50 + 30


def test_a_run_that_is_done_when_its_time_is_over_is_done(desk):
    watch = Watch()
    desk.api.outcome = watch.on(60, nth=1)
    report = desk.run(desk.manifest("a.mp3"), max_time=50.0, clock=watch)
    assert (report.exit, list(report.stops)) == (Exit.DONE, [])


def test_time_that_is_over_while_files_are_read_stops_before_the_first_cent(desk):
    report = desk.run(desk.manifest(*NAMES), max_time=50.0, clock=Watch(step=20.0))
    assert (report.submitted, report.exit, report.amounts.committed) == (0, Exit.STOPPED_AS_TOLD, 0)
