"""A ledger made again: each line is told apart, nothing is asked twice, and nothing is bought."""

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.errors import ServiceDown
from runner.api.interface import Doubtful
from runner.file_locks import FileLocks
from runner.locks import Busy
from runner.rebuilding import Ends, rebuild
from support.small_run import BILLED, PROBES, QUICK, Desk, manifest_of


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.desk.close()


class Shop:
    def __init__(self, folder):
        self.desk = Desk(folder)
        self.api = self.desk.api
        self.plan = self.desk.manifest("a.mp3", "b.mp3")

    def run(self, plan=None, **changes):
        return self.desk.run(plan or self.plan, **{"patience": BILLED, "spend": 100, **changes})

    def lose_ledger(self):
        import shutil

        self.desk.close()
        shutil.rmtree(self.desk.folder / "state")
        self.desk = Desk(self.desk.folder, self.api)
        self.api.calls.clear()

    def rebuild(self, plan=None):
        ends = Ends(lambda: self.api, self.desk.ledger, self.desk.locks, PROBES)
        return rebuild(plan or self.plan, self.desk.folder / "m.yaml", self.desk.output, ends)


def test_what_lists_tell_counts_at_its_ceiling_until_it_is_billed(shop):
    shop.run()
    shop.lose_ledger()
    found = shop.rebuild()
    assert list(found.listed) == ["a.mp3", "b.mp3"]
    amounts = shop.desk.ledger.amounts("m1")
    assert (amounts.cap, amounts.reserved, amounts.spent) == (shop.plan.ceiling, 4, 0)
    assert shop.api.calls == ["pages"]
    shop.run()
    assert shop.desk.ledger.amounts("m1").spent == 2
    assert len(shop.api.orders) == 2


def test_what_is_known_is_not_asked_for_and_needs_no_key(shop):
    shop.run()
    shop.api.calls.clear()
    ends = Ends(lambda: pytest.fail("asked"), shop.desk.ledger, shop.desk.locks, PROBES)
    found = rebuild(shop.plan, shop.desk.folder / "m.yaml", shop.desk.output, ends)
    assert list(found.known) == ["a.mp3", "b.mp3"]
    assert shop.desk.ledger.stored_cap("m1") == 100


def test_two_items_of_one_purchase_are_both_told(shop):
    plan = manifest_of([shop.desk.item("a.mp3"), shop.desk.item("copy.mp3")])
    (shop.desk.folder / "copy.mp3").write_bytes((shop.desk.folder / "a.mp3").read_bytes())
    plan = manifest_of([shop.desk.item("a.mp3"), shop.desk.item("copy.mp3")])
    shop.run(plan)
    shop.lose_ledger()
    found = shop.rebuild(plan)
    assert list(found.listed) == ["a.mp3", "copy.mp3"]
    assert len(shop.desk.ledger.job_ids("transcription")) == 1


def test_a_doubt_stays_one_and_what_is_new_is_not_bought(shop):
    shop.api.outcome = lambda _order, nth: Doubtful("lost") if nth == 1 else None
    shop.run(shop.desk.manifest("a.mp3"), patience=QUICK)
    found = shop.rebuild()
    assert list(found.doubtful) == ["a.mp3"]
    assert list(found.unbought) == [("b.mp3", "transcription")]
    assert len(shop.api.orders) == 1


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.RELEASED, "unbought"),
        (State.REJECTED, "unbought"),
        (State.FAILED, "known"),
        (State.FAILED_CHARGED, "known"),
        (State.GIVEN_UP, "known"),
        (State.LOST, "known"),
    ],
)
def test_what_failed_is_no_purchase_and_what_may_have_cost_money_is_one(shop, state, kind):
    plan = shop.desk.manifest("a.mp3")
    shop.run(plan)
    shop.desk.ledger.db.execute("UPDATE parts SET state = ?", (state.value,))
    assert len(getattr(shop.rebuild(plan), kind)) == 1


def test_a_line_whose_file_is_gone_is_told_by_the_digest_in_the_plan(shop):
    shop.run()
    row = shop.desk.ledger.items("m1")[0]
    shop.lose_ledger()
    planned = manifest_of([shop.desk.item("a.mp3", sha256=row.sha256), shop.desk.item("b.mp3")])
    (shop.desk.folder / "a.mp3").unlink()
    (shop.desk.folder / "b.mp3").write_bytes(b"something else")
    found = shop.rebuild(planned)
    assert list(found.listed) == ["a.mp3"]
    assert [(each.file, "changed since planning" in each.reason) for each in found.untold] == [
        ("b.mp3", True)
    ]


def test_a_service_that_does_not_answer_leaves_the_rest_for_another_time(shop):
    shop.run()
    shop.lose_ledger()
    shop.api.fail("pages", ServiceDown("503"))
    with pytest.raises(ServiceDown):
        shop.rebuild()
    assert list(shop.rebuild().listed) == ["a.mp3", "b.mp3"]


def test_not_while_a_run_is_under_way(shop):
    other = FileLocks(shop.desk.folder / "state" / "locks")
    other.take("m1")
    with pytest.raises(Busy, match="another run"):
        shop.rebuild()
    other.release()


def test_the_cap_of_the_ledger_stays(shop):
    shop.run(spend=77)
    shop.rebuild()
    assert shop.desk.ledger.stored_cap("m1") == Cents(77)
