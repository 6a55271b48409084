"""What `earmark wallet` says, in figures that were made up."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from earmark.screens import wallet as screen
from earmark.terminal import Terminal
from manifests import catalogue
from manifests.money import Cents
from runner.api.interface import Balance, Topup, UsageRow

PLAIN = Terminal()
ROW = UsageRow("r1", "stem_extraction", Cents(55), 328, "12045", "2026-11-23T23:39:37.385561Z")


def product(name):
    return catalogue.load().product(name)


def test_the_balance_says_what_is_free_only_where_something_is_held():
    found = Balance(Cents(5000), Cents(70))
    assert screen.balance(found, Cents(0), PLAIN) == "Wallet $50.00   spent so far $0.70\n"
    assert "held for running jobs and doubts $1.20, free $48.80" in screen.balance(found, Cents(120), PLAIN)
    assert screen.balance_data(found, Cents(6000))["free"] == 0


def test_a_low_balance_comes_with_the_command_against_it():
    told = screen.balance(Balance(Cents(19), Cents(0), low=True), Cents(0), PLAIN)
    assert "LOW" in told
    assert "earmark wallet topup --amount 25" in told


def test_charges_are_shown_in_the_readers_zone_with_their_sum():
    zone = timezone(timedelta(hours=2))
    told = screen.usage([ROW, ROW], zone, datetime(2026, 11, 1, tzinfo=UTC))
    first, second, _ = told.splitlines()
    assert first == "2 charges, $1.10 since 2026-11-01 02:00"
    assert second == "  2026-11-24 01:39  stem_extraction     5 min 28 s      $0.55  job 12045"


def test_what_a_row_does_not_say_is_left_open():
    told = screen.usage([UsageRow("r", "transcription", Cents(1))], UTC, None)
    assert told.splitlines()[1].split() == ["?", "transcription", "$0.01", "job", "-"]
    assert screen.usage([], UTC, None) == "No charges.\n"


def test_a_charge_that_cannot_be_read_is_told_and_not_counted():
    rows = [ROW, UsageRow("r2", "transcription", Cents(0), priced=False)]
    told = screen.usage(rows, UTC, None).splitlines()
    assert told[0] == "1 charge, $0.55; what 1 row charged cannot be read"
    assert "  ?  job -" in told[2]
    assert screen.usage_data(rows[1])["cents"] is None


def test_names_of_the_service_cannot_move_the_cursor():
    told = screen.usage([UsageRow("r", "evil\x1b[2J", Cents(1), job_id="7\r8")], UTC, None)
    assert "\x1b" not in told
    assert "\r" not in told


def test_csv_has_one_line_a_charge_in_cents_and_utc():
    assert screen.usage_csv([ROW, UsageRow("r2", "transcription", Cents(1))]) == (
        "created,service_type,seconds,cents,job_id,row_id\n"
        "2026-11-23T23:39:37.385561Z,stem_extraction,328,55,12045,r1\n"
        ",transcription,,1,,r2\n"
    )


def test_top_ups_say_whether_they_were_paid():
    rows = [Topup("t2", Cents(2500), "pending", "2026-11-23T05:00:00Z")]
    assert screen.topups(rows, UTC) == "1 top-up\n  2026-11-23 05:00     $25.00  pending\n"
    assert screen.topups([], UTC) == "No top-ups.\n"
    assert screen.topup_data(rows[0])["cents"] == 2500


def test_a_top_up_is_left_to_a_person():
    told = screen.topup(Cents(2500), "https://pay.example/x")
    assert "https://pay.example/x" in told
    assert "Nothing is paid until you do" in told


def test_prices_are_listed_by_the_wallets_names():
    told = screen.pricing({"transcription": Fraction(1), "odd": Fraction(1, 3)})
    assert [line.split() for line in told.splitlines()[1:3]] == [
        ["odd", "0.333333", "c/min"],
        ["transcription", "1", "c/min"],
    ]
    assert screen.pricing({}) == "The service names no prices.\n"


@pytest.mark.parametrize(
    ("name", "seconds", "live", "words"),
    [
        ("transcription", 61, 2, ["$0.02", "$0.02, the same as here"]),
        ("transcription", 61, 3, ["$0.02", "$0.03", "NOT the $0.02 of this catalogue"]),
        (
            "stems:karaoke",
            30,
            5,
            ["$0.08", "$0.05, the same as here at the base rate, and this variant costs 1.5 times as much"],
        ),
    ],
)
def test_an_estimate_is_compared_at_the_base_rate(name, seconds, live, words):
    found = screen.Priced(product(name), seconds, Cents(live))
    told = screen.estimate(found)
    assert all(word in told for word in words)
    assert screen.estimate_data(found)["agreed"] is found.agreed


def test_an_estimate_in_credits_names_dollars_beside_and_is_not_the_wallets():
    found = screen.Priced(product("denoise:studio"), 90)
    first, second = screen.estimate(found).splitlines()
    assert first == "denoise:studio, 1 min 30 s (90 s): 1,980 credits (about $0.27)"
    assert "not from the wallet" in second
    data = screen.estimate_data(found)
    assert (data["credits"], data["credits_in_cents"], data["cents"], data["agreed"]) == (
        1980,
        27,
        None,
        None,
    )


def test_an_estimate_of_what_may_be_free_says_the_most():
    told = screen.estimate(screen.Priced(product("clone"), 20, Cents(2)))
    assert "nothing is expected, at most $0.02" in told
