import sys
from contextlib import closing

import pytest

from earmark import own_files, plan_ends
from earmark.plan_values import PlanOptions
from earmark.terminal import Terminal
from earmark.wallet_lookup import WalletView
from manifests.money import Cents
from manifests.text_head import SCHEMA
from planner.history import History
from planner.leftout import LeftOut, Reason
from planner.walk import each_file
from runner.api.address import DEFAULT_BASE
from runner.file_locks import FileLocks
from runner.ledger import identity
from runner.ledger.rows import NewItem, Reservation, ResultRow
from runner.ledger.sqlite.ledger import SqliteLedger
from runner.ledger.sqlite.opening import ledger_path

KEY, SOUND, MANIFEST = "ab" * 32, "cd" * 32, "7c0e5a41d2f94b6b"


@pytest.fixture
def environ(tmp_path):
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def ledger(environ, tmp_path):
    """A ledger with one purchase under way, one result file, and an allotment of another run."""
    made = SqliteLedger(ledger_path(DEFAULT_BASE, environ), lambda: 1.0)
    item = NewItem(
        "line", "a.mp3", 9, "print", "a", "{}", KEY, SOUND, "transcription", "{}", generation=0, audio_bytes=7
    )
    with made.transaction():
        for manifest_id in (MANIFEST, "other"):
            made.put_manifest(manifest_id, tmp_path / "m.yaml", Cents(100))
        made.put_items(MANIFEST, [item])
        (row,) = made.items(MANIFEST)
        made.reserve(Reservation(row.part_id, MANIFEST, "transcription", "ek-1", Cents(10), Cents(11)))
        made.put_results([ResultRow(row.item_id, "srt", str(tmp_path / "media/a.wav"), 3, SOUND)])
        made.allot("other", 5)
    made.close()


def history(environ):
    found, notes = plan_ends.history_of(environ)
    assert notes == ()
    return found


def test_a_plan_makes_no_ledger(environ, tmp_path):
    assert history(environ) == History()
    assert not (tmp_path / "state").exists()


@pytest.mark.usefixtures("ledger")
def test_the_ledger_tells_what_a_plan_needs(environ, tmp_path):
    found = history(environ)
    assert found.paid([KEY, "00" * 32]) == {KEY}
    assert found.known_audio_bytes() == {7}
    assert found.ours(str(tmp_path / "media/a.wav"))
    assert not found.ours(str(tmp_path / "media/b.wav"))
    assert found.unfinished(MANIFEST) == 1
    assert found.committed(MANIFEST).committed == 11
    assert found.held() == 11  # nobody runs the other one: it was killed
    assert found.month(1.0) == 11
    locks = FileLocks(ledger_path(DEFAULT_BASE, environ).parent / "locks")
    locks.take("other")
    assert (found.held(), found.month(1.0)) == (11 + 5, 11 + 5)
    locks.release()


@pytest.mark.parametrize(("key", "told"), [("ap_ours", False), ("ap_another", True), ("", False)])
@pytest.mark.usefixtures("ledger")
def test_a_key_that_the_ledger_has_not_seen_is_told(environ, key, told):
    known = SqliteLedger(ledger_path(DEFAULT_BASE, environ), lambda: 1.0)
    with closing(known), known.transaction():
        identity.remember(known, "ap_ours")
    _, notes = plan_ends.history_of({**environ, "AUDIOPOD_API_KEY": key})
    assert ["this key is new to the ledger" in note for note in notes] == ([True] if told else [])


@pytest.mark.usefixtures("ledger")
def test_each_service_has_its_own_ledger(environ):
    assert history({**environ, "AUDIOPOD_BASE_URL": "http://127.0.0.1:8080"}) == History()


def test_a_ledger_that_cannot_be_read_is_told_and_stops_no_plan(environ, tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("no ledger at all, just some words that are long enough")
    found, notes = plan_ends.history_of({**environ, "EARMARK_LEDGER": str(path)})
    assert found == History()
    assert "nothing counts as paid before" in notes[0]
    assert str(path) in notes[0]


def test_a_place_of_a_ledger_that_cannot_be_looked_at_stops_no_plan(environ):
    found, notes = plan_ends.history_of({**environ, "EARMARK_LEDGER": f"/{'x' * 300}"})
    assert found == History()
    assert "File name too long" in notes[0]


def test_a_ledger_on_a_server_is_told_too(environ):
    _, notes = plan_ends.history_of({**environ, "EARMARK_LEDGER": "postgresql://127.0.0.1:1/db"})
    assert notes[0].startswith(
        "nothing counts as paid before: the ledger's server postgresql://127.0.0.1:1/db cannot be used"
    )


@pytest.fixture
def media(tmp_path):
    """A folder with a recording, a manifest, results, and a result that was written elsewhere."""
    for name in ("a.mp3", "made.wav", "results/a.wav", "sub/results/b.mp3"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "manifest.yaml").write_text("x")
    return tmp_path


def walked(media, paths, known=History(), output="manifest.yaml"):  # noqa: B008 - frozen
    ends = plan_ends.ends_of(known, None, Terminal(), quiet=True)
    options = PlanOptions(tuple(str(media / path) for path in paths), (), output=str(media / output))
    found = list(each_file(ends.walk(options)))
    prefix = f"{media}/"
    left = {each.path.removeprefix(prefix): each.reason for each in found if isinstance(each, LeftOut)}
    return [each.path.removeprefix(prefix) for each in found if not isinstance(each, LeftOut)], left


def wrote(ours):
    return History(ours=ours, ours_below=lambda _folder: True)


def test_what_earmark_made_is_no_input(media):
    made = str(media / "made.wav")
    found, left = walked(media, ["."], wrote(lambda path: path == made))
    assert [name.removeprefix("./") for name in found] == ["a.mp3", "sub/results/b.mp3"]
    assert {name.removeprefix("./"): reason for name, reason in left.items()} == {
        "made.wav": Reason.OWN,
        "manifest.yaml": Reason.OWN,
        "results": Reason.OWN,
    }


@pytest.mark.parametrize("where", ["", "sub/"])
def test_any_manifest_and_the_results_beside_it_are_no_input_whatever_the_ledger_knows(media, where):
    (media / f"{where}songs.yaml").write_text(f"# JSON Schema: {SCHEMA}\nversion: 1\n")
    found, left = walked(media, ["sub"] if where else ["."], output="../elsewhere.yaml")
    assert not [
        name for name in found if name.endswith(f"{where}results/b.mp3" if where else "results/a.wav")
    ]
    own = {name.removeprefix("./") for name, reason in left.items() if reason is Reason.OWN}
    assert {f"{where}songs.yaml", f"{where}results"} <= own
    assert walked(media, ["sub/results"]) == (["sub/results/b.mp3"], {})


def test_what_cannot_be_looked_into_is_nobodys(media, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", path)

    (media / "sub/songs.yaml").write_text(f"# JSON Schema: {SCHEMA}\n")
    monkeypatch.setattr("builtins.open", refuse)
    assert not own_files.is_manifest(str(media / "sub/songs.yaml"))
    monkeypatch.setattr(own_files.os, "listdir", refuse)
    assert not own_files.is_results(str(media / "sub/results"))


def test_a_folder_called_results_beside_other_yaml_files_is_read(media):
    (media / "sub/config.yaml").write_text("version: 1")
    (media / "sub/pipe.yaml").symlink_to("nowhere")
    assert "sub/results/b.mp3" in walked(media, ["sub"])[0]


def test_a_results_folder_that_the_user_names_is_read(media):
    assert walked(media, ["results"]) == (["results/a.wav"], {})
    found, left = walked(media, ["results"], wrote(lambda _path: True))
    assert found == []
    assert set(left.values()) == {Reason.OWN}


def test_without_a_key_there_is_no_wallet_and_with_one_it_is_asked_at_once():
    assert plan_ends.ends_of(History(), None, Terminal(), quiet=True).wallet is None
    view = WalletView(Cents(1), {})
    assert plan_ends.ends_of(History(), lambda: view, Terminal(), quiet=True).wallet() is view


def test_ids_differ_and_times_know_their_zone():
    ends = plan_ends.ends_of(History(), None, Terminal(), quiet=True)
    assert ends.new_id() != ends.new_id()
    assert len(ends.new_id()) == 16
    assert ends.now().tzinfo is not None


@pytest.mark.parametrize(("quiet", "total", "drawn"), [(False, 2, True), (True, 2, False), (False, 0, False)])
def test_progress_goes_to_stderr_unless_there_is_nothing_to_show(capsys, quiet, total, drawn):
    ends = plan_ends.ends_of(History(), None, Terminal(live=True), quiet=quiet)
    assert list(ends.follow(iter("ab"), "reading lengths", total)) == ["a", "b"]
    out, err = capsys.readouterr()
    assert out == ""
    assert ("plan: reading lengths" in err) is drawn
    assert sys.stderr is not None
