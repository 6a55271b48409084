"""`plan --rules`: every file gets what its rule says, and the plan says what the rules did."""

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from earmark import main
from manifests.text import read_manifest
from support.file_server import wave

EXAMPLE = Path(str(resources.files("manifests").joinpath("examples/rules/media.yaml")))
FILES = ("talks/de/one.wav", "talks/two.wav", "songs/song.wav", "songs/draft 1.wav", "other.wav")

ONE = """\
rules:
- match: ["talks/**", "*.flac"]
  service: transcription
  options: {formats: srt}
"""


@pytest.fixture
def media(tmp_path, monkeypatch):
    """A folder of recordings, to work beside."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(FILES):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wave(12 + number))
    return tmp_path


@pytest.fixture
def plan(media, capsys):
    """Plan the folder by some rules; exit code, stdout, stderr."""

    def run(rules, *arguments):
        (media / "rules.yaml").write_text(rules, encoding="utf-8")
        words = ["media", "--rules", "rules.yaml", *arguments]
        code = main.through_the_door("plan", lambda: main.load("plan"), words)
        return code, *capsys.readouterr()

    return run


def planned():
    return [
        (item.file, item.service, item.options, item.result)
        for item in read_manifest(Path("manifest.yaml")).items
    ]


def test_the_example_plans_as_it_says(plan):
    code, out, _ = plan(EXAMPLE.read_text(encoding="utf-8"))
    assert code == 0
    assert planned() == [
        ("songs/song.wav", "stems:six", {}, None),
        ("songs/song.wav", "transcription", {"language": "en"}, None),
        (
            "talks/de/one.wav",
            "transcription",
            {"language": "de", "formats": ["json", "txt", "srt"]},
            "talks/de/one.de",
        ),
        ("talks/two.wav", "transcription", {"enable_speaker_diarization": True}, None),
    ]
    shown = " ".join(out.split())
    assert "media -> transcription, stems:six" in shown
    assert "2 1 skipped by a rule, 1 without a rule" in shown or "2 1 without a rule, 1 skipped" in shown
    assert "rules.yaml: the first rule that matches a file decides; line 6: 1 file, line 10: 1 file" in shown
    assert "rules.yaml:18: '*.podcast.mp3' matches no file" in shown


def test_with_all_every_rule_that_matches_adds_a_line(plan):
    code, out, _ = plan("apply: all\n" + ONE + "- {match: '*', service: denoise, result: 'clean/{stem}'}\n")
    assert code == 0
    assert [line[1] for line in planned() if line[0] == "talks/two.wav"] == [
        "transcription",
        "denoise:balanced",
    ]
    assert "all rules that match a file apply" in out


def test_services_of_the_command_line_are_for_what_no_rule_matches(plan):
    code, _, _ = plan(ONE, "--service", "stems:two", "--exclude", "*draft*")
    assert code == 0
    assert [line[:2] for line in planned()] == [
        ("other.wav", "stems:two"),
        ("songs/song.wav", "stems:two"),
        ("talks/de/one.wav", "transcription"),
        ("talks/two.wav", "transcription"),
    ]


def test_json_tells_what_the_rules_did(plan):
    _, out, _ = plan(ONE, "--json")
    assert json.loads(out)["planned"]["rules"] == {
        "file": "rules.yaml",
        "apply": "first",
        "rules": [
            {
                "line": 2,
                "match": ["talks/**", "*.flac"],
                "skip": False,
                "products": ["transcription"],
                "files": 2,
            }
        ],
        "warnings": [{"line": 2, "warning": "'*.flac' matches no file"}],
    }
    assert json.loads(out)["planned"]["skipped"] == [{"reason": "without a rule", "files": 3}]


def test_many_warnings_are_cut_short(plan):
    match = "".join(f"  - none{number}\n" for number in range(9))
    _, out, _ = plan(ONE + f"- match:\n{match}  service: stems\n")
    assert "more such rules; list: --json" in out


@pytest.mark.parametrize(
    ("rules", "arguments", "words"),
    [
        (ONE.replace("formats", "format"), [], "rules.yaml:4: transcription has no option 'format'"),
        (
            ONE,
            ["--set", "language=en"],
            "--set goes with --service: write options of a rule under its `options`",
        ),
        (
            "rules:\n- {match: '*', service: transcription, result: all}\n",
            [],
            "rules.yaml:2: `result` names 'all' twice, for other.wav and for songs/draft 1.wav",
        ),
        ("rules:\n- {match: '*', skip: true}\n", [], "rules.yaml: every rule skips: give one a `service`"),
        ("rules:\n- {match: x, service: stems}\n", [], "nothing could be priced: 5 without a rule"),
        (ONE, ["--rules", "none.yaml"], "--rules none.yaml: No such file or directory"),
    ],
)
def test_what_is_wrong_is_exit_2_with_one_line(plan, media, rules, arguments, words):
    code, _, err = plan(rules, *arguments)
    assert code == 2
    assert words in err
    assert not (media / "manifest.yaml").exists()


def test_a_rules_file_inside_the_folder_is_no_input(plan, media):
    shutil.copy(EXAMPLE, media / "media/rules.yaml")
    code, out, _ = plan(ONE, "--rules", "media/rules.yaml", "--json")
    assert code == 0
    assert {"reason": "made by Earmark", "files": 1} in json.loads(out)["planned"]["skipped"]


def test_texts_and_prompts_follow_rules_too(plan, media):
    (media / "media/book.md").write_text("# One\n\nA short book.\n", encoding="utf-8")
    (media / "media/p.txt").write_text("rain on a roof\nwind\n", encoding="utf-8")
    code, _, _ = plan(
        "apply: all\nrules:\n"
        "- {match: '*.md', service: tts, options: {voice: anna}, result: 'spoken/{stem}.{voice}'}\n"
        "- {match: p.txt, service: music, options: {audio_duration: 30}, result: '{service}/{stem}'}\n"
    )
    assert code == 0
    assert [(item[0], item[3]) for item in planned()] == [
        ("book.md", "spoken/book.anna"),
        ("p.txt", "music/001-rain-on-a-roof"),
        ("p.txt", "music/002-wind"),
    ]
