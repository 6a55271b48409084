"""A run of very many lines does what one of a few does: each case is run both ways, two lines at a time."""

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from threading import Event

import pytest
from msgspec import structs

from manifests.errors import ManifestError
from manifests.exits import Exit
from manifests.limits import Limit, Limits, Scope
from manifests.money import Cents
from manifests.text import open_manifest, read_manifest, write_manifest
from runner import large, pieces
from runner.api.interface import Doubtful, Rejected
from runner.engine.world import Stop
from runner.inputs import Probes
from runner.report import Fate
from support.fake_api import FakeApi
from support.small_run import BILLED, PROBES, QUICK, Desk, digest, look, manifest_of
from support.twins import Twins

NAMES = ("a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3")


@pytest.fixture
def twins(tmp_path, monkeypatch):
    with ExitStack() as stack:
        yield Twins(tmp_path, monkeypatch, stack)


def answering(**outcomes):
    """Outcomes of submits by the name of the file, without its ending."""
    return lambda order, _nth: outcomes.get(order.path.stem)


def test_all_is_bought_saved_and_billed_once(twins):
    twins.plan(*NAMES)
    report = twins.run(patience=BILLED)
    assert report.exit is Exit.DONE
    assert report.amounts.spent == 5
    assert twins.run(patience=BILLED).submitted == 0
    assert len(twins.desks[1].api.orders) == 5
    for desk in twins.desks:
        first, second = desk.ledger.runs("m1")
        assert (first.exit, second.exit) == (Exit.DONE, Exit.DONE)
        assert first.after.total_spent - first.before.total_spent == 5
        made = desk.ledger.db.execute("SELECT DISTINCT run_id FROM attempts").fetchall()
        assert made == [(first.run_id,)]


def test_equal_audio_is_one_purchase_with_a_copy_for_each_line(twins):
    for desk in twins.desks:
        for name in ("a.mp3", "d.mp3", "e.mp3"):
            desk.folder.mkdir(exist_ok=True)
            (desk.folder / name).write_bytes(b"the same")
    twins.plan(*NAMES)
    assert twins.run(patience=BILLED).submitted == 3
    for desk in twins.desks:
        (desk.output / "e.json").unlink()
        (desk.output / "a.json").unlink()
    assert twins.run(patience=BILLED).count(Fate.SAVED) == 5


def test_rejected_lost_and_failed_ones_do_not_stop_the_others(twins):
    twins.plan(*NAMES)
    for desk in twins.desks:
        desk.api.outcome = answering(b=Rejected("no audio"), d=Doubtful("lost"))
    report = twins.run()
    assert [item.fate for item in report.items].count(Fate.SAVED) == 3
    assert (report.count(Fate.REJECTED), report.count(Fate.IN_DOUBT)) == (1, 1)
    for desk in twins.desks:
        desk.api.outcome = answering()
    again = twins.run(retry_failed=True)
    assert (again.count(Fate.SAVED), again.count(Fate.IN_DOUBT)) == (4, 1)


@pytest.mark.parametrize(
    "limit",
    [
        Limit(Scope.RUN, Cents(2), "EARMARK_MAX_SPEND_RUN"),
        Limit(Scope.SERVICE, Cents(2), "earmark.toml:3", "transcription"),
        Limit(Scope.MONTH, Cents(2), "earmark.toml:3"),
    ],
    ids=lambda limit: limit.scope,
)
def test_limits_refuse_and_fit_however_many_lines_there_are(twins, limit):
    twins.plan(*NAMES)
    refused = twins.run(limits=Limits((limit,)))
    assert (refused.exit, refused.submitted) == (Exit.REFUSED, 0)
    assert refused.refused.over.limit is limit
    fitted = twins.run(limits=Limits((limit,)), fit=True, patience=QUICK)
    assert (fitted.exit, fitted.submitted, fitted.left_by_fit) == (Exit.STOPPED_AS_TOLD, 1, 4)
    again = twins.run(limits=Limits((limit,)), fit=True, patience=QUICK)
    assert again.submitted == (0 if limit.scope is Scope.MONTH else 1)  # a month is that of all runs


def test_changed_files_stop_the_buying_unless_they_are_skipped(twins):
    twins.plan(*NAMES)
    for desk in twins.desks:
        (desk.folder / "b.mp3").write_bytes(b"other")
        (desk.folder / "e.mp3").unlink()
    assert twins.run().exit is Exit.STALE
    assert twins.run(skip_changed=True).submitted == 3


def test_a_file_that_cannot_be_digested_is_stale(twins):
    twins.plan(*NAMES)

    def gone(path, spans):
        if path.endswith("c.mp3"):
            look(path + " is gone")
        return digest(path, spans)

    probes = Probes(PROBES.probe, gone)
    assert twins.run(probes=probes, skip_changed=True).count(Fate.SKIPPED) == 1


def test_a_file_that_changes_after_it_was_checked_is_not_sent(twins):
    twins.plan(*NAMES)
    desk = twins.desks[1]
    seen = []

    def probe(path):
        found = look(path)
        seen.append(path)
        changed = seen.count(path) > 1 and path.endswith("c.mp3")
        return replace(found, print="other") if changed else found

    with pytest.raises(AssertionError):  # the other one looks once
        twins.run(probes=Probes(probe, digest))
    assert "c.mp3" not in {order.path.name for order in desk.api.orders}
    assert len(desk.api.orders) == 4


@pytest.mark.parametrize("spend", [0, 1, 5, 100])
def test_caps_are_kept_and_fit_takes_what_fits_in_order(twins, spend):
    twins.plan(*NAMES)
    twins.run(spend=spend)
    twins.run(spend=spend, fit=True)
    twins.run(spend=100)


def test_a_wallet_that_is_too_small_refuses_and_fits(twins):
    twins.plan(*NAMES)
    for desk in twins.desks:
        desk.api.balance_cents = 5
    assert twins.run().exit is Exit.REFUSED
    assert twins.run(fit=True).left_by_fit == 3


def test_prices_that_rose_are_refused_or_accepted(twins):
    twins.plan(*NAMES, head={"cap": Cents(100)})
    for desk in twins.desks:
        desk.api.live["transcription"] = Fraction(3)
    report = twins.run()
    assert (report.exit, report.repriced) == (Exit.STALE, 20)
    assert twins.run(accept_prices=True).exit is Exit.DONE


def test_who_says_no_buys_nothing(twins):
    twins.plan(*NAMES)
    offers = []
    assert twins.run(ask=lambda offer: offers.append(offer) or False).declined
    assert offers[0].items == offers[1].items == 5
    assert offers[0].ceiling == offers[1].ceiling


def test_a_ledger_that_is_gone_learns_what_was_bought(twins):
    twins.plan(*NAMES)
    twins.run(patience=BILLED)
    for desk in twins.desks:
        desk.close()
        for path in (desk.folder / "state").glob("ledger*"):
            path.unlink()
        desk.__post_init__()
    report = twins.run(patience=BILLED)
    assert (report.submitted, report.count(Fate.SAVED)) == (0, 5)
    for desk in twins.desks:  # without lists: by the receipts
        desk.close()
        for path in (desk.folder / "state").glob("ledger*"):
            path.unlink()
        desk.__post_init__()
        desk.api.lists["transcription"] = [
            replace(job, tokens=frozenset()) for job in desk.api.lists["transcription"]
        ]
    assert twins.run(patience=BILLED).submitted == 0


def test_lines_that_were_taken_out_or_planned_again_keep_their_money(twins):
    twins.plan(*NAMES)
    twins.run(patience=BILLED)
    for desk in twins.desks:
        (desk.output / "e.json").unlink()
        (desk.folder / "b.mp3").write_bytes(b"planned again")
    twins.plan(*NAMES[:3])
    report = twins.run()
    assert (report.submitted, len(report.items)) == (1, 3), (
        report.exit,
        report.stops,
        report.refused,
        report.items,
    )
    assert all((desk.output / "e.json").exists() for desk in twins.desks)


def test_what_another_manifest_bought_costs_nothing(twins):
    twins.plan(*NAMES[:3], head={"id": "m0"})
    for desk in twins.desks:
        desk.run(read_manifest(desk.folder / "m.yaml"))
    twins.plan(*NAMES)
    report = twins.run()
    assert (report.submitted, report.count(Fate.SAVED)) == (2, 5)


def test_one_look_brings_what_is_paid_and_binds_by_the_digests_of_the_plan(twins):
    twins.plan(*NAMES)
    twins.run()

    def planned_anew(desk):
        plan = read_manifest(desk.folder / "m.yaml")
        items = [
            structs.replace(item, sha256=hashlib.sha256(item.file.encode()).hexdigest())
            for item in plan.items
        ]
        write_manifest(desk.folder / "m.yaml", structs.replace(plan.head, id="m1"), items)
        desk.ledger.db.execute("UPDATE items SET line = 'old ' || line")
        for name in NAMES:
            (desk.folder / name).unlink()

    twins.each(planned_anew)
    assert twins.run(one_look=True).count(Fate.SAVED) == 5


def test_a_signal_between_two_pieces_ends_it(twins):
    twins.plan(*NAMES)
    seen = []

    def on_signals(deliver):
        seen.clear()
        seen.append(deliver)

    def probe(path):
        if path.endswith("b.mp3"):
            seen[0](2)
        return look(path)

    report = twins.run(on_signals=on_signals, probes=Probes(probe, digest))
    assert Stop.SIGNAL in dict(report.stops)
    assert report.submitted == 0


def test_lines_that_need_each_other_are_not_for_it(tmp_path):
    desk = Desk(tmp_path)
    try:
        plain = desk.manifest("a.mp3")
        assert pieces.is_plain(plain)
        assert not pieces.is_plain(manifest_of([desk.item("n.mp3", "denoise:balanced")]))
        assert not pieces.is_plain(manifest_of([desk.item("v.mp3", "clone")]))
        assert not pieces.is_plain(manifest_of([structs.replace(plain.items[0], needs="v.mp3")]))
    finally:
        desk.close()


def test_what_another_run_buys_before_its_turn_comes_is_waited_for_and_copied(twins):
    twins.plan(*NAMES)
    desks = iter(twins.desks)

    def other_run(_offer):
        desk = next(desks)
        plan = desk.manifest("b.mp3", "d.mp3", id="m0")
        return desk.run(plan, output=desk.folder / "other").exit is Exit.DONE

    report = twins.run(ask=other_run)
    assert (report.submitted, report.count(Fate.SAVED)) == (3, 5)


class SlowToAnswer(FakeApi):
    """Its first answer waits until the run has met that its manifest was changed."""

    def submit(self, order, last_chunk):
        outcome = super().submit(order, last_chunk)
        if not self.changed.is_set():
            self.changed.set()
            with self.manifest.open("ab") as file:
                file.write(b"# a note\n")
            assert self.met.wait(5)
        return outcome


def test_a_manifest_that_is_changed_in_place_leaves_nothing_in_doubt(tmp_path, monkeypatch):
    api, path = SlowToAnswer(), tmp_path / "m.yaml"
    api.manifest, api.changed, api.met = path, Event(), Event()
    desk = Desk(tmp_path, api)
    plan = desk.manifest(*NAMES)
    write_manifest(path, plan.head, plan.items)
    for name, value in (("FROM", 0), ("BATCH", 1), ("LOW", 1)):
        monkeypatch.setattr(large, name, value)
    leave = large.LargeRun._leave

    def met(run):
        api.met.set()
        leave(run)

    monkeypatch.setattr(large.LargeRun, "_leave", met)
    try:
        with open_manifest(path) as manifest, pytest.raises(ManifestError, match="was changed"):
            desk.run(manifest, uploads=2)
        assert not desk.ledger.amounts("m1").in_doubt
        assert desk.run(read_manifest(path)).count(Fate.SAVED) == 5
        assert len(api.orders) == 5
    finally:
        desk.close()
