"""Who shares the work: last sign of life, what each host holds, and what waits for which of them."""

import json

import pytest

from earmark.hosts_standing import Elsewhere, HostsStanding, hosts_standing
from earmark.screens.hosts import document, rows
from earmark.screens.status import asked_of, render
from earmark.screens.status import document as whole_document
from earmark.standing import Standing
from earmark.terminal import Terminal
from manifests.money import Cents
from runner.ledger.fleet_rows import LEASE, Host, Waiting
from support.fleet import Yard
from support.ledgers import Shelf
from support.reports import item, report


@pytest.fixture
def yard(tmp_path):
    made = Yard(tmp_path, Shelf("sqlite", tmp_path / "ledger.db"))
    yield made
    made.close()


def host(name="alpha", *, seen=997.0, alive=True, **given):
    return Host(1, name, 412, "0.1.0", ("/srv/audio",), 900.0, seen, None, alive, **given)


def shown(*hosts, width=100, **given):
    return list(rows(HostsStanding(1_000.0, hosts, **given), width))


def files():
    return {"l0": "talks/a.mp3", "l1": "talks/b.mp3"}


def never():
    raise AssertionError("no item waits for a host")


# On the screen


def test_each_host_shows_its_last_sign_of_life_and_what_it_holds():
    busy = host(shifts=2, lines=87, reserved=Cents(120), in_doubt=Cents(31))
    told = shown(busy, host("beta", seen=880.0))
    assert told == [
        "  hosts      1 at work, 1 idle",
        "    alpha (412)   seen 3 s ago, 2 shifts with 87 items, $1.20 reserved, $0.31 in doubt",
        "    beta (412)   seen 2 min ago, idle",
    ]


def test_a_host_that_gives_no_sign_of_life_is_called_lost():
    told = shown(host(), host("beta", seen=700.0, alive=False))
    assert told[0] == "  hosts      1 idle, 1 lost"
    assert told[2] == "    beta (412)   LOST, last sign of life 5 min ago: what it held goes on elsewhere"
    assert shown(host(alive=False))[0] == "  hosts      none at work, 1 lost"


def test_what_is_taken_and_what_waits_is_counted():
    told = shown(host(), waiting=Waiting(waiting=40, taken=1, waiting_lines=1_950, taken_lines=50))
    assert "  shifts     1 taken (50 items), 40 waiting (1,950 items)" in told


def test_what_waits_for_another_host_is_named_with_each_hosts_reason():
    odd = [
        Elsewhere(f"talks/{n}.mp3", (("alpha", "no such file"), ("beta", "other bytes"))) for n in range(5)
    ]
    told = shown(host(), elsewhere=odd)
    assert "  elsewhere  5 items wait for another host" in told
    assert "    talks/0.mp3: alpha: no such file; beta: other bytes" in told
    assert told[-1] == "    and 2 more; all of them: --json"
    assert "  elsewhere  1 item waits for another host" in shown(host(), elsewhere=odd[:1])


def test_names_of_hosts_and_files_cannot_play_with_the_terminal():
    told = "\n".join(shown(host("a\x1b[2J"), elsewhere=[Elsewhere("b\x1b[2J", (("c\x1b[2J", "d\x1b[2J"),))]))
    assert "\x1b" not in told


def test_a_ledger_that_nobody_shares_says_nothing_of_hosts():
    alone = Standing(report(item()), busy=False, known=True)
    assert "hosts" not in render(alone, asked_of(alone, None), Terminal())
    told = json.loads(whole_document(alone, asked_of(alone, None), "m1"))
    assert (told["hosts"], told["shifts"], told["elsewhere"]) == ([], None, [])


def test_the_document_has_the_same_for_machines():
    found = HostsStanding(
        1_000.0,
        [host(shifts=2, lines=87, reserved=Cents(120), in_doubt=Cents(31))],
        Waiting(1, 2, 30, 87),
        [Elsewhere(b"od\xff.mp3".decode("utf-8", "surrogateescape"), (("beta", "other bytes"),))],
    )
    assert document(found) == {
        "hosts": [
            {
                "host": "alpha",
                "pid": 412,
                "version": "0.1.0",
                "roots": ["/srv/audio"],
                "alive": True,
                "started": 900.0,
                "seen": 997.0,
                "seen_seconds_ago": 3.0,
                "shifts": 2,
                "items": 87,
                "reserved": 120,
                "in_doubt": 31,
            }
        ],
        "shifts": {"taken": 2, "taken_items": 87, "waiting": 1, "waiting_items": 30},
        "elsewhere": [
            {
                "file": "od\ufffd.mp3",
                "file_bytes": b"od\xff.mp3".hex(),
                "reasons": [{"host": "beta", "reason": "other bytes"}],
            }
        ],
    }


# From a ledger


def test_it_is_read_from_the_ledger(yard):
    assert hosts_standing(yard.ledger, "m1", never) is None
    made = yard.dispatch(("l0", "l1"), ("l2", "l3"))
    a, b = yard.host("a"), yard.host("b")
    a.take()
    with b.ledger.transaction():
        b.ledger.give_back(made, b.worker_id, {"l2": "no such file"})
    found = hosts_standing(yard.ledger, "m1", lambda: {"l2": "talks/c.mp3"})
    assert [(each.host, each.alive, each.shifts, each.lines) for each in found.hosts] == [
        ("a", True, 1, 2),
        ("b", True, 0, 0),
    ]
    assert (found.waiting.taken, found.waiting.waiting) == (1, 1)
    assert found.elsewhere == [Elsewhere("talks/c.mp3", (("b", "no such file"),))]


def test_a_host_that_left_is_not_shown_and_one_that_was_lost_is(yard):
    a, b = yard.host("a"), yard.host("b")
    with a.ledger.transaction():
        a.ledger.leave(a.worker_id)
    yard.clock.now += LEASE + 1
    with b.ledger.transaction():
        assert b.ledger.fence_dead() == []
    found = hosts_standing(yard.ledger, "m1", never)
    assert [(each.host, each.alive) for each in found.hosts] == [("b", False)]
