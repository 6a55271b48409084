"""`earmark ledger`: typed, on what runs left; checked, copied, lost and made again."""

import os
import shutil

import pytest

from simulator import Fault


@pytest.fixture
def bought(bench):
    """Two recordings, transcribed."""
    made = bench()
    made.record(2)
    made.plan("media", "--service", "transcription")
    assert made.run("--max-spend", "1").code == 0
    return made


def lose(made, *names):
    for name in names:
        shutil.rmtree(made.folder / name)


def test_where_it_lies_is_told_before_and_after_it_is_made(bench):
    made = bench()
    ended = made.do("earmark", "ledger", "path")
    assert (ended.code, ended.err) == (0, "")
    place = ended.out.strip()
    assert place.startswith(str(made.folder / "state"))
    assert not os.path.exists(place)  # noqa: PTH110
    told = made.do("earmark", "ledger", "path", "--json", EARMARK_LEDGER=str(made.folder / "x.db")).json
    assert told["ledger"] == {"file": str(made.folder / "x.db")}
    assert told["exists"] is False


def test_a_ledger_in_order_is_told_with_what_it_holds(bought):
    ended = bought.do("earmark", "ledger", "check")
    assert (ended.code, ended.err) == (0, "")
    assert "ledger.db: in order\n" in ended.out
    assert "  1 manifest, 1 run, 2 purchases, 2 attempts, 2 charges, 4 files\n" in ended.out
    told = bought.do("earmark", "ledger", "check", "--json").json
    assert told["in_order"] is True
    assert told["results"] == {"gone": 0, "edited": 0, "damaged": 0, "files": []}


def test_results_that_are_gone_or_edited_are_told_and_damaged_ones_are_exit_10(bought):
    text = bought.folder / "results" / "r1.txt"
    text.write_text("corrected by hand")
    os.utime(text, (9e9, 9e9))
    ended = bought.do("earmark", "ledger", "check")
    assert ended.code == 0
    assert "1 file of results edited since they were saved, and left as they are" in ended.out
    (bought.folder / "results" / "r2.txt").unlink()
    ended = bought.do("earmark", "ledger", "check")
    assert ended.code == 0
    assert "ledger.db: in order\n" in ended.out
    assert "1 file of results not where they were saved; `earmark fetch --all` brings them, free" in ended.out
    (bought.folder / "results" / "r2.json").write_text("{}")
    os.utime(bought.folder / "results" / "r2.json", (1, 1))
    ended = bought.do("earmark", "ledger", "check")
    assert ended.code == 10
    assert "NOT IN ORDER, exit 10" in ended.out
    assert "1 file of results not what was saved" in ended.out
    quick = bought.do("earmark", "ledger", "check", "--quick")
    assert quick.code == 0
    assert "the files of the results were not looked at" in quick.out
    assert bought.do("earmark", "ledger", "check", "--json").json["results"]["gone"] == 1


def test_a_ledger_that_contradicts_itself_is_exit_10_with_what_to_do(bought):
    bought.change("UPDATE manifests SET spent = 77")
    ended = bought.do("earmark", "ledger", "check", "--quick")
    assert ended.code == 10
    assert "77 cents spent, its attempts say 2" in ended.out
    assert "restore a backup, or move it away and `earmark ledger rebuild MANIFEST`" in ended.out


def test_without_a_ledger_there_is_nothing_to_check_or_to_copy(bench):
    made = bench()
    for words in (("check",), ("backup", "copy.db")):
        ended = made.do("earmark", "ledger", *words)
        assert ended.code == 10
        assert "no ledger is at " in ended.err
        assert "`earmark ledger rebuild MANIFEST`" in ended.err


def test_a_copy_can_take_the_ledgers_place(bought):
    ended = bought.do("earmark", "ledger", "backup", "copy.db")
    assert (ended.code, ended.err) == (0, "")
    assert "copy.db: a whole copy, checked; 2 purchases, 2 attempts\n" in ended.out
    again = bought.do("earmark", "ledger", "backup", "copy.db")
    assert again.code == 2
    assert "add --force" in again.err
    told = bought.do("earmark", "ledger", "backup", "--force", "copy.db", "--json").json
    assert told["counts"]["attempts"] == 2
    lose(bought, "state")
    shutil.copy(bought.folder / "copy.db", bought.folder / "moved.db")
    ended = bought.run("--max-spend", "1", EARMARK_LEDGER=str(bought.folder / "moved.db"))
    assert ended.code == 0
    assert len(bought.books.jobs) == 2


def test_a_lost_ledger_is_made_again_from_the_lists_and_fetch_brings_the_rest(bought):
    lose(bought, "state", "results")
    (bought.folder / "manifest.yaml.receipts.jsonl").unlink()
    ended = bought.do("earmark", "ledger", "rebuild", "manifest.yaml")
    assert (ended.code, ended.err) == (0, "")
    assert "2 items found that the ledger did not know; nothing was bought" in ended.out
    assert "2  found by their names in the service's job lists: r1.wav, r2.wav" in ended.out
    assert "Next:  earmark fetch manifest.yaml" in ended.out
    assert bought.do("earmark", "fetch", "manifest.yaml").code == 0
    assert (bought.folder / "results" / "r1.txt").is_file()
    assert bought.do("earmark", "ledger", "check").code == 0
    again = bought.do("earmark", "ledger", "rebuild", "manifest.yaml", "--json").json
    assert len(again["known"]) == 2
    assert again["listed"] == []
    assert bought.run("--max-spend", "1").code == 0
    assert len(bought.books.jobs) == 2
    bought.check_books()


def spoken(made):
    """A text that was spoken: no list tells of it."""
    (made.folder / "media").mkdir()
    (made.folder / "media" / "word.txt").write_text("Good evening.")
    made.plan("media", "--service", "tts", "--set", "tts.voice=aura")
    assert made.run("--max-spend", "1").code == 0
    return made


def test_what_no_list_tells_is_made_again_from_the_receipts(bench):
    made = spoken(bench())
    lose(made, "state")
    ended = made.do("earmark", "ledger", "rebuild", "manifest.yaml")
    assert "1  found by their receipts: word.txt" in ended.out
    made.do("earmark", "fetch", "manifest.yaml")
    assert made.run("--max-spend", "1").code == 0
    assert len(made.books.jobs) == 1
    made.check_books()


def test_what_cannot_be_told_is_said(bench):
    made = spoken(bench())
    lose(made, "state")
    (made.folder / "manifest.yaml.receipts.jsonl").unlink()
    ended = made.do("earmark", "ledger", "rebuild", "manifest.yaml")
    assert ended.code == 0
    assert "nothing was found that the ledger did not know; nothing was bought" in ended.out
    assert "1  not bought, as far as can be seen: word.txt" in ended.out
    assert "of tts only receipts can tell" in ended.out
    assert len(made.books.submits) == 1


def test_what_is_gone_at_the_service_is_told_as_lost(bench):
    later = {"do": "gone", "nth": range(3, 99)}
    made = spoken(bench(Fault(at="status:tts", **later), Fault(at="result:*", **later)))
    lose(made, "state", "results")
    ended = made.do("earmark", "ledger", "rebuild", "manifest.yaml")
    told = "1  paid by their receipts, but neither the service nor this disk has the results: word.txt"
    assert told in ended.out
    assert made.run("--max-spend", "1").code == 1
    assert len(made.books.jobs) == 1


def test_files_that_are_not_as_planned_cannot_be_told(bench):
    made = bench()
    made.record(1)
    made.plan("media", "--service", "transcription")
    assert made.run("--max-spend", "1").code == 0
    lose(made, "state")
    (made.folder / "media" / "r1.wav").unlink()
    told = made.do("earmark", "ledger", "rebuild", "manifest.yaml", "--json").json
    assert told["listed"] == []
    assert [each["file"] for each in told["untold"]] == ["r1.wav"]
    assert "r1.wav" in told["untold"][0]["reason"]
    ended = made.do("earmark", "ledger", "rebuild", "manifest.yaml")
    assert "1  could not be told: their files are not as planned: r1.wav" in ended.out
