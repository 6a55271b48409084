"""Jobs that credits paid because the wallet was short: their money counts once, where it left."""

from datetime import UTC, datetime

import pytest

from manifests.money import Cents
from manifests.states import State
from runner.api.interface import Balance, CreditRow, UsageRow, Wallet
from runner.engine.messages import CallFailed, CallProblem, ReadCredits, WalletRead
from runner.engine.world import Stop
from runner.ledger.billing import used_credit_rows
from support.virtual import SERVICE, START, Behaviour, House, VirtualService, usage_row

CREDITS = 1100
"""What five minutes of transcription cost from the account, 15 cents (docs/api.md 20)."""


def row(number=1, seconds=300, service_type=SERVICE, at=START + 30, credits_=CREDITS):
    return CreditRow(
        f"c{number}", service_type, credits_, seconds, datetime.fromtimestamp(at, UTC).isoformat()
    )


def paid_by_credits(tmp_path, rows, jobs=1, billed=(), **does):
    """A run whose jobs the wallet did not bill, but for those of these numbers, and whose credits fell."""
    house = House(
        tmp_path,
        VirtualService(
            Behaviour(
                credit_rows=lambda _now: rows,
                usage_rows=lambda job: [usage_row(job)] if int(job.job_id) in billed else [],
                **does,
            )
        ),
    )
    house.approve(house.add(jobs))
    house.engine.start_guard(Wallet(Balance(Cents(100), Cents(0)), 9000))
    house.finish()
    house.loop.run(
        [WalletRead(Wallet(Balance(Cents(100), Cents(0)), 9000 - CREDITS * (jobs - len(billed))))],
        until=lambda: house.engine.done,
    )
    house.loop.finish()
    return house


def settled(house):
    rows = house.ledger.db.execute("SELECT settled, charge, hold FROM attempts ORDER BY id")
    return [tuple(each) for each in rows]


def test_a_job_that_credits_paid_counts_once(tmp_path):
    house = paid_by_credits(tmp_path, (row(),))
    assert Stop.CREDITS in house.engine.world.stops
    assert settled(house) == [("credits", 0, 0)]
    assert house.amounts == (15, 0, 0)
    assert any("was paid with 1,100 credits" in note for note in house.engine.world.notes)
    assert house.engine.settles.drift == {}


def test_each_row_stands_for_one_job_and_what_the_wallet_billed_stays(tmp_path):
    house = paid_by_credits(tmp_path, (row(1), row(2)), jobs=3, billed={2})
    assert settled(house) == [("credits", 0, 0), ("billed", 5, 0), ("credits", 0, 0)]
    assert house.amounts == (35, 0, 0)  # 2,200 credits are 30 c


@pytest.mark.parametrize(
    "rows",
    [
        (),
        None,
        (row(service_type="stem_extraction"),),
        (row(at=START - 7200),),
        (row(seconds=3000),),
        (row(credits_=0),),
    ],
    ids=["none", "may not be read", "another service", "older", "longer than it could be", "nothing"],
)
def test_without_a_row_that_fits_the_hold_stays(tmp_path, rows):
    house = paid_by_credits(tmp_path, rows)
    assert settled(house) == [("", None, 6)]
    assert house.amounts == (15, 6, 0)


def test_a_row_without_a_length_fits_by_its_service_and_time(tmp_path):
    assert settled(paid_by_credits(tmp_path, (row(seconds=None),))) == [("credits", 0, 0)]


def test_the_wallet_s_own_row_counts_all_the_same(tmp_path):
    house = paid_by_credits(tmp_path, (row(),))
    house.service.does.usage_rows = lambda job: [usage_row(job)]
    with house.ledger.transaction():
        from runner.ledger import billing

        billing.add_rows(house.ledger, [UsageRow("late", SERVICE, Cents(5), 300, "1")])
    assert house.amounts == (20, 0, 0)


def test_a_later_run_ends_the_hold_where_the_rows_came_late(tmp_path):
    house = paid_by_credits(tmp_path, ())
    assert house.amounts == (15, 6, 0)
    house.service.does.credit_rows = lambda _now: (row(),)
    house.resume()
    house.engine.world.credit_falls = int(house.ledger.has_extra_charges("m1"))
    house.finish()
    assert house.amounts == (15, 0, 0)
    assert house.states() == {"ep0.mp3": State.SAVED}


def test_a_row_ends_no_second_hold_in_a_later_run(tmp_path):
    house = paid_by_credits(tmp_path, (row(),))
    house.start()
    house.engine.world.credit_falls = 1
    house.buy(house.add(1, first=1))
    assert settled(house) == [("credits", 0, 0), ("", None, 6)]


def test_an_old_row_does_not_stand_in_the_way_of_a_later_one(tmp_path):
    house = paid_by_credits(tmp_path, (row(1),))
    house.service.does.credit_rows = lambda _now: (row(1), row(2))
    house.start()
    house.engine.world.credit_falls = 1
    house.engine.fallback.used |= used_credit_rows(house.ledger)
    house.buy(house.add(1, first=1))
    assert settled(house) == [("credits", 0, 0), ("credits", 0, 0)]


def test_rows_that_do_not_come_are_asked_for_again(tmp_path):
    def call(action, _nth):
        failing = isinstance(action, ReadCredits) and house_calls.append(1) is None and len(house_calls) < 2
        return CallFailed(action, CallProblem.DOWN, "no") if failing else None

    house_calls = []
    house = paid_by_credits(tmp_path, (row(),), call=call)
    assert house.amounts == (15, 6, 0)
    house.resume()
    house.engine.world.credit_falls = 1
    house.finish()
    assert house.amounts == (15, 0, 0)


def test_where_credits_never_fell_nobody_reads_their_rows(tmp_path):
    house = House(tmp_path, VirtualService(Behaviour(usage_rows=lambda _job: [])))
    house.buy(house.add(1))
    assert not any(isinstance(action, ReadCredits) for action in house.service.actions)
    assert house.amounts == (0, 6, 0)
