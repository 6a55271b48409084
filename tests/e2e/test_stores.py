"""Recordings in an object store planned, run and kept there: what holds for files holds for objects."""

import json
import os

import pytest

from manifests.exits import Exit
from manifests.text import read_manifest
from stores import opening
from stores.fsspec_store import FsspecStore
from stores.interface import StoreDown
from support.file_server import wave
from support.s3 import KEYS

SECRETS = (KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"])


@pytest.fixture
def place(s3, bench):
    """A workplace beside a bucket with three recordings."""
    s3.bucket("talks", {"ep1.wav": wave(12), "x/ep2.wav": wave(13), "x/ö ü#?.wav": wave(14)})
    s3.bucket("out")
    return bench()


def again(place, *words, **environ):
    """A command as another process would do it, with nothing remembered of the store."""
    opening.forget()
    return place.do(*words, **environ)


def plan(place, *paths, service="transcription"):
    ended = again(place, "plan", *(paths or ["s3://talks"]), "--service", service, "-q", "--force")
    assert ended.code == 0, ended.err


def spent(place):
    return sum(charge.cents for charge in place.books.charges)


def test_a_plan_of_a_store_is_run_into_a_store(s3, place):
    plan(place)
    manifest = read_manifest(place.folder / "manifest.yaml")
    assert manifest.head.root == "s3://talks"
    assert [item.file for item in manifest.items] == ["ep1.wav", "x/ep2.wav", "x/ö ü#?.wav"]
    ended = again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out/done")
    assert ended.code == 0, ended.err
    assert "s3://out/done/" in ended.out
    kept = [key for key in s3.keys("out") if key != "done/.earmark-results"]
    assert kept == sorted(
        f"done/{name}.{ending}" for name in ("ep1", "x/ep2", "x/ö ü#?") for ending in ("json", "txt")
    )
    assert json.loads(s3.get("out", "done/ep1.json"))
    assert not (place.folder / "results").exists()


def test_running_again_buys_nothing_and_brings_what_was_taken_away(s3, place):
    plan(place)
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    before, money = s3.get("out", "ep1.txt"), spent(place)
    s3.client.delete_object(Bucket="out", Key="ep1.txt")
    assert "a result is missing" in again(place, "earmark", "status", "manifest.yaml").out
    ended = again(place, "earmark", "fetch", "manifest.yaml", "--output", "s3://out")
    assert ended.code == 0, ended.err
    assert s3.get("out", "ep1.txt") == before
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    assert spent(place) == money
    plan(place)
    assert all(item.paid for item in read_manifest(place.folder / "manifest.yaml").items)


def test_a_transcript_that_somebody_corrected_stays(s3, place):
    plan(place)
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    s3.put("out", "ep1.txt", b"corrected")
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    assert s3.get("out", "ep1.txt") == b"corrected"


def test_a_disk_and_two_buckets_are_one_plan(s3, place):
    s3.bucket("more", {"talks/ep3.wav": wave(15)})
    place.record(1, folder="media")
    plan(place, "media", "s3://talks/x", "s3://more")
    files = [item.file for item in read_manifest(place.folder / "manifest.yaml").items]
    assert files == ["r1.wav", "s3://talks/x/ep2.wav", "s3://talks/x/ö ü#?.wav", "s3://more/talks/ep3.wav"]
    ended = again(place, "run", "manifest.yaml", "--yes")
    assert ended.code == 0, ended.err
    names = sorted(path.name for path in (place.folder / "results").rglob("*.txt"))
    assert names == ["ep2.txt", "ep3.txt", "r1.txt", "ö ü#?.txt"]


def test_the_same_audio_on_a_disk_and_in_a_store_is_bought_once(s3, place):
    (place.folder / "media").mkdir()
    (place.folder / "media" / "same.wav").write_bytes(wave(12))
    plan(place, "media", "s3://talks/ep1.wav")
    assert again(place, "run", "manifest.yaml", "--yes").code == 0
    assert len(place.books.charges) == 1


@pytest.mark.parametrize(
    "now", [wave(12)[:-8] + b"elsewise", wave(20), None], ids=["bytes", "length", "gone"]
)
def test_an_object_that_changed_since_the_plan_is_stale(s3, place, now):
    plan(place)
    if now is None:
        s3.client.delete_object(Bucket="talks", Key="x/ep2.wav")
    else:
        s3.put("talks", "x/ep2.wav", now)
    ended = again(place, "run", "manifest.yaml", "--yes")
    assert ended.code == Exit.STALE
    assert "x/ep2.wav" in ended.out
    assert not place.books.charges
    assert again(place, "run", "manifest.yaml", "--yes", "--skip-changed").code == Exit.STOPPED_AS_TOLD
    assert len(place.books.charges) == 2


def test_an_object_that_is_replaced_during_its_upload_is_cut_before_the_last_chunk(s3, place, monkeypatch):
    plan(place, "s3://talks/ep1.wav")
    monkeypatch.setattr("runner.api.approved_object.BLOCK_BYTES", 40_000)
    read = FsspecStore.read

    def replaces(self, url, start, end):
        if (start, end) == (40_000, 80_000):
            s3.put("talks", "ep1.wav", wave(12)[:-20_000] + b"elsewise" * 2_500)
        return read(self, url, start, end)

    monkeypatch.setattr(FsspecStore, "read", replaces)
    ended = again(place, "run", "manifest.yaml", "--yes")
    assert ended.code == Exit.STALE
    assert "its audio is not what was approved" in ended.out
    assert not place.books.charges
    assert not place.books.jobs


def test_a_connection_that_is_cut_during_an_upload_sends_it_again_and_pays_once(place, monkeypatch):
    plan(place, "s3://talks/ep1.wav")
    monkeypatch.setattr("runner.api.approved_object.BLOCK_BYTES", 40_000)
    read, cuts = FsspecStore.read, []

    def breaks(self, url, start, end):
        if start == 40_000 and not cuts:
            cuts.append(1)
            raise StoreDown(f"{url}: it broke off")
        return read(self, url, start, end)

    monkeypatch.setattr(FsspecStore, "read", breaks)
    ended = again(place, "run", "manifest.yaml", "--yes")
    assert (ended.code, cuts) == (0, [1]), ended.out
    assert len(place.books.charges) == 1


def test_a_store_that_is_down_is_no_change_of_the_files(place, monkeypatch):
    plan(place)

    def down(_self, url):
        raise StoreDown(f"{url}: the store cannot be read or written: no answer")

    monkeypatch.setattr(FsspecStore, "about", down)
    ended = again(place, "run", "manifest.yaml", "--yes")
    assert ended.code == Exit.MACHINE
    assert "the store cannot be read or written: no answer" in ended.err
    assert not place.books.charges


def test_nothing_is_bought_that_could_not_be_kept(place):
    plan(place)
    ended = again(place, "run", "manifest.yaml", "--yes", "--output", "s3://nobucket/out")
    assert ended.code == Exit.MACHINE
    assert (
        "s3://nobucket/out/.earmark-results cannot be written: there is no bucket s3://nobucket" in ended.err
    )
    assert not place.books.charges


def test_a_result_that_the_store_did_not_take_is_brought_later_free(s3, place, monkeypatch):
    plan(place)
    put = FsspecStore.put

    def full(self, source, url):
        if "parts" in url:
            raise StoreDown(f"{url}: no room")
        put(self, source, url)

    with monkeypatch.context() as patch:
        patch.setattr(FsspecStore, "put", full)
        ended = again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out")
    assert ended.code == Exit.MACHINE, ended.out
    assert "no room" in ended.out
    money = spent(place)
    assert money
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code in (0, 9)
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    assert len(place.books.charges) == 3
    assert not [key for key in s3.keys("out") if ".earmark-parts" in key]


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("s3://nobucket", 2, "there is no bucket s3://nobucket"),
        ("s3://talks/none", 2, "nothing lies under s3://talks/none"),
        ("s3://me:secretword@talks", 2, "s3://***@talks: it holds a password"),
        ("foo://talks", 2, "no kind of store is called foo://"),
        ("gs://talks", 2, "pip install gcsfs"),
    ],
)
def test_a_wrong_place_is_named(place, path, code, words):
    ended = again(place, "plan", path, "--service", "transcription")
    assert ended.code == code
    assert words in ended.err
    assert "secretword" not in ended.err + ended.out


def test_without_credentials_plan_and_run_say_so(place, s3):
    plan(place)
    nobody = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
    for words in (
        ("plan", "s3://talks", "--service", "transcription", "--force"),
        ("run", "manifest.yaml", "--yes"),
    ):
        ended = again(place, *words, **nobody)
        assert ended.code == 2
        assert "no credentials for it in this environment: set AWS_ACCESS_KEY_ID" in ended.err
    assert not place.books.charges


def test_credentials_that_are_not_accepted_are_no_change_of_the_files(s3, place):
    plan(place)
    with s3.guarded():
        ended = again(place, "run", "manifest.yaml", "--yes")
    assert ended.code == Exit.USAGE
    assert "the credentials of this environment are not accepted" in ended.err
    assert not place.books.charges


def test_results_in_a_store_are_checked_and_fetched_where_they_lie(s3, place):
    plan(place)
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    ended = again(place, "earmark", "ledger", "check")
    assert (ended.code, "s3://" in ended.out) == (0, False), ended.out
    before = s3.get("out", "ep1.txt")
    s3.client.delete_object(Bucket="out", Key="ep1.txt")
    s3.put("out", "x/ep2.txt", b"corrected")
    told = " ".join(again(place, "earmark", "ledger", "check", COLUMNS="400").out.split())
    assert "1 file of results not where they were saved" in told
    assert "s3://out/ep1.txt" in told
    assert again(place, "earmark", "fetch", "--all").code == 0
    assert s3.get("out", "ep1.txt") == before
    assert not (place.folder / "results").exists()


def test_the_installed_commands_do_it_and_write_no_credentials(s3, place):
    assert place.installed("plan", "s3://talks", "--service", "transcription").code == 0
    ended = place.installed("run", "manifest.yaml", "--yes", "--output", "s3://out", "--report", "r.html")
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    again_ = place.installed("plan", "s3://talks", "--service", "transcription", "--force", "--json")
    assert again_.json["outcome"]
    told = [ended.out, ended.err, again_.out, again_.err]
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert "s3://talks" in (place.folder / "r.html").read_text(encoding="utf-8")
    for secret in SECRETS:
        assert not [path for path in files if secret.encode() in path.read_bytes()]
        assert not [text for text in told if secret in text]


def test_without_the_extra_the_message_has_the_command(place, tmp_path):
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "fsspec.py").write_text("raise ImportError('no module named fsspec')\n")
    words = ("plan", "s3://talks", "--service", "transcription")
    ended = place.installed(*words, PYTHONPATH=str(tmp_path / "without"))
    assert ended.code == 2
    assert "pip install 'earmark-audio[storage]'" in ended.err


def test_a_plan_of_files_loads_nothing_of_stores(place):
    place.record(1)
    code = "import sys, atexit; atexit.register(lambda: print('fsspec' in sys.modules, file=sys.stderr))"
    (place.folder / "site").mkdir()
    (place.folder / "site" / "sitecustomize.py").write_text(code + "\n")
    ended = place.installed(
        "plan", "media", "--service", "transcription", "-q", PYTHONPATH=os.fspath(place.folder / "site")
    )
    assert (ended.code, ended.err.strip()) == (0, "False")


def test_a_text_in_a_store_is_spoken(s3, place):
    s3.put("talks", "words/a.txt", b"Good evening to everybody here.")
    words = ("--service", "tts", "--set", "voice=aura", "--set", "language=en", "-q", "--force")
    ended = again(place, "plan", "s3://talks/words", *words)
    assert ended.code == 0, ended.err
    ended = again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out/spoken")
    assert ended.code == 0, ended.err + ended.out
    assert [key for key in s3.keys("out") if key.startswith("spoken/a.")]


def test_a_fleet_works_out_of_a_store_and_into_one(s3, place, database):
    for number in range(12):
        s3.put("talks", f"more/r{number}.wav", wave(12 + number))
    shared = {"EARMARK_LEDGER": database}
    assert place.do("earmark", "ledger", "migrate", **shared).code == 0
    opening.forget()
    assert place.do("plan", "s3://talks/more", "--service", "transcription", "-q", **shared).code == 0
    ended = place.installed("run", "manifest.yaml", "--yes", "--output", "s3://out/fleet", **shared)
    assert ended.code == 0, ended.err + ended.out
    assert len([key for key in s3.keys("out") if key.endswith(".txt")]) == 12
    assert len(place.books.charges) == 12
    s3.client.delete_object(Bucket="out", Key="fleet/r3.txt")
    ended = place.installed("run", "manifest.yaml", "--yes", "--output", "s3://out/fleet", **shared)
    assert ended.code == 0, ended.err + ended.out
    assert len([key for key in s3.keys("out") if key.endswith(".txt")]) == 12
    assert len(place.books.charges) == 12


@pytest.mark.long
def test_a_lost_ledger_is_rebuilt_from_results_in_a_store(s3, place):
    plan(place)
    assert again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out").code == 0
    s3.put("out", "ep1.txt", b"corrected")
    elsewhere = {"EARMARK_LEDGER": str(place.folder / "new" / "ledger.db")}
    ended = again(place, "earmark", "ledger", "rebuild", "manifest.yaml", "--output", "s3://out", **elsewhere)
    assert ended.code == 0, ended.err + ended.out
    ended = again(place, "run", "manifest.yaml", "--yes", "--output", "s3://out", **elsewhere)
    assert ended.code == 0, ended.err + ended.out
    assert len(place.books.charges) == 3
    assert s3.get("out", "ep1.txt") == b"corrected"


def test_what_a_project_asks_of_plans_holds_for_stores(place):
    (place.folder / "earmark.toml").write_text('[caps]\nrun = "0.01"\n', encoding="utf-8")
    ended = again(place, "plan", "s3://talks", "--service", "transcription")
    assert "a run may cost $0.01 (earmark.toml:2)" in " ".join(ended.out.split())
