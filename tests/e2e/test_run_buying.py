"""`run` where all is well: what was planned is bought once, saved, billed; then it is free for ever."""

import json
import re
from itertools import pairwise
from pathlib import Path

from simulator import Fault


def saved(bench):
    """All result files, by their place under results/."""
    folder = bench.folder / "results"
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def test_transcripts_and_stems_are_bought_once_and_are_free_ever_after(bench):
    made = bench()
    made.record(2)
    made.plan("media", "--service", "transcription", "--service", "stems:two", "--name", "both")

    first = made.installed("run", "manifest.yaml", "--max-spend", "1")
    assert first.code == 0, first.err + first.out
    assert first.err == ""
    headline, *rest = first.out.splitlines()
    assert headline == "DONE: 4 of 4 saved to results/, $0.06 charged, nothing in doubt."
    assert "  saved           4      $0.06   as planned   results/" in rest
    assert "             spent $0.06   reserved $0.00   in doubt $0.00   left $0.94" in rest
    assert "  Wallet $49.94" in rest
    assert made.books.spent_cents == 6
    found = saved(made)
    assert {"r1.json", "r1.txt", "r1/vocals.wav", "r1/no_vocals.wav"} <= set(found)
    made.check_books()

    for path in found.values():
        path.unlink()
    again = made.run("--max-spend", "1")
    assert again.code == 0
    assert "nothing new was bought" in again.out
    assert set(saved(made)) == set(found)

    more = ("--service", "transcription", "--set", "formats=srt,vtt", "--name", "both", "--force")
    made.plan("media", *more)
    formats = made.run("--max-spend", "1", "--json")
    assert formats.code == 0, formats.err
    assert formats.json["effort"]["submitted"] == 0
    assert {"r1.srt", "r1.vtt", "r2.srt", "r2.vtt"} <= set(saved(made))
    assert formats.json["amounts"]["spent"] == made.books.spent_cents == 6
    made.check_books()


def test_the_document_of_a_run_adds_up_and_names_every_file(bench):
    made = bench(Fault(at="submit:transcription", do="charge_extra", cents=1, name="r3*"))
    made.record(3, seconds=90)
    (made.folder / "media" / "a copy of r1.wav").write_bytes((made.folder / "media/r1.wav").read_bytes())
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "5", "--json")
    found = ended.json
    assert (found["schema"], found["version"]) == ("earmark.report", 2)
    assert found["exit"] == ended.code
    amounts, items = found["amounts"], found["items"]
    assert amounts["spent"] + amounts["reserved"] + amounts["in_doubt"] + amounts["left"] == amounts["cap"]
    assert amounts["spent"] == sum(item["charged"] or 0 for item in items) + found["besides"]["charged"]
    assert amounts["spent"] == made.books.spent_cents == sum(each["charged"] for each in found["fates"])
    assert [item["file"] for item in items] == ["a copy of r1.wav", "r1.wav", "r2.wav", "r3.wav"]
    assert [item["shared"] for item in items].count(True) == 1
    assert all(Path(result).is_file() for item in items for result in item["results"])
    assert found["wallet"]["balance"] == made.books.balance_cents
    made.check_books()


def test_a_charge_above_its_ceiling_is_named_and_stops_submits(bench):
    made = bench(Fault(at="submit:transcription", do="charge_extra", cents=40, nth=1))
    made.record(2)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "1")
    assert ended.code == 4
    assert "40 c above the most it could cost" in ended.err
    assert "1 item 40 c dearer" in ended.out
    assert json.loads(made.run("--max-spend", "1", "--json").out)["amounts"]["spent"] == 42
    made.check_books()


def test_a_dead_laptop_s_ledger_is_read_back_from_the_service(bench):
    made = bench()
    made.record(2)
    made.plan("media", "--service", "transcription")
    assert made.run("--max-spend", "1").code == 0
    elsewhere = str(made.folder / "other state")
    ended = made.run("--max-spend", "1", "--output", "elsewhere", "--json", XDG_STATE_HOME=elsewhere)
    assert ended.code == 0
    assert ended.json["effort"]["submitted"] == 0
    assert (made.folder / "elsewhere" / "r1.txt").is_file()
    assert made.books.spent_cents == 2


def test_a_run_without_a_summary_says_nothing_when_all_is_well(bench):
    made = bench()
    made.record(1)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "1", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_hostile_names_are_safe_on_the_screen_and_whole_in_the_results(bench):
    made = bench(Fault(at="submit:transcription", do="bad_request", text="\x1b[2Jno\nspeech"))
    names = ["two\nlines.wav", "\x1b[2Jclear.wav", "\u202eevaw.wav", "-rf.wav", "it's $(reboot).wav"]
    for number, path in enumerate(made.record(len(names))):
        path.rename(path.with_name(names[number]))
    made.plan("media", "--service", "transcription", "-o", "a b'c.yaml")
    ended = made.do("run", "a b'c.yaml", "--max-spend", "1")
    assert ended.code == 1
    assert all(line.isprintable() for line in (ended.out + ended.err).splitlines())
    assert "run 'a b'\"'\"'c.yaml' --max-spend 1 --retry-failed" in ended.out
    made.sim.clear_faults()
    assert made.do("run", "a b'c.yaml", "--max-spend", "1", "--retry-failed").code == 0
    assert len(list((made.folder / "results").glob("*.txt"))) == len(names)
    made.check_books()


def test_submits_and_reads_keep_to_the_rates_that_were_asked_for(bench):
    made = bench()
    made.record(4)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "1", "--submit-rate", "2/s", "--read-rate", "20/s")
    assert ended.code == 0
    times = sorted(job.created_at for job in made.books.jobs)
    assert all(after - before > 0.4 for before, after in pairwise(times))  # a half, less the way there
    made.check_books()


def test_a_rate_that_is_none_is_refused_before_anything_is_done(bench):
    made = bench()
    made.record(1)
    made.plan("media", "--service", "transcription")
    refused = made.run("--submit-rate", "fast")
    assert refused.code == 2
    assert "--submit-rate 'fast' is not a rate: write 30/min, or 2/s" in refused.err
    assert not made.books.jobs


def test_every_request_is_told_to_whoever_wants_to_see_them_without_the_key(bench):
    made = bench()
    made.record(1)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "1", "-vv")
    assert ended.code == 0
    calls = [line for line in ended.err.splitlines() if line.startswith("call ")]
    pattern = r"call {6}(GET|POST) /\S+  \d{3}  [\d,]+ ms"
    assert all(re.fullmatch(pattern, line) for line in calls), calls
    assert sum("POST /api/v1/transcription/transcribe-upload  200" in line for line in calls) == 1
    assert made.sim.key not in ended.err
    assert "?" not in "".join(calls)
    assert "call " not in made.run("--max-spend", "1", "-v").err
