"""The demo's own pieces; that it plays as a whole is shown by typing it (tests/e2e)."""

import os
import time
from pathlib import Path

import pytest

from earmark import demo
from earmark.demo import Demo, afresh, charged, environment, typed
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit
from manifests.money import Cents
from runner.ledger.rows import NewItem, Reservation
from runner.ledger.sqlite.ledger import SqliteLedger
from simulator.books import Books, Charge


def books(*charges):
    empty = dict.fromkeys(Books.__dataclass_fields__, 0)
    return Books(**{**empty, "charges": tuple(charges)})


def charge(job_id, cents, service="transcription", reason="job"):
    return Charge(service, job_id, cents, 0.0, reason)


@pytest.fixture
def ledger(tmp_path):
    """A ledger that settled transcription job 7 at 3 cents."""
    made = SqliteLedger(tmp_path / "ledger.db", time.time)
    item = NewItem("l", "a.mp3", 1, "p", "a", "{}", "c" * 64, "d" * 64, "transcription", "{}", 0, 1)
    with made.transaction():
        made.put_manifest("m1", Path("/m1.yaml"), Cents(100))
        made.put_items("m1", [item])
        made.reserve(Reservation(1, "m1", "transcription", "t", Cents(3), Cents(4)))
    made.db.execute("UPDATE attempts SET state = 'saved', job_id = '7', hold = 0, charge = 3")
    made.close()
    return tmp_path / "ledger.db"


# Its folder


def test_an_earlier_demo_is_removed_and_nothing_else(tmp_path):
    output = tmp_path / "deep" / "demo"
    afresh(output)
    (output / "results").mkdir()
    (output / "results" / "old.txt").write_text("old")
    afresh(output)
    assert [path.name for path in output.iterdir()] == [demo.MARK]
    (output / demo.MARK).unlink()
    (output / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not an earlier demo's folder, so it is left alone"):
        afresh(output)
    assert (output / "mine.txt").read_text() == "mine"


def test_an_empty_folder_may_become_the_demos(tmp_path):
    afresh(tmp_path)
    assert (tmp_path / demo.MARK).exists()


def test_a_demo_where_nothing_may_be_written_says_what_to_type(monkeypatch, tmp_path):
    def refused(*_given, **_more):
        raise PermissionError

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(MachineError, match="demo may not be made here: name another folder with --output"):
        afresh(tmp_path / "demo")


# Its commands


def test_songs_are_split_and_all_else_is_transcribed(tmp_path):
    (tmp_path / "songs").mkdir()
    plans = Demo(tmp_path, Path("demo"), 0.0).plans()
    assert [plan[0][3] for plan in plans] == ["transcription", "stems:six"]
    assert [str(plan[1]) for plan in plans] == ["demo/speech.yaml", "demo/songs.yaml"]
    (tmp_path / "songs").rmdir()
    assert len(Demo(tmp_path, Path("demo"), 0.0).plans()) == 1


def test_its_commands_know_no_key_ledger_or_cap_of_ours(monkeypatch, tmp_path):
    monkeypatch.setenv("AUDIOPOD_API_KEY", "ap_real")
    monkeypatch.setenv("AUDIOPOD_API_KEY_FILE", "/secret")
    monkeypatch.setenv("EARMARK_LEDGER", "/real/ledger.db")
    monkeypatch.setenv("EARMARK_MAX_SPEND", "0")
    monkeypatch.setenv("EARMARK_MAX_SPEND_MONTH", "0")
    found = environment("http://127.0.0.1:1", "ap_sim", tmp_path / "ledger.db")
    assert "ap_real" not in found.values()
    assert not {"AUDIOPOD_API_KEY_FILE", "EARMARK_MAX_SPEND", "EARMARK_MAX_SPEND_MONTH"} & found.keys()
    assert found["EARMARK_LEDGER"] == str(tmp_path / "ledger.db")
    assert found["PATH"] == os.environ["PATH"]


def test_a_command_is_shown_as_it_could_be_typed_and_its_code_comes_back(capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "earmark.py").write_text("raise SystemExit(99)")  # not what is run
    assert typed(["plan", "no such folder"], dict(os.environ)) is Exit.USAGE
    out, err = capfd.readouterr()
    assert out == "\n$ plan 'no such folder'\n"
    assert err.startswith("earmark: ")


def test_without_recordings_the_demo_says_what_it_needs(tmp_path):
    with pytest.raises(UsageError, match="no such folder; the demo needs recordings"):
        Demo(tmp_path / "none", tmp_path / "demo", 0.0).play()
    assert not (tmp_path / "demo").exists()


def test_a_shell_that_does_not_know_the_programs_is_told_where_they_are(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "earmark").touch(0o755)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    assert list(demo.on_path()) == [f"Let this shell find the programs: export PATH={tmp_path}/bin:$PATH"]
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    assert list(demo.on_path()) == []


# The books


def test_charges_of_a_job_add_up_by_service():
    found = charged(books(charge(7, 3), charge(7, 1, reason="extra"), charge(7, 5, "stems"), charge(8, 2)))
    assert found == {("transcription", "7"): 4, ("stems", "7"): 5, ("transcription", "8"): 2}


def test_equal_books_are_said_to_be_equal(ledger, capsys):
    assert demo.agree(books(charge(7, 3)), ledger)
    assert "the simulator charged 1 job $0.03 in all; the ledger says the same" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("charges", "line"),
    [
        ([charge(7, 4)], "transcription job 7: charged $0.04, the ledger says $0.03"),
        ([], "transcription job 7: charged nothing, the ledger says $0.03"),
        ([charge(7, 3), charge(8, 1)], "transcription job 8: charged $0.01, the ledger says nothing"),
    ],
)
def test_different_books_are_shown_job_by_job(ledger, capsys, charges, line):
    assert not demo.agree(books(*charges), ledger)
    out = capsys.readouterr().out
    assert "do NOT agree" in out
    assert line in out


def test_books_of_nothing_prove_nothing(tmp_path):
    assert not demo.agree(books(), tmp_path / "ledger.db")
