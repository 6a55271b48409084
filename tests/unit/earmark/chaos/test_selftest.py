"""What the selftest counts, shows and keeps; a house without simulator stands for the real one."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from signal import SIGINT

import pytest

from earmark.chaos import house as houses
from earmark.chaos import ills
from earmark.chaos.accounts import LedgerView
from earmark.chaos.batches import _KINDS, Batch, Maker
from earmark.chaos.commands import HUNG, Ended
from earmark.chaos.rounds import expected, run_words
from earmark.chaos.tally import Tally
from earmark.screens import selftest as screen
from earmark.terminal import Terminal
from manifests.exits import Exit
from manifests.length import Grade
from manifests.manifest import Item
from manifests.text import write_manifest
from simulator.loading import read_scenario
from support.small_run import Desk, manifest_of
from support.two_accounts import JOB, books_of
from support.typed import typed

TWICE = books_of(JOB, replace(JOB, id=1002, order=replace(JOB.order, token="t2")))


class Command:
    """A command that has ended before anybody could kill it."""

    running = False

    def __init__(self, words):
        self.words = words

    def wait(self, seconds):
        pass

    def end(self):
        return Ended(self.words, 0, "", "")


class House:
    """Where every command ends well, and the books say what they are told to."""

    def __init__(self, folder, books):
        self.folder, self._books, self._first = folder, books, True

    def books(self):
        """Nothing was bought before the first round."""
        first, self._first = self._first, False
        return books_of() if first else self._books

    def raw_books(self):
        return b"[]"

    def ledger(self):
        return LedgerView({})

    def script(self, scenario):
        self.scripted = scenario

    def refill(self, cents):
        pass

    def do(self, *words):
        return self.start(*words).end()

    def start(self, *words, **environ):
        if words[0] == "plan":
            place = Path(words[words.index("-o") + 1])
            manifest = manifest_of([Item("a.mp3", "transcription", 60.0, Grade.EXACT, 1, 2, 10, "0" * 12)])
            write_manifest(place, manifest.head, manifest.items)
        return Command(words)


@pytest.fixture
def tested(monkeypatch, tmp_path):
    """Types `earmark selftest`, with books that it shall find: exit code, stdout."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def test(books, *words):
        @contextmanager
        def opened(folder):
            yield House(folder, books)

        monkeypatch.setattr(houses, "opened", opened)
        code, out, err = typed(tmp_path, ("earmark", "selftest", *words), {}, 30.0)
        return code, out.decode(), err.decode()

    return test


@pytest.mark.parametrize("words", [(), ("--chaos", "--seconds", "60", "--seed", "5")])
def test_books_with_a_double_payment_end_with_one_and_keep_the_folder(tested, tmp_path, words):
    code, out, _ = tested(TWICE, *words)
    assert code == Exit.SOME_FAILED
    (kept,) = tmp_path.glob("earmark-selftest-*")
    assert "double payments     1" in out
    assert f"Please report it, with the folder {kept}" in out
    again = "--chaos --seconds 60 --seed 5" if words else ""
    assert f"Once more: earmark selftest {again}".strip() in out
    assert {path.name for path in kept.glob("*.json")} == {"books.json", "scenario.json"}
    assert read_scenario(
        {k: v for k, v in json.loads((kept / "scenario.json").read_text()).items() if k != "clear"}
    )


def test_a_lost_result_ends_with_one_and_json_says_the_same(tested, tmp_path):
    code, out, _ = tested(books_of(replace(JOB, charged_cents=0)), "--json")
    data = json.loads(out)
    assert code == Exit.SOME_FAILED
    assert (data["double_payments"], data["cents_over_the_cap"], data["results_lost"]) == (0, 0, 1)
    assert "transcription job 1001 is done, and the ledger does not know it" in data["found"]
    assert data["kept"] == str(next(tmp_path.glob("earmark-selftest-*")))


def test_nothing_found_ends_with_zero_and_leaves_nothing_behind(tested, tmp_path):
    code, out, _ = tested(books_of())
    assert (code, "Found" in out) == (Exit.DONE, False)
    for promise in ("double payments     0", "cents over the cap  0", "results lost        0"):
        assert promise in out
    assert not list(tmp_path.glob("earmark-selftest-*"))


def test_the_chaos_ends_when_its_time_is_over(tested):
    code, out, _ = tested(books_of(), "--chaos", "--seconds", "1", "--seed", "3", "-q")
    assert code == Exit.DONE
    assert "seed 3" in out


def test_seconds_and_seed_are_for_the_chaos(tested):
    code, _, err = tested(books_of(), "--seed", "3")
    assert (code, "--seconds and --seed are for --chaos" in err) == (Exit.USAGE, True)


# What is drawn


@pytest.mark.parametrize("seed", range(40))
def test_every_drawn_scenario_is_one_that_the_simulator_takes(seed):
    drawn = ills.drawn(Random(seed)).scenario
    assert drawn.pop("clear")
    assert {**drawn, "clear": True} == ills.drawn(Random(seed)).scenario
    assert read_scenario(drawn).faults


def test_a_charge_that_no_row_ever_shows_is_not_asked_of_anybody():
    for seed in range(400):
        told = {fault["do"] for fault in ills.drawn(Random(seed)).faults}
        assert not {"fail_charged", "usage_never"} <= told


@pytest.mark.parametrize("kind", _KINDS)
def test_every_kind_of_batch_can_be_planned_and_is_the_same_for_a_seed(tmp_path, kind):
    batches = [Maker(Random(7)).batch_of(kind, tmp_path / name) for name in ("one", "two")]
    one, two = ({path.name: path.read_bytes() for path in b.folder.rglob("*.*")} for b in batches)
    assert one == two
    code, _, err = typed(tmp_path, batches[0].plan, {}, 30.0)
    assert (code, err) == (Exit.DONE, b"")


def test_a_cap_that_is_too_low_comes_with_fit(tmp_path):
    desk = Desk(tmp_path)
    manifest = desk.manifest(*(f"{n}.mp3" for n in range(10)))
    write_manifest(tmp_path / "manifest.yaml", manifest.head, manifest.items)
    desk.close()
    batch = Batch(tmp_path, ("transcription",), ())
    words = run_words(batch)
    assert words[words.index("--max-spend") + 1] == "0.20"
    assert "--fit" not in words
    low = run_words(replace(batch, cap_share=0.5, credits=True))
    assert low[low.index("--max-spend") + 1] == "0.10"
    assert {"--fit", "--max-credits"} <= set(low)


# What is told


def test_an_end_that_was_not_expected_is_odd():
    def odd(code, err=""):
        return expected(Ended(("run", "m.yaml"), code, "", err), {0, 3}).odd

    assert odd(3) == ()
    assert odd(70, "x\nrun: a bug\n") == ("`run m.yaml` ended with 70: run: a bug",)
    assert odd(0, "Traceback (most recent call last)\nKeyError") == ("`run m.yaml` ended with 0: KeyError",)
    assert odd(HUNG) == ("`run m.yaml` did not end",)
    assert odd(2) == ("`run m.yaml` ended with 2: it says nothing",)


def test_a_signal_that_python_met_before_it_ran_anything_of_ours_is_not_odd():
    err = "Fatal Python error: init_import_site: Failed to import\nTraceback\nKeyboardInterrupt\n"
    ended = Ended(("run", "m.yaml"), 1, "", err)
    assert expected(ended, {0, -SIGINT}).odd == ()
    assert expected(ended, {0}).odd


def test_counts_are_shown_by_kind_the_most_frequent_first():
    tally = Tally(4, 60.0, seconds=61.4, rounds=9, submits=1234)
    tally.faults.update(drop=3, cut_upload=5)
    text = screen.render(tally, Terminal(), "")
    assert "faults struck       8   cut upload 5, drop 3" in text
    assert "submits             1,234" in text
    assert "8 faults, 0 kills; paid twice 0, over the cap 0 c, lost 0" in screen.note(tally)
