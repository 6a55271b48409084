"""Commands that are watched: events on stdout, lines on stderr, a command at the end."""

import json

import jsonschema
import pytest

from earmark import events
from simulator import Fault
from support.bench import wav

VALIDATOR = jsonschema.Draft202012Validator(events.schema())


def told(ended):
    """The events, each found valid."""
    found = [json.loads(line) for line in ended.out.splitlines()]
    for each in found:
        VALIDATOR.validate(each)
    return found


def kinds(found):
    return [each["event"] for each in found]


@pytest.fixture
def planned(bench):
    made = bench()
    for number in range(3):
        wav(made.folder / "media" / f"ep{number}.wav", 12, f"ep{number}")
    assert made.do("plan", "media", "--service", "transcription", "-q").code == 0
    return made


def test_events_tell_a_run_from_its_start_to_its_end(planned):
    ended = planned.do("run", "manifest.yaml", "--events", "--yes", "--wait", "20s")
    found = told(ended)
    assert kinds(found)[:2] == ["opened", "started"]
    assert kinds(found)[-1] == "ended"
    assert kinds(found).count("gate") == 1
    for file in ("ep0.wav", "ep1.wav", "ep2.wav"):
        own = [each for each in found if each.get("file") == file]
        assert sorted(kinds(own)) == ["charged", "finished", "saved", "submitted"]
        assert [each["charged"] for each in own if each["event"] == "charged"] == [1]
    assert (found[-1]["exit"], found[-1]["fates"], ended.code) == (0, {"saved": 3}, 0)
    assert found[-1]["amounts"]["spent"] == 3
    again = told(planned.do("run", "manifest.yaml", "--events", "--yes"))
    assert kinds(again) == ["opened", "started", "progress", "ended"]


def test_an_error_ends_the_events_too(planned):
    (only,) = told(planned.do("run", "none.yaml", "--events"))
    assert (only["event"], only["exit"]) == ("ended", 2)
    (only,) = told(planned.do("run", "manifest.yaml", "--events", "--frobnicate"))
    assert (only["event"], only["exit"]) == ("ended", 2)
    planned.environ.pop("AUDIOPOD_API_KEY", None)
    found = told(planned.do("run", "manifest.yaml", "--events", "--yes"))
    assert kinds(found)[0] == "opened"
    assert (found[-1]["event"], found[-1]["exit"]) == ("ended", 5)


def test_events_and_a_document_are_not_for_one_stdout(planned):
    for words in (("run", "manifest.yaml"), ("plan", "media", "--service", "transcription")):
        ended = planned.do(*words, "--events", "--json")
        assert ended.code == 2
        assert ended.json["exit"] == 2
        assert "--events and --json both write to stdout" in ended.err


def test_a_reader_that_goes_away_does_not_end_the_run(planned):
    process = planned.start("run", "manifest.yaml", "--events", "--yes", "--wait", "20s")
    assert '"opened"' in process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), "events" in err) == (0, False)
    assert planned.do("run", "manifest.yaml", "--json").json["exit"] == 0


def test_a_plan_tells_what_it_leaves_out_and_what_it_comes_to(planned):
    (planned.folder / "media" / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    ended = planned.do("plan", "media", "--service", "transcription", "--events", "-o", "p.yaml")
    found = told(ended)
    assert kinds(found)[0] == "opened"
    assert [(each["file"], each["reason"]) for each in found if each["event"] == "left_out"] == [
        ("media/cover.jpg", "not audio")
    ]
    (plan,) = [each for each in found if each["event"] == "planned"]
    assert (plan["items"], plan["expected"], plan["manifest"]) == (3, 3, "p.yaml")
    assert found[-1]["next"] == ["run p.yaml --max-spend 0.03"]
    refused = told(
        planned.do("plan", "media", "--service", "transcription", "--events", "--max-spend", "0.01")
    )
    assert (refused[-1]["exit"], kinds(refused)[-2]) == (3, "planned")
    assert refused[-2]["manifest"] is None


def test_a_verbose_plan_tells_each_item_and_every_file_that_is_left_out(planned):
    for number in range(12):
        (planned.folder / "media" / f"cover{number}.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    ended = planned.do("plan", "media", "--service", "transcription", "-v", "-o", "p.yaml")
    assert "priced    ep0.wav  transcription  0:12  $0.01\n" in ended.err
    assert ended.err.count("priced ") == 3
    assert ended.out.count(".jpg: a picture, not audio") == 12


def test_verbose_tells_each_item_on_stderr(planned):
    ended = planned.do("run", "manifest.yaml", "--yes", "-v", "--wait", "20s")
    lines = [line for line in ended.err.splitlines() if line.startswith("saved")]
    assert len(lines) == 3
    assert all("$0.01" in line and "results/ep" in line for line in lines)
    assert "saved" in ended.out


def test_a_refused_item_is_told_with_its_reason(bench):
    made = bench(Fault(at="submit:*", do="bad_request"))
    wav(made.folder / "a.wav")
    made.do("plan", "a.wav", "--service", "transcription", "-q")
    ended = made.do("run", "manifest.yaml", "--yes", "-v", "--events", "--wait", "20s")
    (rejected,) = [each for each in told(ended) if each["event"] == "rejected"]
    assert (rejected["charged"], rejected["job_id"]) == (0, "")
    assert rejected["reason"]
    assert "rejected  a.wav  transcription  not charged" in ended.err


def test_a_command_at_the_end_learns_of_it_and_changes_nothing(planned):
    command = 'cat > stdin.json; echo "$EARMARK_EXIT $EARMARK_OUTCOME $EARMARK_MANIFEST" > told.txt; exit 7'
    ended = planned.do("run", "manifest.yaml", "--max-spend", "0.01", "--on-end", command)
    assert ended.code == 3
    assert (planned.folder / "told.txt").read_text() == "3 refused manifest.yaml\n"
    report = json.loads((planned.folder / "stdin.json").read_text())
    assert (report["schema"], report["exit"], len(report["items"])) == ("earmark.report", 3, 3)
    assert "the command of --on-end ended with 7" in ended.err
    assert f"--on-end '{command}'" in ended.out  # the command that goes on has it, too
