"""`earmark status`, `fetch`, `reconcile` and a second key: typed, on what a run left."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from simulator import Fault
from support.bench import COMMANDS
from support.waiting import PATIENCE, until

KEY = "AUDIOPOD_API_KEY"
OTHER = "ap_other_key"


def attempts(bench, state):
    return bench.ledger(f"SELECT count(*) FROM attempts WHERE state = '{state}'") == [(1,)]


def planned(made, count=1):
    made.record(count)
    made.plan("media", "--service", "transcription")
    return made


def interrupted(made, met, *words):
    """A run that is ended by Ctrl-C once something has happened."""
    process = made.start("run", "manifest.yaml", *words)
    until(met)
    made.interrupt(process)
    assert made.end(process).code == 130
    return made


# earmark status


def test_status_before_while_and_after_a_run(bench):
    made = planned(bench(job_seconds=600.0), 2)
    before = made.do("earmark", "status", "manifest.yaml")
    assert (before.code, before.err) == (0, "")
    assert before.out.startswith("manifest.yaml: 2 items, never run\n")
    assert "Next:  run manifest.yaml --max-spend 0.02" in before.out
    assert not (made.folder / "state").exists()  # looking makes no ledger

    process = made.start("run", "manifest.yaml", "--max-spend", "5")
    until(lambda: made.ledger("SELECT count(*) FROM attempts WHERE state = 'submitted'") == [(2,)])
    during = made.do("earmark", "status", "manifest.yaml")
    assert "0 of 2 items saved, a run is under way" in during.out
    assert "reserved $0.02" in during.out
    assert "Next:  earmark status manifest.yaml" in during.out
    made.interrupt(process)
    assert made.end(process).code == 130

    told = made.do("earmark", "status", "manifest.yaml", "--json").json
    assert (told["known"], told["running"], told["done"]) == (True, False, False)
    assert told["counts"] == {"running": 2}
    assert told["amounts"]["reserved"] == 2
    assert [step["command"] for step in told["or"]] == ["earmark fetch manifest.yaml"]


def test_status_needs_a_manifest_but_no_service_and_no_key(bench):
    made = planned(bench())
    ended = made.do("earmark", "status", "manifest.yaml", AUDIOPOD_BASE_URL="http://127.0.0.1:9", **{KEY: ""})
    assert ended.code == 0
    assert made.do("earmark", "status", "nowhere.yaml").code == 2


# earmark fetch


def test_fetch_takes_one_look_and_does_not_wait(bench):
    made = planned(bench(job_seconds=600.0))
    interrupted(made, lambda: attempts(made, "submitted"), "-q")
    began = time.monotonic()
    ended = made.do("earmark", "fetch", "manifest.yaml")
    assert time.monotonic() - began < PATIENCE / 2
    assert ended.code == 9
    assert "nothing fetched, 1 still away" in ended.out
    assert "the service still works on them: r1.wav" in ended.out
    assert made.ledger("SELECT cap, spent, reserved FROM manifests") == [(1, 0, 1)]


def test_what_was_deleted_is_fetched_again_free_and_without_the_sources(bench):
    made = planned(bench(), 2)
    assert made.run("-q", "--max-spend", "5").code == 0
    shutil.rmtree(made.folder / "results")
    shutil.rmtree(made.folder / "media")
    ended = made.installed("earmark", "fetch", "manifest.yaml")
    assert ended.code == 0
    assert ended.out == "manifest.yaml: 2 items fetched    results/\n"
    assert sorted(path.name for path in (made.folder / "results").iterdir()) == [
        "r1.json",
        "r1.txt",
        "r2.json",
        "r2.txt",
    ]
    assert made.ledger("SELECT cap, spent FROM manifests") == [(500, 2)]  # the cap stays as it was
    assert len(made.books.submits) == 2
    quiet = made.do("earmark", "fetch", "manifest.yaml", "-q")
    assert (quiet.code, quiet.out) == (0, "")
    elsewhere = made.do("earmark", "fetch", "manifest.yaml", "--output", "copy", "--json").json
    assert elsewhere["manifests"][0]["fetched"] == 2
    assert (made.folder / "copy" / "r1.json").is_file()


def test_fetch_all_goes_through_every_manifest_that_is_still_there(bench):
    made = planned(bench())
    assert made.run("-q").code == 0
    (made.folder / "other").mkdir()
    made.plan("media", "--service", "stems:two", "-o", "other/stems.yaml")
    assert made.do("run", "other/stems.yaml", "-q").code == 0
    for folder in (made.folder / "results", made.folder / "other" / "results"):
        shutil.rmtree(folder)
    made.plan("media", "--service", "transcription", "--force")  # another id takes the place of the first
    ended = made.do("earmark", "fetch", "--all")
    assert ended.code == 0, ended.err
    assert "other/stems.yaml: 1 item fetched" in ended.out
    assert "another manifest took its place; plan the same files again" in " ".join(ended.out.split())
    assert (made.folder / "other" / "results" / "r1" / "vocals.wav").is_file()
    # The new plan finds it paid, and a fetch of it brings the result without a purchase.
    assert made.do("earmark", "fetch", "manifest.yaml").out.startswith("manifest.yaml: 1 item fetched")
    assert len(made.books.submits) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name a manifest, or --all"),
        (("manifest.yaml", "--all"), "name a manifest, or --all"),
        (("--all", "--output", "x"), "--output is for one manifest"),
        (("manifest.yaml", "--output", ""), "--output is empty"),
    ],
)
def test_fetch_refuses_what_contradicts_itself(bench, words, message):
    ended = bench().do("earmark", "fetch", *words)
    assert ended.code == 2
    assert message in ended.err


def test_fetch_leaves_a_manifest_to_the_run_that_is_under_way(bench):
    made = planned(bench(job_seconds=600.0))
    process = made.start("run", "manifest.yaml", "-q")
    until(lambda: attempts(made, "submitted"))
    alone = made.do("earmark", "fetch", "manifest.yaml")
    assert alone.code == 10
    assert "another run of this manifest is under way" in alone.err
    all_of_them = made.do("earmark", "fetch", "--all")
    assert all_of_them.code == 0
    assert "left out, another run of this manifest is under way" in " ".join(all_of_them.out.split())
    made.interrupt(process)
    made.end(process)


# earmark reconcile


@pytest.fixture
def lost(bench):
    """One purchase whose answer was lost, at a service that keeps no file names: no proof, only evidence."""
    made = planned(bench(Fault(at="submit:*", do="drop", nth=1), names="strip"))
    return interrupted(made, lambda: attempts(made, "in doubt"), "-q", "--max-spend", "5")


def test_evidence_is_shown_and_an_adopted_job_brings_its_result(lost):
    job = str(lost.books.jobs[0].id)
    shown = lost.do("earmark", "reconcile", "manifest.yaml")
    assert shown.code == 7
    assert "1 purchase in doubt, $0.01 set aside" in shown.out
    assert re.search(rf"job {job}: done, 12 s, charged \$0.01, .*its length and time fit", shown.out)
    command = next(line for line in shown.out.splitlines() if "it is that job" in line)
    assert command.endswith(f"earmark reconcile manifest.yaml --adopt r1.wav={job}")

    wrong = lost.do("earmark", "reconcile", "manifest.yaml", "--adopt", "r1.wav=777")
    assert (wrong.code, wrong.out) == (2, "")
    assert "the service knows no transcription job 777" in wrong.err

    adopted = lost.do("earmark", "reconcile", "manifest.yaml", "--adopt", f"r1.wav={job}")
    assert adopted.code == 0
    assert "nothing is in doubt" in adopted.out
    assert lost.do("earmark", "fetch", "manifest.yaml").code == 0
    assert (lost.folder / "results" / "r1.json").is_file()
    assert lost.ledger("SELECT spent, reserved, in_doubt FROM manifests") == [(1, 0, 0)]
    assert (f"job {job} adopted by hand",) in lost.ledger("SELECT reason FROM history")
    lost.check_books()


def test_sending_again_keeps_the_first_hold(lost):
    ended = lost.do("earmark", "reconcile", "manifest.yaml", "--send-again", "r1.wav", "--json")
    assert ended.code == 0
    [decided] = ended.json["decided"]
    assert decided["decision"] == "send again"
    assert ended.json["set_aside"][0]["sent_again"]
    assert lost.run("-q", "--max-spend", "5").code == 0
    assert lost.ledger("SELECT spent, in_doubt FROM manifests") == [(1, 1)]
    assert len(lost.books.jobs) == 2
    again = lost.do("earmark", "reconcile", "manifest.yaml")
    assert again.code == 0
    assert "besides  $0.01 for 1 purchase sent again, the first attempts stay set aside" in again.out


def test_what_is_given_up_counts_as_spent_and_is_not_bought_again(lost):
    ended = lost.do("earmark", "reconcile", "manifest.yaml", "--give-up", "r1.wav")
    assert ended.code == 0
    assert "$0.01 counts as spent" in ended.out
    assert lost.run("--max-spend", "5").code == 1
    assert lost.ledger("SELECT spent, in_doubt FROM manifests") == [(1, 0)]
    assert len(lost.books.submits) == 1
    assert "given up by hand" in lost.do("earmark", "status", "manifest.yaml").out


def test_proof_needs_no_person(bench):
    made = planned(bench(Fault(at="submit:*", do="drop", nth=1), list_delay=2.0))
    interrupted(made, lambda: attempts(made, "in doubt"), "-q")
    until(lambda: made.do("earmark", "reconcile", "manifest.yaml", "--list").code == 0)
    assert made.ledger("SELECT state, job_id FROM attempts") == [("submitted", str(made.books.jobs[0].id))]
    assert ("found by its token in the job list",) in made.ledger("SELECT reason FROM history")
    assert made.do("earmark", "reconcile", "manifest.yaml").out == "manifest.yaml: nothing is in doubt\n"


def typed(bench, answers, *words):
    """A command on a terminal: what it showed there, and its end; each answer waits for its question."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [COMMANDS / words[0], *words[1:]],
        cwd=bench.folder,
        env=bench.environ,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    shown, seen = "", 0
    for question, answer in answers:
        while question not in shown[seen:]:
            assert select.select([master], [], [], PATIENCE)[0], shown
            shown += os.read(master, 4096).decode()
        seen = len(shown)
        os.write(master, f"{answer}\n".encode())
    out, _ = process.communicate(timeout=PATIENCE)
    os.close(master)
    return shown, out, process.returncode


def test_on_a_terminal_a_person_is_asked(lost):
    question = "job number, s, g, l or n"
    job = str(lost.books.jobs[0].id)
    shown, out, code = typed(lost, [(question, "")], "earmark", "reconcile", "manifest.yaml")
    assert "s: send again, may cost twice ($0.01 stays set aside, up to $0.01 more)" in shown
    assert (code, "1 purchase in doubt" in out) == (7, True)
    answers = [(question, "l"), (question, "777"), (question, job)]
    shown, out, code = typed(lost, answers, "earmark", "reconcile", "manifest.yaml")
    assert "the service knows no transcription job 777" in shown
    assert (code, f"job {job} is taken for it" in out) == (0, True)


# A second key


def keyed(bench, *words):
    """A run with a second key that the service accepts, too."""
    return bench.do(*words, **{KEY: OTHER})


@pytest.fixture
def counted(bench):
    """A ledger that has counted money with one key, at a service that knows two."""
    made = planned(bench(keys=("ap_sim_key", OTHER)))
    assert made.run("-q").code == 0
    return made


def test_another_key_is_stopped_until_somebody_says_whose_it_is(counted):
    for words in (
        ("run", "manifest.yaml"),
        ("earmark", "fetch", "manifest.yaml"),
        ("earmark", "reconcile", "manifest.yaml"),
    ):
        refused = keyed(counted, *words)
        assert refused.code == 5, words
        assert "--same-wallet" in refused.err
        assert "--new-wallet" in refused.err
    assert keyed(counted, "run", "manifest.yaml", "--same-wallet", "--new-wallet").code == 2
    assert keyed(counted, "run", "manifest.yaml", "-q", "--same-wallet").code == 0
    assert keyed(counted, "run", "manifest.yaml", "-q").code == 0  # said once
    assert counted.run("-q").code == 0  # the first key stays known
    assert len(counted.books.submits) == 1


def test_another_wallet_gets_a_ledger_of_its_own_which_its_key_finds(counted):
    made = keyed(counted, "earmark", "fetch", "manifest.yaml", "--new-wallet")
    assert made.code == 0, made.err
    folder = next((counted.folder / "state" / "earmark").iterdir())
    assert (folder / "ledger-2.db").stat().st_mode & 0o777 == 0o600
    assert "1 item, never run" not in counted.do("earmark", "status", "manifest.yaml").out
    assert "0 of 1 item saved" in keyed(counted, "earmark", "status", "manifest.yaml").out
    assert keyed(counted, "earmark", "fetch", "manifest.yaml").code == 0
    assert not [path for path in folder.iterdir() if path.is_file() and OTHER.encode() in path.read_bytes()]


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 5)])
def test_on_a_terminal_the_question_is_asked(counted, answer, code):
    counted.environ[KEY] = OTHER
    words = ("earmark", "fetch", "manifest.yaml")
    shown, _, ended = typed(counted, [("[y/N]", answer)], *words)
    assert "Is this a key of the same wallet?" in shown
    assert ended == code
