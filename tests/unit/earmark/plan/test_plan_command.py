"""The command in this process, on small real files."""

import json
import shutil
from pathlib import Path

import pytest

from earmark import main
from manifests.exits import Exit
from manifests.text import read_manifest

EXAMPLES = Path(__file__).parents[4] / "examples"
WAVE = EXAMPLES / "memos/archive-note.wav"


@pytest.fixture
def media(tmp_path, monkeypatch):
    """A folder to work in, with one recording in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talks").mkdir()
    shutil.copy(WAVE, tmp_path / "talks/ep1.wav")
    return tmp_path


@pytest.fixture
def plan(media, capsys):
    """Run the command; exit code, stdout, stderr."""

    def run(*arguments):
        code = main.through_the_door("plan", lambda: main.load("plan"), list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_plan_is_written_and_shown(plan, media):
    code, out, err = plan("talks", "--service", "transcription")
    assert (code, err) == (0, "")
    manifest = read_manifest(media / "manifest.yaml")
    assert manifest.head.root == "talks"
    assert [item.file for item in manifest.items] == ["ep1.wav"]
    assert "Written: manifest.yaml" in out
    assert out.endswith("run manifest.yaml --max-spend 0.01\n")


def test_amounts_names_and_options_arrive(plan, media):
    code, _, _ = plan(
        *("talks", "--service", "transcription", "--set", "language=en", "--max-spend", "$20"),
        *("--name", "pr-481", "-o", "out.yaml"),
    )
    assert code == 0
    manifest = read_manifest(media / "out.yaml")
    assert (manifest.head.cap, manifest.items[0].options) == (2000, {"language": "en"})
    first = manifest.head.id
    plan("talks", "--service", "transcription", "--name", "pr-481", "-o", "out.yaml")
    assert read_manifest(media / "out.yaml").head.id == first


def test_quiet_says_nothing_of_a_good_plan_and_all_of_a_bad_one(plan):
    assert plan("talks", "--service", "transcription", "-q") == (0, "", "")
    code, out, err = plan("talks", "--service", "stems", "--max-spend", "0", "-q")
    assert code == Exit.REFUSED
    assert "OVER THE CAP of $0.00" in out
    assert err.startswith("plan: up to $0.03 needed")


def test_quiet_shows_what_makes_a_strict_plan_fail(plan, media):
    (media / "talks/notes.txt").write_text("notes")
    code, out, _ = plan("talks", "--service", "transcription", "--strict", "-q")
    assert code == Exit.SOME_FAILED
    assert "notes.txt: not audio" in out


def test_json_is_the_only_thing_on_stdout(plan):
    code, out, err = plan("talks", "--service", "transcription", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["outcome"] == "written"
    code, out, err = plan("talks", "--service", "transcription", "--json", "--max-spend", "0")
    assert (code, json.loads(out)["outcome"]) == (Exit.REFUSED, "over the cap")
    assert "no manifest was written" in err


def test_everything_left_out_is_listed_on_demand(plan, media):
    for number in range(5):
        (media / f"talks/{number}.txt").write_text("notes")
    assert "and 2 more; list: --show left-out" in plan("talks", "--service", "transcription")[1]
    assert "4.txt: not audio" in plan("talks", "--service", "transcription", "--show", "left-out")[1]


def test_strict_makes_a_file_left_out_exit_1_with_the_manifest_written(plan, media):
    (media / "talks/notes.txt").write_text("notes")
    code, _, err = plan("talks", "--service", "transcription", "--strict")
    assert code == Exit.SOME_FAILED
    assert err == "plan: --strict: 1 left out or not priced; manifest.yaml was written\n"
    assert (media / "manifest.yaml").exists()


def test_a_verdict_keeps_to_its_line_whatever_the_manifest_is_called(plan, media):
    (media / "talks/notes.txt").write_text("notes")
    _, _, err = plan("talks", "--service", "transcription", "--strict", "-o", "a\nb\x1b[2J.yaml")
    assert err == r"plan: --strict: 1 left out or not priced; a\nb\x1b[2J.yaml was written" + "\n"


def test_planning_again_skips_the_manifest_and_takes_its_place(plan, media):
    assert plan(".", "--service", "transcription")[0] == 0
    code, out, _ = plan(".", "--service", "transcription")
    assert code == 0
    assert "1 file seen: 1 to pay" in out
    assert "made by Earmark" in out


def test_the_same_audio_is_paid_once(plan, media):
    shutil.copy(WAVE, media / "talks/copy.wav")
    _, out, _ = plan("talks", "--service", "transcription")
    notes = {item.file: (item.paid, item.note) for item in read_manifest(media / "manifest.yaml").items}
    assert notes == {"copy.wav": (False, None), "ep1.wav": (True, "same audio as copy.wav")}
    assert "saves $0.01" in out


def test_a_wallet_that_cannot_be_reached_is_one_line_and_no_failure(plan, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_API_KEY_FILE", "/no/such/key")
    code, out, _ = plan("talks", "--service", "transcription")
    assert code == 0
    (line,) = [each for each in out.splitlines() if "Wallet" in each]
    assert "AUDIOPOD_API_KEY_FILE names /no/such/key" in line


def test_the_cap_of_the_environment_is_checked_and_told(plan, monkeypatch):
    monkeypatch.setenv("EARMARK_MAX_SPEND", "0.00")
    assert "EARMARK_MAX_SPEND is $0.00" in plan("talks", "--service", "transcription")[1]
    monkeypatch.setenv("EARMARK_MAX_SPEND", "0.005")
    code, _, err = plan("talks", "--service", "transcription")
    assert code == Exit.USAGE
    assert err.startswith("plan: EARMARK_MAX_SPEND: '0.005' has parts of a cent")


BAD = {
    "missing path": (["nowhere", "--service", "transcription"], "no such path: nowhere"),
    "misspelt path": (["talk", "--service", "transcription"], "did you mean 'talks'?"),
    "empty path": (["", "--service", "transcription"], "an empty path"),
    "no path": (["--service", "transcription"], "Missing argument 'PATH...'"),
    "no service": (["talks"], "--service SERVICE, one of transcription, stems"),
    "unknown service": (["talks", "--service", "transcribe"], "did you mean 'transcription'?"),
    "unknown variant": (["talks", "--service", "stems:sixx"], "did you mean 'six'?"),
    "unknown option": (["talks", "--service", "transcription", "--set", "lang=en"], "no option 'lang'"),
    "option of nothing": (["talks", "--service", "transcription", "--set", "en"], "SERVICE.OPTION=VALUE"),
    "parts of a cent": (
        ["talks", "--service", "stems", "--max-spend", "4.555"],
        "--max-spend: '4.555' has parts",
    ),
    "negative amount": (["talks", "--service", "stems", "--max-spend", "-1"], "is not an amount"),
    "fit to nothing": (["talks", "--service", "stems", "--fit"], "--fit needs an amount"),
    "empty name": (["talks", "--service", "stems", "--name", ""], "--name is empty"),
    "output in no folder": (["talks", "--service", "stems", "-o", "a/b.yaml"], "no such folder: a"),
    "output is a folder": (["talks", "--service", "stems", "-o", "talks"], "talks is a folder"),
    "output is a recording": (
        ["talks", "--service", "stems", "-o", "talks/ep1.wav"],
        "is no manifest of ours",
    ),
    "unknown flag": (["talks", "--service", "stems", "--max-spent", "4"], "(see plan --help)"),
}


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_bad_input_is_exit_2_with_one_clear_line_and_no_manifest(plan, media, case):
    arguments, words = BAD[case]
    before = (media / "talks/ep1.wav").read_bytes()
    code, out, err = plan(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (media / "manifest.yaml").exists()
    assert (media / "talks/ep1.wav").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no files there"),
        (b"", "1 empty"),
        (b"just text", "1 not audio"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "all files are git-lfs pointers, run `git lfs pull` first",
        ),
    ],
)
def test_a_folder_without_audio_is_exit_2_with_the_reason(plan, media, content, words):
    (media / "talks/ep1.wav").unlink()
    if content is not None:
        (media / "talks/ep1.mp3").write_bytes(content)
    code, out, err = plan("talks", "--service", "transcription")
    assert code == Exit.USAGE
    assert err == f"plan: nothing could be priced: {words}; no manifest was written\n"
    assert "Nothing to price." in out


def test_broken_files_are_listed_and_stop_nothing(plan, media):
    data = WAVE.read_bytes()
    (media / "talks/cut.wav").write_bytes(data[: len(data) // 2])
    (media / "talks/empty.mp3").touch()
    (media / "talks/pointer.mp3").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    (media / "talks/noise.mp3").write_bytes(bytes(range(7, 200)) * 9)
    code, out, _ = plan("talks", "--service", "transcription", "--show", "left-out")
    assert code == 0
    assert "5 files seen: 1 to pay, 4 left out" in out
    for words in (
        "cut.wav: cut off at 0:0",
        "empty.mp3: empty",
        "pointer.mp3: a git-lfs pointer",
        "noise.mp3: ",
    ):
        assert words in out


def test_a_full_disk_is_exit_10(plan, media, monkeypatch):
    from manifests import durable

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    code, _, err = plan("talks", "--service", "transcription")
    assert code == Exit.MACHINE
    assert "No space left on device" in err
    assert not (media / "manifest.yaml").exists()
