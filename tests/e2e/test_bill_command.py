"""`earmark bill`, typed: two manifests, another spender on the account, a top-up in between."""

import csv
import io

import pytest

import simulator
from runner.engine import timing
from simulator import Scenario
from support.bench import Bench
from support.hurry import HURRIED, hurry

KEY = "AUDIOPOD_API_KEY"


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    """Two runs, each of a manifest; between them somebody else spent 10 cents, and $5 were put in."""
    folder = tmp_path_factory.mktemp("bill")
    quick = Scenario(job_seconds=0.0, job_seconds_per_minute=0.0, longest_result_seconds=2)
    with pytest.MonkeyPatch.context() as patched, simulator.serve(quick, wallet_cents=1000) as sim:
        patched.setattr(timing, "Patience", lambda **_: HURRIED)
        hurry(patched)
        made = Bench(folder, sim)
        made.record(2)
        made.record(1, 60, "other")
        made.plan("media", "--service", "transcription")
        assert made.run("-y", EARMARK_WHO="anna").code == 0
        made.plan("other", "--service", "stems:six", "-o", "other.yaml")
        elsewhere = {"EARMARK_LEDGER": str(folder / "elsewhere.db")}
        assert made.do("run", "other.yaml", "-y", "--output", "theirs", **elsewhere).code == 0
        sim.top_up(500)
        made.plan("media", "--service", "stems:two", "-o", "songs.yaml")
        assert made.do("run", "songs.yaml", "-y").code == 0
        yield made


def test_its_foot_is_what_the_services_books_say(paid):
    told = paid.do("earmark", "bill", "--json").json
    books, foot = paid.books, told["wallet"]
    assert (foot["opening"], foot["closing"], foot["unexplained"]) == (0, books.balance_cents, 0)
    assert foot["topups"] == 1500
    assert foot["ours"] + foot["others"] == books.spent_cents
    assert foot["ours"] == told["total"]["charged"] == sum(line["charged"] for line in told["lines"])
    assert foot["others"] == 10
    assert foot["opening_read"]["balance"] == 1000
    assert {line["who"] for line in told["lines"]} >= {"anna"}


def test_every_job_of_ours_is_in_it_once(paid):
    told = paid.do("earmark", "bill", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.out)))
    ours = {(row["service"].partition(":")[0], row["job_id"]) for row in rows}
    known = {(job.service, str(job.id)): job.charged_cents for job in paid.books.jobs}
    assert len(rows) == len(ours) == 4
    assert [int(row["charged_cents"]) for row in rows] == [
        known[row["service"].partition(":")[0], row["job_id"]] for row in rows
    ]
    assert "= closing" in told.err
    assert "= closing" not in told.out


def test_sums_are_of_the_whole(paid):
    screens = [paid.do("earmark", "bill", "--by", by).out for by in ("name", "service", "folder", "host")]
    totals = {next(line for line in out.splitlines() if line.startswith("  total")) for out in screens}
    assert len(totals) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--by", "colour"), 2, "'colour' is not one of 'name', 'service', 'folder', 'host'"),
        (("--since", "2999-01-01"), 2, "--since 2999-01-01 is in the future"),
        (("--since", "1h", "--until", "2h"), 2, "--until 2h is not after --since 1h"),
        (("--json", "--format", "csv"), 2, "--json or --format csv, not both"),
    ],
)
def test_what_cannot_be_billed_is_told(paid, words, code, told):
    ended = paid.do("earmark", "bill", *words)
    assert ended.code == code
    assert told in ended.err


def test_without_a_ledger_there_is_no_bill(paid):
    ended = paid.do("earmark", "bill", EARMARK_LEDGER=str(paid.folder / "none.db"))
    assert ended.code == 10
    assert "nothing was run with this wallet yet" in ended.err


@pytest.mark.parametrize(
    ("environ", "code", "told"),
    [
        ({KEY: ""}, 0, "no key is set (AUDIOPOD_API_KEY)"),
        ({KEY: "ap_of_another_wallet"}, 5, "has not seen this key"),
    ],
)
def test_without_the_wallet_the_bill_stands_and_says_why_it_has_no_foot(paid, environ, code, told):
    (place,) = (paid.folder / "state").glob("earmark/*/ledger.db")
    ended = paid.do("earmark", "bill", "--by", "service", EARMARK_LEDGER=str(place), **environ)
    assert ended.code == code
    assert "total" in ended.out
    assert told in " ".join(ended.out.split())
    assert (told in ended.err) == (code != 0)


def test_offline_nobody_is_asked(paid):
    (place,) = (paid.folder / "state").glob("earmark/*/ledger.db")
    nobody = {"EARMARK_LEDGER": str(place), "AUDIOPOD_BASE_URL": "http://127.0.0.1:9"}
    ended = paid.do("earmark", "bill", "--offline", **nobody)
    assert (ended.code, ended.err) == (0, "")
    assert "Wallet not reconciled: the wallet was not asked (--offline)" in ended.out
