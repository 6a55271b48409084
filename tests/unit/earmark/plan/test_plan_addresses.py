"""`plan --url` and `--urls`: addresses are planned like files, and nothing is looked at that was stated."""

import io
import json
from pathlib import Path

import pytest

from earmark import main, url_lists
from earmark.plan_values import PlanOptions
from manifests.addresses import content_digest
from manifests.length import Basis, Grade
from manifests.text import read_manifest
from support.file_server import serving, wave

HOST = "https://example.org"


@pytest.fixture
def plan(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main.through_the_door("plan", lambda: main.load("plan"), list(arguments))
        return code, *capsys.readouterr()

    return run


def planned():
    return read_manifest(Path("manifest.yaml")).items


def test_a_stated_length_is_planned_without_any_path(plan):
    code, out, _ = plan("--url", f"{HOST}/talks/ep1.mp3?sig=x 12:34", "--service", "transcription")
    (item,) = planned()
    assert code == 0
    assert (item.file, item.url) == ("example.org/talks/ep1.mp3", f"{HOST}/talks/ep1.mp3?sig=x")
    assert (item.seconds, item.grade, item.basis, item.size) == (754.0, Grade.HEADER, Basis.STATED, 0)
    assert item.sha256 == content_digest(item.url)
    assert item.print == item.sha256[:12]
    assert (item.cents, item.ceiling) == (13, 13)
    assert read_manifest(Path("manifest.yaml")).head.root == "."
    assert "1 address -> transcription" in out
    assert "0 B to upload" in out or "to upload" not in out


def test_lists_files_and_folders_are_planned_together(plan, tmp_path):
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/a.wav").write_bytes(wave(12))
    (tmp_path / "urls.txt").write_text(f"# mine\n\n{HOST}/b.mp3 90s\n{HOST}/c.mp3 1:02:03\n{HOST}/b.mp3\n")
    code, out, _ = plan("talks", "--urls", "urls.txt", "--service", "transcription", "--json")
    assert code == 0
    assert [(item.file, item.seconds) for item in planned()] == [
        ("a.wav", 12.0),
        ("example.org/b.mp3", 90.0),
        ("example.org/c.mp3", 3723.0),
    ]
    told = json.loads(out)["planned"]
    assert told["files"]["seen"] == 3
    assert told["skipped"] == [{"reason": "reached twice", "files": 1}]


def test_a_header_is_read_where_the_service_is_on_this_machine(plan, monkeypatch):
    with serving() as site:
        monkeypatch.setenv("AUDIOPOD_BASE_URL", site.base)
        site.ranges("/a.wav", wave(61))
        code, out, _ = plan(
            "--url", site.url("/a.wav"), "--url", site.url("/b.wav"), "--service", "transcription"
        )
    (item,) = planned()
    assert code == 0
    assert (item.seconds, item.grade, item.basis) == (61.0, Grade.EXACT, Basis.INPUT)
    assert item.sha256 == content_digest(item.url, '"v1"', item.size)
    assert f"{site.url('/b.wav')}: its server answers 404" in out


def test_this_machine_is_not_looked_at_for_the_real_service(plan, monkeypatch):
    monkeypatch.setenv("AUDIOPOD_BASE_URL", "https://203.0.113.7")
    code, _, err = plan("--url", "http://127.0.0.1:1/a.mp3", "--service", "transcription")
    assert (code, "1 in a private network" in err) == (2, True)


def test_a_service_that_takes_files_only_refuses_the_address_with_the_way_out(plan):
    code, out, _ = plan("--url", f"{HOST}/a.mp3 60", "--service", "transcription", "--service", "conversion",
                        "--set", "conversion.voice_uuid=7")  # fmt: skip
    assert code == 0
    assert [item.service for item in planned()] == ["transcription"]
    assert "conversion: an address, conversion takes files only; download it" in " ".join(out.split())


def test_an_address_that_no_service_takes_is_left_out(plan):
    code, out, _ = plan("--url", f"{HOST}/a.mp3 60", "--service", "tts", "--set", "voice=anna")
    assert code == 2
    assert "no service of this plan takes recordings" in " ".join(out.split())


def test_a_film_is_told_by_its_ending_where_nobody_looks(plan):
    code, out, _ = plan("--url", f"{HOST}/a.mp4 60", "--service", "stems")
    assert code == 2
    assert "video, stems takes sound only" in " ".join(out.split())


def test_rules_decide_by_the_name_that_an_address_gets(plan, tmp_path):
    (tmp_path / "r.yaml").write_text(
        "rules:\n- {match: example.org/talks, service: transcription, result: '{stem}'}\n"
        "- {match: '*.ogg', skip: true}\n"
    )
    urls = [f"{HOST}/talks/a.mp3 60", f"{HOST}/b.mp3 60", f"{HOST}/c.ogg"]
    code, out, _ = plan("--rules", "r.yaml", "--json", *(word for url in urls for word in ("--url", url)))
    assert code == 0
    assert [(item.file, item.result) for item in planned()] == [("example.org/talks/a.mp3", "a")]
    assert json.loads(out)["planned"]["skipped"] == [
        {"reason": "skipped by a rule", "files": 1},
        {"reason": "without a rule", "files": 1},
    ]


def test_the_suggested_command_has_the_addresses(plan):
    code, out, _ = plan("--url", f"{HOST}/a.mp3 10:00", "--url", f"{HOST}/b.mp3 10:00:00", "--service",
                        "transcription", "--max-spend", "1", "--json")  # fmt: skip
    assert code == 3
    assert f"plan --url '{HOST}/a.mp3 10:00' --url" in json.loads(out)["planned"]["fits_cap"]["command"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--url", "talk.mp3"],
            "--url: 'talk.mp3' is no address that can be fetched: an address begins with",
        ),
        (["--url", f"{HOST}/a.mp3 long"], "--url: 'long' is no length: write 12:34, 1:02:03, 90s or 754"),
        (["--url", " "], "--url is empty"),
        (["--urls", "none.txt"], "--urls none.txt: No such file or directory"),
        (["--urls", "empty.txt"], "--urls empty.txt: no address in it"),
        (["--urls", "bad.txt"], "bad.txt:2: 'x y z' is no address"),
        ([], "Missing argument 'PATH...'"),
    ],
)
def test_what_is_wrong_is_exit_2_with_its_place(plan, tmp_path, arguments, words):
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "bad.txt").write_text(f"{HOST}/a.mp3\nx\n")
    code, _, err = plan(*arguments, "--service", "transcription")
    assert code == 2
    assert words.replace("x y z", "x") in err
    assert not (tmp_path / "manifest.yaml").exists()


def test_a_dash_is_standard_input():
    options = PlanOptions((), (), url_lists=("-",))
    found = url_lists.given(options, io.BytesIO(f"{HOST}/a.mp3\n".encode()))
    assert [(each.url, each.where) for each in found.once] == [(f"{HOST}/a.mp3", "stdin:1")]


def test_a_list_that_is_no_list_is_refused(monkeypatch):
    monkeypatch.setattr(url_lists, "SIZE_LIMIT", 10)
    from manifests.errors import UsageError

    with pytest.raises(UsageError, match="this is no list of addresses"):
        url_lists.given(PlanOptions((), (), url_lists=("-",)), io.BytesIO(bytes(100)))
