"""`plan` with an earmark.toml: what it gives, what is typed wins, and which limits refuse, warn or fit."""

import json
import shutil
from pathlib import Path

import pytest

from earmark import main
from manifests.exits import Exit
from manifests.text import read_manifest

MEMO = Path(__file__).parents[4] / "examples/memos/archive-note.wav"  # 13.3 s
SONG = Path(__file__).parents[4] / "examples/songs/harbour.mp3"  # 20 s


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with two recordings and a draft; writes its earmark.toml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, source in (("talks/memo.wav", MEMO), ("songs/song.mp3", SONG), ("talks/draft-x.wav", MEMO)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(source, tmp_path / name)
    with (tmp_path / "talks/draft-x.wav").open("r+b") as draft:  # another sound
        draft.seek(1000)
        draft.write(b"\1\2\3\4")

    def write(text):
        (tmp_path / "earmark.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def plan(capsys):
    """Run the command; exit code, stdout with single blanks, stderr."""

    def run(*arguments):
        code = main.through_the_door("plan", lambda: main.load("plan"), list(arguments))
        out, err = capsys.readouterr()
        return code, " ".join(out.split()), err

    return run


def bought(path="manifest.yaml"):
    return sorted((item.file, item.service) for item in read_manifest(Path(path)).items)


PLAIN = "[plan]\nservices = 'transcription'\n"

# -- what it gives


def test_a_path_is_a_whole_command_and_the_screen_says_what_came_from_where(project, plan):
    project(
        "[plan]\nservices = ['transcription']\nformats = ['srt']\nexclude = '*draft*'\n"
        "output = 'talks/plan.yaml'\n[plan.set.transcription]\nlanguage = 'en'\n"
    )
    code, out, err = plan("talks")
    assert (code, err) == (0, "")
    (item,) = read_manifest(Path("talks/plan.yaml")).items
    assert (item.file, item.options) == ("memo.wav", {"language": "en", "formats": ["json", "srt"]})
    assert "policy earmark.toml says output, services, exclude, formats, transcription.language" in out
    assert out.endswith("next run talks/plan.yaml --max-spend 0.01")


def test_the_file_itself_is_no_input_of_a_plan(project, plan):
    project(PLAIN)
    code, out, _ = plan(".", "--strict")
    assert (code, "3 files seen: 3 to pay, 0 left out" in out, "made by" in out) == (0, True, False)


def test_without_a_file_and_without_a_service_nothing_changes(project, plan):
    code, _, err = plan("talks")
    assert (code, "say what to buy: --service SERVICE" in err) == (Exit.USAGE, True)


def test_rules_in_the_file_decide_and_their_faults_have_its_lines(project, plan):
    text = (
        "[plan]\nservices = 'transcription'\n[[rules]]\nmatch = '*draft*'\nskip = true\n"
        "[[rules]]\nmatch = 'songs/**'\nservice = 'stems:six'\n"
    )
    project(text)
    code, out, _ = plan(".")
    assert code == 0
    assert bought() == [("songs/song.mp3", "stems:six"), ("talks/memo.wav", "transcription")]
    assert "policy earmark.toml says services, rules" in out
    project(text.replace("'stems:six'", "'stems:sx'"))
    code, _, err = plan(".")
    assert (code, "earmark.toml:8: stems has no variant 'sx'" in err) == (Exit.USAGE, True)


def test_a_file_of_rules_is_named_from_where_the_policy_lies(project, plan, monkeypatch):
    folder = project("[plan]\nrules = 'rules.yaml'\n")
    (folder / "rules.yaml").write_text("rules:\n- {match: '*.mp3', service: stems:two}\n")
    monkeypatch.chdir(folder / "songs")
    assert plan("../songs", "../talks")[0] == 0
    assert bought() == [("songs/song.mp3", "stems:two")]


# -- what is typed wins


def test_typed_services_and_rules_take_the_place_of_the_files(project, plan):
    folder = project(
        "[plan]\nservices = 'stems:six'\nprefer = 'newest'\n[[rules]]\nmatch = '*'\nskip = true\n"
    )
    assert plan("songs", "--service", "transcription")[0] == 0
    assert bought() == [("song.mp3", "transcription")]
    (folder / "own.yaml").write_text("rules:\n- {match: '*.mp3', service: stems:two}\n")
    assert plan("songs", "--rules", "own.yaml")[0] == 0
    assert bought() == [("song.mp3", "stems:two")]


@pytest.mark.parametrize("typed", ["language=de", "transcription.language=de"])
def test_a_typed_option_wins_and_the_others_stay(project, plan, typed):
    project(f"{PLAIN}[plan.set.transcription]\nlanguage = 'en'\nmin_speakers = 2\n")
    assert plan("talks/memo.wav", "--set", typed)[0] == 0
    assert read_manifest(Path("manifest.yaml")).items[0].options == {"language": "de", "min_speakers": 2}


def test_options_of_services_that_are_not_bought_are_left_aside(project, plan):
    project("[plan.set.transcription]\nlanguage = 'en'\n[plan.set.'stems:single']\nstem = 'vocals'\n")
    assert plan("songs", "--service", "stems:six", "--service", "stems:single")[0] == 0
    options = {item.service: item.options for item in read_manifest(Path("manifest.yaml")).items}
    assert options == {"stems:six": {}, "stems:single": {"stem": "vocals"}}


def test_include_takes_the_place_and_exclude_adds(project, plan):
    project(f"{PLAIN}include = '*.mp3'\nexclude = '*draft*'\n")
    plan(".")
    assert [file for file, _ in bought()] == ["songs/song.mp3"]
    plan(".", "--include", "talks/**")
    assert [file for file, _ in bought()] == ["talks/memo.wav"]
    code, _, _ = plan(".", "--include", "**", "--exclude", "memo.wav")
    assert (code, [file for file, _ in bought()]) == (0, ["songs/song.mp3"])


def test_a_command_to_type_next_leaves_out_what_the_file_says_anyway(project, plan):
    project(f"{PLAIN}exclude = '*draft*'\nprefer = 'shortest'\n[plan.set.transcription]\nlanguage = 'en'\n")
    code, out, _ = plan(".", "--exclude", "x*", "--set", "min_speakers=2", "--max-spend", "0.01")
    assert code == Exit.REFUSED
    assert "plan . --set min_speakers=2 --exclude 'x*' --max-spend 0.01 --fit" in out


# -- limits


def test_an_item_above_its_cap_is_named_and_nothing_is_written(project, plan):
    project(f"{PLAIN}[caps]\nfile = '0.03'\n")
    code, out, err = plan(".", "--service", "stems:six")
    assert code == Exit.REFUSED
    assert "limit 1 item above $0.03 an item (earmark.toml:4): songs/song.mp3 $0.04" in out
    assert "OVER A LIMIT. Nothing was uploaded or paid, no manifest was written." in out
    assert "fits plan . --service stems:six --fit --prefer listed (2 items, at most $0.06)" in out
    assert 'all raise caps.file to "0.04" (earmark.toml:4)' in out
    told = "1 item may cost up to $0.04, and none more than $0.03 (earmark.toml:4)"
    assert err == f"plan: {told}; no manifest was written\n"
    assert not Path("manifest.yaml").exists()


def test_of_many_items_above_their_cap_few_are_named_and_all_can_be_listed(project, plan):
    folder = project(f"{PLAIN}[caps]\nfile = '0.00'\n")
    for number in range(4):
        shutil.copy(SONG, folder / f"songs/{number}.mp3")
        with (folder / f"songs/{number}.mp3").open("ab") as song:
            song.write(bytes([number]))
    code, out, _ = plan("songs")
    assert (code, "0.mp3 $0.01, 1.mp3 $0.01" in out) == (Exit.REFUSED, True)
    assert "and 2 more; list: --fit --show did-not-fit" in out
    code, out, _ = plan("songs", "--fit", "--show", "did-not-fit")
    assert (code, all(f"{name}.mp3 0:20" in out for name in (0, 1, 2, 3, "song"))) == (Exit.REFUSED, True)


def test_fit_keeps_what_is_below_and_needs_no_other_amount(project, plan):
    project(f"{PLAIN}[caps]\nfile = '0.03'\nservice = {{stems = '0.05'}}\n")
    code, out, _ = plan(".", "--service", "stems:six", "--service", "transcription", "--fit")
    assert code == 0
    services = [service for _, service in bought()]
    assert (services.count("stems:six"), services.count("transcription")) == (1, 3)
    assert "1 item above $0.03 an item (earmark.toml:4), left out: songs/song.mp3 $0.04 (stems:six)" in out


@pytest.mark.parametrize(
    ("caps", "told"),
    [
        ("run = '0.02'", "up to $0.03, and a run may cost $0.02 (earmark.toml:4)"),
        ("month = '0.02'", "up to $0.03, and this month (UTC) may cost $0.02 (earmark.toml:4)"),
        (
            "service = {transcription = '0.02'}",
            "up to $0.03 for transcription, and transcription in a run may cost $0.02 (earmark.toml:4)",
        ),
    ],
)
def test_what_runs_would_refuse_is_told_and_planned(project, plan, caps, told):
    project(f"{PLAIN}[caps]\n{caps}\n")
    code, out, _ = plan(".")
    assert (code, len(bought())) == (0, 3)
    assert f"limit {told}: run will refuse, --fit keeps what may be bought" in out
    code, out, _ = plan(".", "--fit")
    assert (code, len(bought())) == (0, 2)
    assert f"limit {told}: the rest did not fit" in out
    assert "beyond a limit" in out
    assert "over the cap" not in out


def test_thresholds_warn_and_block_a_plan(project, plan):
    project(f"{PLAIN}[thresholds]\nwarn = '0.01'\nblock = '0.03'\n")
    code, out, _ = plan(".")
    assert (code, "warning up to $0.03: earmark.toml:4 warns above $0.01" in out) == (0, True)
    project(f"{PLAIN}[thresholds]\nwarn = '5'\nblock = '0.02'\n")
    code, out, err = plan(".")
    assert (code, "warning" in out) == (Exit.REFUSED, False)
    assert err == "plan: up to $0.03, and a plan may cost $0.02 (earmark.toml:5); no manifest was written\n"
    assert 'all raise thresholds.block to "0.03" (earmark.toml:5)' in out
    code, _, _ = plan(".", "--fit", "--max-spend", "5")
    assert (code, len(bought())) == (0, 2)


def test_nothing_fits_under_limits_of_nothing(project, plan):
    project(f"{PLAIN}[caps]\nrun = 0\n")
    code, out, err = plan(".", "--fit")
    assert (code, "Nothing fits." in out) == (Exit.REFUSED, True)
    assert "nothing fits under the cap: up to $0.03, and a run may cost $0.00 (earmark.toml:4)" in err


def test_a_file_cannot_raise_what_the_environment_allows_an_item(project, plan, monkeypatch):
    monkeypatch.setenv("EARMARK_MAX_SPEND_FILE", "0.03")
    project(f"{PLAIN}[caps]\nfile = '1000'\n")
    code, _, err = plan("songs", "--service", "stems:six")
    assert code == Exit.REFUSED
    assert "(EARMARK_MAX_SPEND_FILE; earmark.toml:4 says $1,000.00)" in err


def test_machines_are_told_of_limits_as_people_are(project, plan):
    project(f"{PLAIN}[caps]\nfile = '0.03'\nrun = '0.05'\n[thresholds]\nwarn = '0.01'\n")
    code, out, _ = plan(".", "--service", "stems:six", "--json")
    document = json.loads(out)
    assert (code, document["outcome"]) == (Exit.REFUSED, "over a limit")
    told = [
        (each["kind"], each["items"], each["cents"], each["files"]) for each in document["planned"]["advice"]
    ]
    assert told[:3] == [
        ("above_threshold", 3, 10, []),
        ("over_limit", 3, 10, []),
        ("too_dear", 1, 0, ["songs/song.mp3"]),
    ]


def test_a_fault_ends_the_command_before_anything_is_read(project, plan):
    project("[plan]\nservice = 'transcription'\n")
    code, out, err = plan(".", "--json")
    assert code == Exit.USAGE
    assert err == "plan: earmark.toml:2: [plan] has no `service`; did you mean 'services'?\n"
    assert json.loads(out)["exit"] == 2
