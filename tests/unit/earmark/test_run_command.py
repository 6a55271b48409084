"""What `run` makes of its command line, and how it behaves around its question."""

import os
import signal
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from earmark import interrupts, run_command, run_ends, run_question
from earmark.main import through_the_door
from manifests.budget import Amounts
from manifests.errors import UsageError
from manifests.money import Cents
from runner.api.interface import Wallet
from runner.options import Offer
from support.reports import balance

OFFER = Offer(1, Cents(1), Cents(2), Amounts(Cents(5)), Wallet(balance(100)))


def asked(manifest, *words):
    """What the command line comes to."""
    context = run_command.run.make_context("run", [str(manifest), *words])
    given = {k: v for k, v in context.params.items() if k not in ("manifest", "as_json", "quiet")}
    caps = run_command._caps(given["max_spend"], os.environ.get(run_command.CAP))

    class Head:
        cap = None

    return run_command._asked(context, manifest, given, caps, Head()), given, caps


def test_what_was_typed_is_kept_to_be_typed_again():
    words = ["--fit", "--output", "out", "--uploads", "3", "--max-spend", "$2.50", "-y", "--json", "--quiet"]
    typed, _, caps = asked(Path("a/m.yaml"), *words)
    assert typed.flags == {"--fit": "", "--yes": "", "--output": "out", "--uploads": "3"}
    assert (typed.manifest, typed.results, typed.max_spend) == ("a/m.yaml", "out/", 250)
    assert caps == (250, None)


def test_defaults_are_not_repeated_and_results_lie_beside_the_manifest():
    typed, given, caps = asked(Path("a/m.yaml"))
    assert (typed.flags, typed.results, typed.max_spend, typed.max_tries) == ({}, "a/results/", None, 3)
    options = run_command._options(Path("a/m.yaml"), given, caps)
    assert options.output == Path.cwd() / "a/results"
    assert options.manifest == Path.cwd() / "a/m.yaml"
    assert options.patience.job == 86_400


def test_credits_that_may_be_spent_are_a_whole_number():
    typed, given, caps = asked(Path("m.yaml"), "--max-credits", "1,320", "--max-spend", "0")
    assert (typed.max_credits, typed.only_collects) == (1320, False)
    assert run_command._options(Path("m.yaml"), given, caps).max_credits == 1320
    assert asked(Path("m.yaml"))[0].max_credits is None
    with pytest.raises(UsageError, match=r"'1\.5' is not a number of credits"):
        asked(Path("m.yaml"), "--max-credits", "1.5")


def test_credits_alone_are_bought_without_a_question(monkeypatch):
    monkeypatch.setattr("earmark.run_ends.may_ask", lambda: True)
    alone = replace(OFFER, expected=Cents(0), ceiling=Cents(0), credits_ceiling=1320)
    assert run_question.question_of(nullcontext, asks=True)(alone)


def test_a_cap_of_the_environment_is_a_cap(monkeypatch):
    monkeypatch.setenv("EARMARK_MAX_SPEND", "3")
    typed, _, caps = asked(Path("m.yaml"))
    assert (typed.outer_cap, caps) == (300, (None, 300))
    assert run_command._caps(None, "") == (None, None)


@pytest.mark.parametrize(
    ("typed", "outer", "message"),
    [
        ("1.001", None, "--max-spend: '1.001' has parts"),
        (None, "x", "EARMARK_MAX_SPEND: 'x' is not an amount"),
    ],
)
def test_a_bad_amount_names_where_it_came_from(typed, outer, message):
    with pytest.raises(UsageError, match=message):
        run_command._caps(typed, outer)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://me:secret@example.org:8077/x", "example.org:8077"),
        ("", "api.audiopod.ai"),
    ],
)
def test_the_server_is_named_without_what_is_secret(address, shown):
    assert run_ends.server({"AUDIOPOD_BASE_URL": address}) == shown


@pytest.mark.parametrize("asks", [True, False])
def test_nobody_is_asked_without_a_terminal(asks):
    assert run_question.question_of(nullcontext, asks=asks)(OFFER) is True


@pytest.mark.parametrize(
    ("low", "quiet", "told"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_without_a_question_a_line_says_that_the_wallet_is_low(capsys, low, quiet, told):
    offer = replace(OFFER, wallet=Wallet(replace(OFFER.wallet.balance, low=low)))
    assert run_question.question_of(nullcontext, asks=False, quiet=quiet)(offer) is True
    assert ("low)" in capsys.readouterr().err) is told


def test_signals_end_a_question_and_are_given_back_after_it():
    kept = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    for number, error in ((signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)):
        with pytest.raises(error) as caught, interrupts.stoppable():
            os.kill(os.getpid(), number)
        assert getattr(caught.value, "code", 143) == 143
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == kept


def test_what_the_ledger_cannot_take_goes_to_stderr(capsys):
    run_question.alarm("transcription 1001 ek-token")
    assert capsys.readouterr().err == (
        "run: the ledger is full; keep this line: transcription 1001 ek-token\n"
    )


def test_an_error_is_told_on_stderr_and_as_a_document(capsys, tmp_path):
    words = [str(tmp_path / "none.yaml"), "--json"]
    assert through_the_door("run", lambda: run_command.run, words) == 2
    told = capsys.readouterr()
    assert '"outcome": "wrong usage"' in told.out
    assert "there is no such manifest" in told.err
    assert through_the_door("run", lambda: run_command.run, words[:1]) == 2
    assert capsys.readouterr().out == ""
