"""The bill's views: they say the same, keep to 80 columns, and let no name do anything."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import asdict, replace

import pytest

from earmark.bill import as_csv, as_json
from earmark.bill.foot import Anchors, foot_of
from earmark.bill.lines import AMOUNTS, KEYS, UNKNOWN, Bill
from earmark.bill.period import BEGINNING, Period
from earmark.bill.reconciling import reconciled
from earmark.bill.values import Shown
from earmark.bill.wallet import Told
from earmark.screens import bill as screen
from earmark.terminal import Terminal
from manifests.money import Cents
from runner.api.errors import KeyRefused, ServiceDown
from runner.ledger.runs import Reading
from support import pages

PLAIN = Terminal()
NOWHERE = "no key is set (AUDIOPOD_API_KEY), so the wallet was not asked"


def shown(bill, by=None, **rest):
    return Shown(bill, *bill.sums(by), by, **{"why_no_foot": NOWHERE, **rest})


def text(bill, by=None, **rest):
    return "".join(screen.pieces(shown(bill, by, **rest), PLAIN))


def document(bill, by=None):
    return json.loads("".join(as_json.rendered(shown(bill, by))))


def records(pieces):
    whole = "".join(pieces)
    assert whole.count("\r\n") >= 1
    return list(csv.DictReader(io.StringIO(whole, newline="")))


@pytest.mark.parametrize("by", KEYS)
def test_every_grouping_adds_up_to_the_whole(bill, by):
    total, groups = bill.sums(by)
    added = Counter()
    for sums in groups.values():
        added.update(asdict(sums))
    assert dict(added) == asdict(total)
    assert (total.jobs, total.charged, total.credit_worth) == (4, 3, 7)


def test_a_manifest_that_no_run_is_known_of_goes_by_its_file(bill, paid):
    bill.ledger.db.execute("UPDATE attempts SET run_id = NULL")
    bill.ledger.db.execute("DELETE FROM runs")
    folder = paid.parents[1].name
    assert sorted(Bill(bill.ledger, bill.period).sums("name")[1]) == [
        f"{folder}/m.yaml",
        f"{folder}/songs.yaml",
    ]


def test_groups_are_what_lines_were_for(bill):
    assert {by: sorted(bill.sums(by)[1]) for by in KEYS} == {
        "name": ["pr-481", "songs.yaml"],  # of an unknown run its manifest's last name is known
        "service": ["denoise:balanced", "stems:two", "transcription", UNKNOWN],
        "folder": [".", "talks", UNKNOWN],
        "host": ["=ci", "studio", UNKNOWN],
    }


def test_lines_add_up_to_the_sums(bill):
    told = document(bill)
    for name in AMOUNTS:
        for currency, prefix in (("cents", ""), ("credits", "credits_")):
            lines = [line[name] for line in told["lines"] if line["currency"] == currency]
            assert sum(lines) == told["total"][prefix + name]
    rows = records(as_csv.by_job(bill))
    for name in AMOUNTS:
        cents = [int(row[f"{name}_cents"] or 0) for row in rows]
        assert sum(cents) == told["total"][name]
        assert sum(round(float(row[f"{name}_usd"] or 0) * 100) for row in rows) == sum(cents)
        assert sum(int(row[f"{name}_credits"] or 0) for row in rows) == told["total"][f"credits_{name}"]
    assert sum(int(row["credit_worth_cents"] or 0) for row in rows) == told["total"]["credit_worth"]


def test_the_screen_tells_who_ran_what(bill):
    found = text(bill)
    assert "       4 jobs: $0.03 charged" in found
    assert "pr-481   run by: anna@studio" in found
    assert "songs.yaml   run by: ben" in found
    assert "pr-481   run by: unknown" in found
    assert "exit 0   manifest abababababab" in found
    assert "=cmd\\n.wav" in found
    assert re.search(r"^  20\d\d-\S+ \S+  denoise:balanced +\d+ cr +\d+ cr +\d+ cr +-$", found, re.MULTILINE)
    assert "Account credits paid $0.07 worth instead of the wallet: in no sum above" in found


def test_large_sums_keep_to_80_columns_too(bill):
    bill.ledger.db.execute(
        "UPDATE attempts SET expected = 123456789, ceiling = 123456799, charge = 123456789"
    )
    rows = text(bill, "name").splitlines()
    assert any("$3,703,703.67" in row for row in rows)
    assert max(map(len, rows)) <= 80


@pytest.mark.parametrize("by", [None, *KEYS])
def test_it_keeps_to_80_columns(bill, by):
    long = {"id": "m1", "path": "p" * 90}
    bill.ledger.db.execute("UPDATE manifests SET path = CAST(:path AS BLOB) WHERE id = :id", long)
    bill.ledger.db.execute("UPDATE runs SET who = :w, host = :w, name = :w", {"w": "w" * 200})
    bill.ledger.db.execute("UPDATE items SET file = CAST(:f AS BLOB)", {"f": f"{'d' * 90}/{'f' * 90}"})
    found = text(Bill(bill.ledger, bill.period), by, why_no_foot="reason " * 40)
    assert max(map(len, found.splitlines())) <= 80


def test_groups_are_a_table_with_its_total(bill):
    rows = text(bill, "folder").splitlines()
    assert rows[3].split() == ["folder", "jobs", "planned", "at", "most", "charged", "held"]
    assert next(row.split() for row in rows if row.startswith("  total")) == [
        *("total", "4", "$0.12", "$0.15", "$0.03", "-")
    ]


def test_csv_is_as_documented_and_computes_nothing(bill):
    rows = records(as_csv.by_job(bill))
    odd = next(row for row in rows if row["service"] == "stems:two")
    assert (odd["file"], odd["host"], odd["who"]) == ("'=cmd\\n.wav", "'=ci", "ben")
    assert (odd["charged_usd"], odd["charged_cents"], odd["charged_credits"]) == ("0.01", "1", "")
    assert records(as_csv.grouped(bill.sums("host")[1], "host"))[0]["host"] == "'=ci"
    documented = [pages.words(row[0]) for row in pages.rows(pages.text_of("docs/bill.md"))]
    names = {name for cells in documented for name in cells}
    assert set(as_csv.COLUMNS) <= names


def test_json_is_as_documented(bill):
    told = {
        word
        for row in pages.rows(pages.sections("docs/bill.md")["As JSON"])
        for word in pages.words(row[0] + row[1])
    }
    now = Reading(bill.period.end, Cents(50), Cents(9))
    foot = foot_of(bill.period, Anchors(None, None), Told(now, (), ()), lambda _row: None, 0)
    grouped = json.loads("".join(as_json.rendered(shown(bill, "name", foot=foot))))
    counts = {"topups_count", "ours_count", "others_count"}
    amounts = {name for name in grouped["total"] if not name.startswith("credits_")}
    assert {*document(bill), *grouped, *grouped["wallet"], *amounts} - counts <= told
    wallet = grouped["wallet"]
    spent = wallet["ours"] + wallet["unverified"] + wallet["others"]
    assert wallet["opening"] + wallet["topups"] - spent + wallet["unexplained"] == wallet["closing"]


def test_json_has_bytes_of_what_is_no_text(bill):
    bill.ledger.db.execute("UPDATE items SET file = x'ff2e6d7033' WHERE manifest_id = 'm2'")
    files = [line for line in document(bill)["lines"] if "file_bytes" in line]
    assert {(line["file"], line["file_bytes"]) for line in files} == {("\ufffd.mp3", "ff2e6d7033")}


def test_json_has_bytes_of_a_manifest_that_goes_by_its_file(bill):
    bill.ledger.db.execute("UPDATE attempts SET run_id = NULL")
    bill.ledger.db.execute("DELETE FROM runs")
    bill.ledger.db.execute("UPDATE manifests SET path = x'2f612fff' WHERE id = 'm2'")
    found = document(Bill(bill.ledger, bill.period))
    named = {(line["name"], line.get("name_bytes")) for line in [*found["lines"], *found["besides"]]}
    assert ("a/\ufffd", "612fff") in named


def test_a_period_without_purchases_says_so(bill):
    empty = Bill(bill.ledger, Period(BEGINNING, bill.period.since))
    assert "nothing was bought" in text(empty)
    assert text(empty).startswith("Bill   the beginning to 2020-01-01 00:00 UTC\n")
    assert document(empty)["lines"] == []
    assert document(empty, "service")["groups"] == []


def test_without_the_wallet_it_says_why_and_what_was_read_last(bill):
    found = text(bill)
    assert f"Wallet not reconciled: {NOWHERE[:40]}" in found
    assert "Last read by a run: " in found
    assert (document(bill)["wallet"], document(bill)["why_no_wallet"]) == (None, NOWHERE)


def test_the_foot_says_what_does_not_fit(bill):
    now = Reading(bill.period.end, Cents(50), Cents(9))
    early = Reading(bill.period.start, Cents(100), Cents(0))
    foot = foot_of(bill.period, Anchors(early, None), Told(now, (), ()), lambda _row: None, 0)
    told = text(bill, foot=foot, steady=False)
    assert re.search(r"NOT EXPLAINED by the wallet's lists +-\$0\.50\n", told)
    assert "$0.03 charged above is in no row of the wallet that is known as ours." in told
    assert "The wallet moved while it was read" in told
    odd = replace(foot, pending=Cents(700), unreadable=1, unread=Cents(5), unverified=Cents(2))
    told = text(bill, foot=odd)
    assert "Top-ups of $7.00 are not counted:\n  the service does not call them completed." in told
    assert "1 charge of the wallet's list cannot be read: counted as nothing." in told
    assert "$0.05 of ours no run has read yet" in told
    assert "- ours, by charges that name no job" in told
    assert max(map(len, told.splitlines())) <= 80


def test_doubts_and_holds_are_shown_as_such(bill):
    bill.ledger.db.execute("UPDATE attempts SET charge = NULL, settled = '', hold = 4 WHERE id = 1")
    bill.ledger.db.execute(
        "UPDATE attempts SET charge = NULL, settled = '', hold = 4, purse = 'in doubt' WHERE id = 3"
    )
    found = text(bill)
    assert "$0.04 held, $0.04 in doubt" in " ".join(found.split())
    assert "(in doubt)" in found
    assert [line["in_doubt"] for line in document(bill)["lines"]].count(4) == 1


@pytest.mark.parametrize(
    ("error", "code"), [(ServiceDown("http://x does not answer"), 8), (KeyRefused("not allowed"), 5)]
)
def test_where_the_wallet_does_not_answer_the_bill_has_no_foot(bill, error, code):
    def refuses(_environ):
        raise error

    found, exit_code = reconciled(shown(bill), {"AUDIOPOD_API_KEY": "ap_x"}, offline=False, api=refuses)
    assert (found.foot, found.why_no_foot, exit_code) == (None, str(error), code)
