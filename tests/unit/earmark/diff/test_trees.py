"""The files here against those of a commit: no manifest is needed, and only what differs is read."""

import json
import os
import shutil
from pathlib import Path

import pytest

from earmark import main
from earmark.diff.base import lay_out
from earmark.diff.git import Repository
from earmark.diff.lfs import Store
from planner import survey
from support.bench import wav
from support.checkout import Checkout


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """A work tree with two committed recordings of a minute, on a branch of its own."""
    checkout = Checkout(tmp_path / "work")
    checkout.folder.mkdir()
    checkout.begin()
    checkout.wav("talks/ep1.wav")
    checkout.wav("talks/ep2.wav")
    checkout.commit()
    checkout.git("checkout", "-q", "-b", "topic")
    monkeypatch.chdir(checkout.folder)
    monkeypatch.setenv("COLUMNS", "160")
    return checkout


@pytest.fixture
def diff(capsys):
    """Compare with a commit: exit code, document, stderr."""

    def do(*words, base="main", service=("--service", "transcription")):
        arguments = ["--base", base, *service, "--json", *words]
        code = main.through_the_door("earmark diff", lambda: main.load("diff"), arguments)
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return do


def lines(document):
    return [
        (
            each["kind"],
            each["file"],
            each["to_pay"]["cents"],
            "; ".join(why["words"] for why in each["reasons"]),
        )
        for each in document["lines"]
    ]


def test_a_tree_that_was_not_changed_costs_nothing(repo, diff):
    code, found, err = diff("talks")
    assert (code, found["lines"], found["same"], err) == (0, [], 2, "")
    assert (found["base"]["name"], found["base"]["fork"], found["paths"]) == ("main", False, ["talks"])
    assert found["base"]["commit"] == repo.git("rev-parse", "main")


def test_temporary_files_among_those_that_are_planned_are_no_change(repo, diff, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(repo.folder / "talks"))
    (repo.folder / "talks/ep1.wav").rename(repo.folder / "talks/first.wav")
    assert [each[:2] for each in lines(diff("talks")[1])] == [("renamed", "first.wav")]


def test_all_that_a_branch_does_is_told(repo, diff):
    repo.git("mv", "talks/ep1.wav", "talks/first.wav")
    repo.wav("talks/ep2.wav", 150)
    repo.wav("talks/ep3.wav", 61)
    repo.commit()
    repo.wav("talks/not yet committed.wav", 60)
    (repo.folder / "talks/show-notes.txt").write_text("no recording")
    _, found, _ = diff("talks", "--service", "stems:six")
    assert [each[:3] for each in lines(found)] == [
        ("added", "ep3.wav", 11),
        ("added", "not yet committed.wav", 10),
        ("added", "ep3.wav", 2),
        ("added", "not yet committed.wav", 1),
        ("changed", "ep2.wav", 25),
        ("changed", "ep2.wav", 3),
        ("renamed", "first.wav", 0),
        ("renamed", "first.wav", 0),
    ]
    assert lines(found)[4][3] == "length 1:00 -> 2:30"
    shutil.rmtree(repo.folder / "talks")
    assert [each[:2] for each in lines(diff("talks")[1])] == [("removed", "ep1.wav"), ("removed", "ep2.wav")]


def test_a_branch_is_compared_with_where_it_left_the_base(repo, diff):
    fork = repo.git("rev-parse", "main")
    repo.wav("talks/mine.wav")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.wav("talks/theirs.wav")
    repo.commit()
    repo.git("checkout", "-q", "topic")
    found = diff("talks")[1]
    assert [each[:2] for each in lines(found)] == [("added", "mine.wav")]
    assert (found["base"]["commit"], found["base"]["fork"]) == (fork, True)


def test_only_what_differs_is_read(repo, tmp_path):
    repo.wav("talks/ep2.wav", 90)
    here = Repository.around(str(repo.folder))
    laid = lay_out(here, here.base("main").commit, ["talks"], str(tmp_path / "laid"), Store(".git"))
    placed = {path.name: path.is_symlink() for path in (tmp_path / "laid/talks").iterdir()}
    assert (placed, laid.missing, laid.links) == ({"ep1.wav": True, "ep2.wav": False}, [], [])


def test_what_was_seen_here_is_not_read_again(repo, diff, monkeypatch):
    opened = []
    one = survey.verdict
    monkeypatch.setattr(survey, "verdict", lambda path: opened.append(path) or one(path))
    repo.wav("talks/ep2.wav", 90)
    diff("talks", "--readers", "1")
    assert sorted(Path(path).name for path in opened) == ["ep1.wav", "ep2.wav", "ep2.wav"]


def test_new_tags_are_no_new_purchase(repo, diff):
    path = repo.folder / "talks/ep1.wav"
    raw = bytearray(path.read_bytes() + b"LIST\x0a\x00\x00\x00INFOname\x00\x00")
    raw[4:8] = (len(raw) - 8).to_bytes(4, "little")
    path.write_bytes(raw)
    assert lines(diff("talks")[1]) == [("changed", "ep1.wav", 0, "tags changed, the sound is the same")]


def test_bytes_that_no_print_looks_at_make_another_recording(repo, diff):
    path = repo.folder / "talks/ep1.wav"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 4] ^= 1
    path.write_bytes(raw)
    told = "another recording of the same length"
    assert lines(diff("talks")[1]) == [("changed", "ep1.wav", 1, told)]
    repo.git("mv", "talks/ep1.wav", "talks/first.wav")
    assert lines(diff("talks")[1]) == [("changed", "first.wav", 1, told)]


def test_a_text_of_the_same_size_and_ends_is_another_one(repo, diff):
    book = repo.folder / "book/one.txt"
    book.parent.mkdir()
    words = ["word."] * 3_000
    book.write_text(" ".join(words))
    repo.commit()
    repo.git("branch", "-qf", "main")
    words[900] = "else."
    book.write_text(" ".join(words))
    service = ("--service", "tts", "--set", "voice=aura")
    _, found, _ = diff("book", service=service)
    assert {each["kind"] for each in found["lines"]} == {"changed"}
    assert found["to_pay"]["cents"] > 0


def test_each_side_follows_its_own_rules(repo, diff):
    rules = repo.folder / "rules.yaml"
    rules.write_text("rules:\n- {match: '*', service: transcription, options: {language: en}}\n")
    repo.commit()
    repo.git("branch", "-qf", "main")
    rules.write_text("rules:\n- {match: '*', service: transcription, options: {language: de}}\n")
    found = diff("talks", "--rules", "rules.yaml", service=())[1]
    assert [each[3] for each in lines(found)] == ["language en -> de"] * 2
    assert found["to_pay"]["cents"] == 2


def test_rules_that_the_base_lacks_or_cannot_read_are_told(repo, diff):
    rules = repo.folder / "rules.yaml"
    rules.write_text("rules:\n- {match: '*', service: transcription}\n")
    found = diff("talks", "--rules", "rules.yaml", service=())[1]
    assert found["lines"] == []
    assert found["notes"] == ["rules.yaml is not in main: both plans follow the present one"]
    rules.write_text("rules: nonsense\n")
    repo.commit()
    repo.git("branch", "-qf", "main")
    rules.write_text("rules:\n- {match: '*', service: transcription}\n")
    found = diff("talks", "--rules", "rules.yaml", service=())[1]
    assert [each[0] for each in lines(found)] == ["added", "added"]
    assert found["notes"][0].startswith("main cannot be planned, all counts as added: rules.yaml")


def test_each_side_follows_its_own_policy(repo, diff):
    policy = repo.folder / "earmark.toml"
    policy.write_text('[plan]\nservices = ["transcription"]\n[caps]\nfile = "0.00"\n')
    repo.commit()
    repo.git("branch", "-qf", "main")
    policy.write_text('[plan]\nservices = ["transcription"]\nformats = ["srt"]\nexclude = ["ep2*"]\n')
    found = diff("talks", service=())[1]
    assert lines(found) == [
        ("changed", "ep1.wav", 0, "formats json,txt -> json,srt (free)"),
        ("removed", "ep2.wav", 0, ""),
    ]
    policy.write_text('[plan]\nrules = "plans/rules.yaml"\n')
    rules = repo.folder / "plans/rules.yaml"
    rules.parent.mkdir()
    rules.write_text("rules:\n- {match: '*', service: 'stems:six'}\n")
    repo.commit()
    repo.git("branch", "-qf", "main")
    rules.write_text("rules:\n- {match: '*', service: transcription}\n")
    assert [each[3] for each in lines(diff("talks", service=())[1])] == [
        "service stems:six -> transcription"
    ] * 2
    policy.write_text("nonsense")
    assert diff("talks", service=())[0] == 2


def test_what_comes_without_a_price_is_told(repo, diff):
    name = os.fsdecode(b"talks/cut \xff.wav")
    (repo.folder / name).write_bytes((repo.folder / "talks/ep1.wav").read_bytes()[:9_000])
    repo.commit()
    _, found, _ = diff("talks")
    (note,) = found["notes"]
    assert note.startswith("1 file of this change without a price, in no sum and not bought, such as cut ")
    repo.git("branch", os.fsdecode(b"main\xff"))
    again = diff("talks", base=os.fsdecode(b"main\xff"))[1]
    assert (again["notes"], again["base"]["fork"]) == ([], False)


def test_texts_and_new_folders_are_planned_as_well(repo, diff):
    book = repo.folder / "book/one.txt"
    book.parent.mkdir()
    book.write_text("A short sentence. " * 20)
    speech = ("--service", "tts", "--set", "voice=aura")
    assert [each[:2] for each in lines(diff("book", service=speech)[1])] == [("added", "one.txt")]
    repo.commit()
    repo.git("branch", "-qf", "main")
    book.write_text("A short sentence. " * 200)
    (found,) = lines(diff("book", "talks", service=speech)[1])
    assert (found[0], found[1], "length" in found[3]) == ("changed", "book/one.txt", True)


def test_what_git_ignores_and_submodules_are_no_part_of_a_change(repo, diff, tmp_path):
    (repo.folder / ".gitignore").write_text("ignored/\n*.tmp.wav\n")
    repo.wav("talks/ignored/a.wav")
    repo.wav("talks/b.tmp.wav")
    repo.wav("talks/.hidden.tmp.wav")
    other = Checkout(tmp_path / "other")
    other.folder.mkdir()
    other.begin()
    other.wav("c.wav")
    other.commit()
    repo.git("submodule", "add", "-q", str(other.folder), "talks/sub")
    found = diff("talks")[1]
    assert found["lines"] == []
    assert found["notes"] == ["3 places that git ignores, or submodules: no part of the change"]


def test_links_lead_where_they_led(repo, diff):
    repo.wav("shared/jingle.wav")
    (repo.folder / "talks/jingle.wav").symlink_to("../shared/jingle.wav")
    (repo.folder / "talks/again.wav").symlink_to("ep1.wav")
    repo.commit()
    repo.git("branch", "-qf", "main")
    found = diff("talks")[1]
    assert (found["lines"], found["same"]) == ([], 3)
    repo.wav("shared/jingle.wav", 90)
    assert [each[:3] for each in lines(diff("talks")[1])] == [("added", "jingle.wav", 2)]
    (repo.folder / "talks/jingle.wav").unlink()
    (repo.folder / "talks/jingle.wav").symlink_to("/etc/hostname")
    assert diff("talks")[1]["notes"] == [
        "1 link of main changed, such as talks/jingle.wav: not followed there"
    ]


def test_names_of_any_bytes_are_compared(repo, diff):
    odd = os.fsencode(repo.folder) + b"/talks/odd \xff\n*?[x].wav"
    repo.wav("x.wav").rename(os.fsdecode(odd))
    repo.commit()
    repo.git("branch", "-qf", "main")
    assert diff("talks")[1]["same"] == 3
    Path(os.fsdecode(odd)).unlink()
    (found,) = diff("talks")[1]["lines"]
    assert (found["kind"], found["file_bytes"]) == ("removed", b"odd \xff\n*?[x].wav".hex())


# Pointers of git-lfs


@pytest.fixture
def content(tmp_path):
    """The bytes of a recording of so many seconds."""

    def make(seconds, mark="x"):
        return wav(tmp_path / f"{seconds}-{mark}.wav", seconds, mark).read_bytes()

    return make


def test_pointers_are_the_files_that_they_point_to(repo, diff, content):
    for number, seconds in enumerate((61, 62, 63, 64), 3):
        repo.pointer(f"talks/ep{number}.wav", content(seconds))
    repo.commit()
    repo.git("branch", "-qf", "main")
    assert diff("talks")[1]["unread"] == []  # the same pointers on both sides
    (repo.folder / "talks/ep3.wav").write_bytes(
        content(61)
    )  # pulled, as one sees it where git-lfs is missing
    repo.pulled(content(64))
    repo.pulled(content(120))
    repo.pointer("talks/ep6.wav", content(120))
    repo.pointer("talks/ep4.wav", content(90))
    (repo.folder / "talks/ep5.wav").rename(repo.folder / "talks/moved.wav")
    code, found, _ = diff("talks", "--fail-above", "10")
    assert lines(found) == [("changed", "ep6.wav", 2, "length 1:04 -> 2:00")]
    assert found["same"] == 3
    assert found["unread"] == [
        {"kind": "changed", "file": "ep4.wav", "file_bytes": None, "bytes": len(content(90))}
    ]
    assert code == 3


def test_the_sound_of_a_pointer_is_that_of_its_content(repo, diff, content):
    for name in ("a", "b"):  # equal sounds are looked for where there are several of a size
        repo.pointer(f"talks/{name}.wav", content(90, name))
    repo.pulled(content(90, "a"))
    repo.pulled(content(90, "b"))
    repo.commit()
    repo.git("branch", "-qf", "main")
    (repo.folder / "talks/b.wav").unlink()
    found = diff("talks")[1]
    assert (found["same"], [each[:2] for each in lines(found)]) == (3, [("removed", "b.wav")])
    assert (found["unread"], found["old"]["items"]) == ([], 4)


def test_a_file_that_went_to_git_lfs_is_the_same(repo, diff):
    path = repo.folder / "talks/ep1.wav"
    repo.pointer("talks/ep1.wav", path.read_bytes())
    found = diff("talks")[1]
    assert (found["lines"], found["unread"], found["same"]) == ([], [], 2)


# What git refuses


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("no-such", "--base: no commit 'no-such' in this clone; `git branch --all` lists branches"),
        ("origin/main", "`git fetch origin main` may bring it"),
        ("--upload-pack=touch owned", "is no name of a commit"),
        ("-h", "is no name of a commit"),
        ("", "is no name of a commit"),
        ("main:talks", "no commit 'main:talks'"),
        ("main..topic", "no commit 'main..topic'"),
    ],
)
def test_a_ref_that_is_none_is_told(repo, diff, base, told):
    code, found, err = diff("talks", base=base)
    assert (code, found["exit"]) == (2, 2)
    assert told in err
    assert not (repo.folder / "owned").exists()


def test_a_shallow_clone_tells_what_to_fetch(repo, diff, tmp_path, monkeypatch):
    repo.wav("talks/ep3.wav")
    repo.commit()
    repo.git("clone", "-q", "--depth=1", "--branch=topic", f"file://{repo.folder}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    code, _, err = diff("talks", base="origin/main")
    assert code == 2
    assert "which is a shallow one: `git fetch origin main` first (actions/checkout: fetch-depth: 0)" in err
    repo.git(
        "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main", folder=tmp_path / "shallow"
    )
    code, found, _ = diff("talks", base="origin/main")
    assert (code, [each[:2] for each in lines(found)]) == (0, [("added", "ep3.wav")])
    assert found["base"]["fork"] is False  # nobody knows there where the branch began


def test_a_partial_clone_is_asked_for_nothing_that_it_lacks(repo, diff, tmp_path, monkeypatch):
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.wav("talks/ep1.wav", 90)
    repo.wav("talks/ep2.wav", 90)
    repo.commit()
    partial = tmp_path / "partial"
    words = ("clone", "-q", "--filter=blob:none", "--branch=topic")
    repo.git(*words, f"file://{repo.folder}", str(partial))
    monkeypatch.chdir(partial)
    code, found, _ = diff("talks", base="origin/main")
    assert (code, [each[:2] for each in lines(found)]) == (0, [("added", "ep1.wav"), ("added", "ep2.wav")])
    told = "2 files of origin/main not in this partial clone, such as talks/ep1.wav: not compared"
    assert told in found["notes"]


def test_a_hook_of_git_compares_the_folder_that_it_names(repo, diff, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(repo.folder / ".git"))  # as in a linked work tree
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert (diff("talks")[1]["lines"], diff("talks")[1]["same"]) == ([], 2)


def test_no_repository_and_paths_outside_of_it_are_told(repo, diff, tmp_path, monkeypatch):
    wav(tmp_path / "elsewhere/a.wav")
    assert "is outside of the repository" in diff("talks", str(tmp_path / "elsewhere"))[2]
    assert "no such path: nope, neither here nor at main" in diff("nope")[2]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs git, which is not installed" in diff("talks")[2]


def test_a_folder_without_a_repository_is_told(diff, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    code, _, err = diff()
    assert code == 2
    assert "is in no git work tree that can be read: not a git repository" in err


# Manifests in git


def test_a_manifest_is_compared_with_itself_as_it_was_committed(repo, diff, capsys):
    def plan():
        words = ["talks", "--service", "transcription", "-o", "plans/talks.yaml", "-q", "--name", "t"]
        assert main.through_the_door("plan", lambda: main.load("plan"), words) == 0

    (repo.folder / "plans").mkdir()
    plan()
    found = diff("plans/talks.yaml", service=())[1]
    assert found["notes"] == ["plans/talks.yaml is not in main: all counts as added"]
    repo.commit()
    repo.git("branch", "-qf", "main")
    repo.wav("talks/ep3.wav", 120)
    plan()
    _, found, _ = diff("plans/talks.yaml", service=())
    assert lines(found) == [("added", "ep3.wav", 2, "")]
    assert found["head"]["name"] == "plans/talks.yaml"
    code, _, err = diff("plans/talks.yaml")
    assert (code, "is a manifest" in err) == (2, True)
    (repo.folder / "plans/talks.yaml").write_text("# earmark\nbroken: true\n")
    repo.commit()
    repo.git("branch", "-qf", "main")
    (repo.folder / "plans/talks.yaml").unlink()
    plan()
    code, found, err = diff("plans/talks.yaml", service=())
    assert (code, err, [each[0] for each in lines(found)]) == (0, "", ["added"] * 3)
    assert found["notes"][0].startswith("plans/talks.yaml at main:2: the manifest lacks `version`")


def test_options_of_files_go_with_base_only(repo, capsys):
    words = ["a.yaml", "b.yaml", "--set", "language=en"]
    assert main.through_the_door("earmark diff", lambda: main.load("diff"), words) == 2
    assert "--set goes with --base REF" in capsys.readouterr().err
