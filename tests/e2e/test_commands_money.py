"""`earmark wallet`, `services`, `simulate` and `demo`: typed."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from contextlib import closing

import pytest

from simulator import Event
from support import pages
from support.bench import COMMANDS
from support.waiting import PATIENCE, until

KEY = "AUDIOPOD_API_KEY"


@pytest.fixture
def bought(bench):
    """Three recordings of 12 s, transcribed: 3 cents."""
    made = bench()
    made.record(3)
    made.plan("media", "--service", "transcription")
    assert made.run("-q").code == 0
    return made


# earmark wallet


def test_balance_and_charges_are_those_of_the_service(bought):
    ended = bought.do("earmark", "wallet", "balance")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "Wallet $49.97   spent so far $0.03\n"
    told = bought.do("earmark", "wallet", "balance", "--json").json
    assert told == {"version": 1, "balance": 4997, "total_spent": 3, "held": 0, "free": 4997, "low": False}
    ended = bought.do("earmark", "wallet", "usage", "--since", "1h")
    assert ended.out.startswith("3 charges, $0.03 since ")
    assert ended.out.count("transcription") == 3
    rows = list(csv.DictReader(io.StringIO(bought.do("earmark", "wallet", "usage", "--csv").out)))
    assert [row["cents"] for row in rows] == ["1", "1", "1"]
    assert {row["job_id"] for row in rows} == {str(job.id) for job in bought.books.jobs}
    assert bought.do("earmark", "wallet", "usage", "--since", "2999-01-01").out.startswith("No charges since")
    assert bought.do("earmark", "wallet", "usage", "--json").json["cents"] == 3


def test_what_running_jobs_hold_is_not_free(bench):
    made = bench(wallet=100, job_seconds=600.0)
    made.record(2)
    made.plan("media", "--service", "stems:six")
    process = made.start("run", "manifest.yaml", "-q")
    until(lambda: len(made.books.jobs) == 2)
    made.interrupt(process)
    assert made.end(process).code == 130
    ended = made.do("earmark", "wallet", "balance")
    assert "held for running jobs and doubts $0.06, free $0.94" in ended.out
    assert "LOW: the service warns" in ended.out
    assert "earmark wallet topup --amount 25" in ended.out


def test_a_top_up_prints_its_page_and_pays_nothing(bench):
    made = bench()
    ended = made.do("earmark", "wallet", "topup", "--amount", "25")
    page = next(line.strip() for line in ended.out.splitlines() if "://" in line)
    assert ended.out.startswith("To add $25.00 to the wallet, pay here yourself:")
    assert made.books.balance_cents == 5000
    with urllib.request.urlopen(urllib.request.Request(page, method="POST")) as answer:
        assert answer.status == 200
    assert made.books.balance_cents == 7500
    rows = made.do("earmark", "wallet", "topups", "--json").json["topups"]
    assert [(row["cents"], row["status"]) for row in rows] == [(2500, "completed"), (5000, "completed")]
    assert "2 top-ups" in made.do("earmark", "wallet", "topups").out


@pytest.mark.parametrize("amount", ["0.99", "10000.01", "0"])
def test_a_top_up_out_of_range_is_refused_before_it_is_sent(bench, amount):
    made = bench()
    ended = made.do("earmark", "wallet", "topup", "--amount", amount)
    assert ended.code == 2
    assert "invalid_amount: a top-up is $1.00 to $10,000.00" in ended.err
    assert len(made.books.topups) == 1  # what the wallet began with


def test_the_times_of_charges_cannot_be_nonsense_or_two_formats(bench):
    made = bench()
    ended = made.do("earmark", "wallet", "usage", "--since", "yesterday")
    assert (ended.code, ended.out) == (2, "")
    assert "'yesterday' is not a time" in ended.err
    assert made.do("earmark", "wallet", "usage", "--csv", "--json").code == 2


def test_prices_and_estimates_need_no_key(bench):
    made = bench(prices={"stem_extraction": 12})
    prices = made.do("earmark", "wallet", "pricing", **{KEY: ""})
    assert prices.code == 0
    assert "12 c/min" in prices.out
    assert made.do("earmark", "wallet", "pricing", "--json").json["cents_per_minute"]["transcription"] == "1"
    same = made.do("earmark", "wallet", "estimate", "transcription", "90m", **{KEY: ""})
    assert same.out.splitlines()[0] == "transcription, 1 h 30 min (5,400 s): $0.90"
    assert "the service's own estimate: $0.90, the same as here" in same.out
    other = made.do("earmark", "wallet", "estimate", "stems:karaoke", "60", "--json").json
    assert other == {
        "version": 1,
        "product": "stems:karaoke",
        "seconds": 60,
        "currency": "cents",
        "cents": 15,
        "credits": None,
        "credits_in_cents": None,
        "expected_free": False,
        "base_cents": 10,
        "live_base_cents": 12,
        "agreed": False,
    }


@pytest.mark.parametrize("words", [("balance",), ("usage",), ("topups",), ("topup", "--amount", "5")])
def test_without_a_key_the_wallet_is_not_asked(bench, words):
    ended = bench().do("earmark", "wallet", *words, **{KEY: ""})
    assert ended.code == 5
    assert "no key: set AUDIOPOD_API_KEY" in ended.err


def test_a_wrong_key_and_a_service_of_another_name_are_errors_for_people(bench):
    made = bench()
    wrong = made.do("earmark", "wallet", "balance", **{KEY: "ap_wrong"})
    assert wrong.code == 5
    assert "the key was refused" in wrong.err
    for length in ("0", "99999999d"):
        odd = made.do("earmark", "wallet", "estimate", "transcription", length)
        assert (odd.code, f"not {length!r}" in odd.err) == (2, True)
    unknown = made.do("earmark", "wallet", "estimate", "transcriptoin", "60")
    assert unknown.code == 2
    assert "did you mean 'transcription'?" in unknown.err


# earmark services


def test_services_without_a_network_are_the_catalogue(bench):
    made = bench()
    ended = made.do("earmark", "services", "--offline", AUDIOPOD_BASE_URL="http://127.0.0.1:9")
    assert ended.code == 0
    assert ended.out.splitlines()[0] == "Services   prices of 2026-05-22"
    assert "stems:six" in ended.out
    assert "--set language=TEXT" in ended.out


def test_services_that_do_not_answer_are_said_so(bench):
    ended = bench().do("earmark", "services", AUDIOPOD_BASE_URL="http://127.0.0.1:9")
    assert ended.code == 0
    assert "live prices are not known: " in ended.out


def test_live_prices_are_compared_without_a_key(bench):
    made = bench(events=(Event(do="price", service_type="transcription", cents=2),))
    ended = made.do("earmark", "services", **{KEY: ""})
    assert "NOT those of today: look for <<" in ended.out
    assert ended.out.count("<<") == 2
    assert "<< dearer today: 2 c/min" in ended.out
    told = made.do("earmark", "services", "--json").json
    products = {row["product"]: row for service in told["services"] for row in service["products"]}
    assert products["transcription"]["differs"]
    assert products["transcription"]["live_cents_per_minute"] == "2"
    assert not products["stems:six"]["differs"]


# earmark simulate


def simulated(bench, *words):
    """A simulator in a process of its own, and the environment that it prints."""
    process = bench.start("earmark", "simulate", "--port", "0", "-q", *words)
    lines = [process.stdout.readline() for _ in range(3)]
    pairs = [shlex.split(line)[1].partition("=") for line in lines]
    return process, {name: value for name, _, value in pairs}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_needs_three_export_lines_and_ends_cleanly(bench, number):
    made = bench()
    process, exports = simulated(made, "--wallet", "2.50", "--job-seconds", "0")
    assert list(exports) == ["AUDIOPOD_BASE_URL", KEY, "EARMARK_LEDGER"]
    made.record(1)
    assert made.do("plan", "media", "--service", "transcription", "-q", **exports).code == 0
    assert made.run("-q", **exports).code == 0
    assert made.do("earmark", "wallet", "balance", **exports).out.startswith("Wallet $2.49")
    made.interrupt(process, number)
    ended = made.end(process)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert made.books.jobs == ()  # this one was not asked
    with closing(sqlite3.connect(exports["EARMARK_LEDGER"])) as ledger:
        assert ledger.execute("SELECT spent FROM manifests").fetchall() == [(1,)]


def test_the_screen_of_a_rehearsal_says_how_to_try_it(bench):
    made = bench()
    process = made.start("earmark", "simulate", "--port", "0")
    lines = [process.stdout.readline() for _ in range(9)]
    made.interrupt(process)
    ended = made.end(process)
    assert lines[1].startswith("  address  http://127.0.0.1:")
    assert lines[3] == "  wallet   $50.00\n"
    assert [line.split()[0] for line in lines[5:8]] == ["export"] * 3
    assert (ended.code, ended.err) == (0, "The simulator has ended, and forgotten everything.\n")


def test_a_scenario_is_obeyed_and_a_bad_one_is_told(bench):
    made = bench()
    (made.folder / "dear.yaml").write_text("prices: {transcription: 7}\n")
    process, exports = simulated(made, "--scenario", "dear.yaml", "--job-seconds", "0")
    assert "7 c/min" in made.do("earmark", "wallet", "pricing", **exports).out
    made.interrupt(process)
    made.end(process)
    (made.folder / "bad.yaml").write_text("job_secnods: 7\n")
    ended = made.do("earmark", "simulate", "--scenario", "bad.yaml")
    assert ended.code == 2
    assert "bad.yaml" in ended.err
    assert "job_secnods" in ended.err


def test_a_port_in_use_is_named_with_the_way_out(bench):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = bench().do("earmark", "simulate", "--port", port)
    assert ended.code == 10
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in ended.err
    assert "earmark simulate --port 0" in ended.err


def test_an_amount_with_three_decimals_is_no_wallet(bench):
    ended = bench().do("earmark", "simulate", "--wallet", "1.005")
    assert ended.code == 2
    assert "--wallet: '1.005' has parts of a cent" in ended.err


# earmark demo


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demo of our examples, at somebody who may spend nothing: its folder and its words."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(pages.ROOT / "examples", folder / "examples")
    told = {"COLUMNS": "120", "EARMARK_MAX_SPEND": "0", "XDG_STATE_HOME": str(folder / "state")}
    shown = subprocess.run(
        [COMMANDS / "earmark", "demo", "--job-seconds", "0"],
        cwd=folder,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    return folder, shown.stdout


def test_the_demo_does_all_of_it_with_a_ledger_of_its_own(played):
    folder, out = played
    commands = [line for line in out.splitlines() if line.startswith("$ ")]
    assert [line.split()[1] for line in commands] == ["plan", "run", "earmark"] * 2
    assert "Open in a browser what became of it: demo/speech.html and demo/songs.html" in out
    assert "4 of 4 items" in (folder / "demo" / "songs.html").read_text(encoding="utf-8")
    assert re.search(r"Books: the simulator charged 10 jobs \$\d\.\d\d in all; the ledger says the same", out)
    assert (folder / "demo" / "results" / "podcasts" / "ep01.srt").is_file()
    assert (folder / "demo" / "results" / "harbour" / "vocals.wav").is_file()
    assert not (folder / "state").exists()


def test_the_readmes_first_block_is_what_the_demo_prints(played):
    _, out = played
    printed = iter(out.splitlines())
    for line in filter(None, pages.blocks("README.md", "console")[0].splitlines()):
        assert line in printed, f"the demo does not print (or not here): {line}\n{out}"


def test_the_demo_takes_any_folder_and_removes_only_its_own(bench):
    made = bench()
    made.record(1)
    (made.folder / "kept").mkdir()
    (made.folder / "kept" / "mine.txt").write_text("mine")
    refused = made.do("earmark", "demo", "media", "--output", "kept")
    assert refused.code == 2
    assert "is not an earlier demo's folder" in refused.err
    ended = made.do("earmark", "demo", "media", "--output", "new/demo", "--job-seconds", "0")
    assert ended.code == 0, ended.err
    assert (made.folder / "kept" / "mine.txt").read_text() == "mine"
    missing = made.do("earmark", "demo", "nowhere")
    assert (missing.code, "no such folder" in missing.err) == (2, True)


def test_a_demo_that_cannot_plan_ends_as_the_plan_does(bench):
    made = bench()
    (made.folder / "empty").mkdir()
    ended = made.do("earmark", "demo", "empty", "--job-seconds", "0")
    assert ended.code == 2
    assert "Books" not in ended.out
    assert json.loads(made.do("earmark", "services", "--offline", "--json").out)["version"] == 1
