"""One comment under a pull request, brought up to date in place; the token is shown nowhere."""

import json

import pytest

from earmark import main
from earmark.diff.markdown import tag
from support.checkout import Checkout
from support.fake_forge import TOKEN, FakeForge

OURS = tag("earmark")


@pytest.fixture
def forge():
    with FakeForge().serving() as forge:
        yield forge


@pytest.fixture
def job(tmp_path, monkeypatch, capsys, forge):
    """A pull request of one more recording; what a job's command ends with, by its environment."""
    checkout = Checkout(tmp_path / "work")
    checkout.folder.mkdir()
    checkout.begin()
    checkout.wav("talks/ep1.wav")
    checkout.commit()
    checkout.wav("talks/ep2.wav")
    monkeypatch.chdir(checkout.folder)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    told = forge.environ(str(event))

    def do(*words, **environ):
        with monkeypatch.context() as patch:
            for name, value in (environ.pop("environ", None) or {**told, **environ}).items():
                patch.setenv(name, value)
            arguments = ["talks", "--base", "main", "--service", "transcription", "-q", "--comment", *words]
            code = main.through_the_door("earmark diff", lambda: main.load("diff"), arguments)
        out, err = capsys.readouterr()
        assert TOKEN not in out + err
        return code, err

    return do


def bodies(forge):
    return [each["body"].splitlines()[0] for each in forge.comments]


def test_a_comment_is_written_once_and_then_brought_up_to_date(job, forge):
    assert job() == (0, "diff: comment written: https://forge.example/7#1\n")
    assert job() == (0, "diff: comment up to date already\n")
    forge.comments[0]["body"] = f"{OURS}\r\nan older one\r\n"
    assert job() == (0, "diff: comment brought up to date: https://forge.example/7#1\n")
    assert bodies(forge) == [OURS]
    assert "### This change costs $0.01" in forge.comments[0]["body"]


def test_each_name_has_its_comment(job, forge):
    job()
    job("--name", "second")
    assert bodies(forge) == [OURS, tag("second")]


def test_only_a_comment_of_the_same_author_is_touched(job, forge):
    forge.add(f"{OURS}\na person who wants it", "mallory")
    forge.add(f"> {OURS}\na quotation")
    forge.add(f"{OURS}\nanother bot's", "other[bot]")
    forge.add(f"{OURS}\nof a person with a bot's name", "github-actions")
    assert job()[0] == 0
    assert [each["body"].splitlines()[1][:6] for each in forge.comments] == [
        "a pers",
        "a quot",
        "anothe",
        "of a p",
        "### Th",
    ]
    forge.login = ""  # GitHub does not tell whose the token is: that of a workflow
    assert job() == (0, "diff: comment up to date already\n")
    forge.login = "mallory"
    job()
    assert [each["user"]["login"] for each in forge.comments if "### This" in each["body"]] == [
        "mallory",
        "github-actions[bot]",
    ]


def test_all_pages_of_comments_are_looked_through(job, forge):
    for number in range(250):
        forge.add(f"comment {number}", "somebody")
    forge.add(f"{OURS}\nold")
    assert "brought up to date" in job()[1]
    assert len(forge.comments) == 251
    assert [call for call in forge.calls if "page=" in call][-1].endswith("page=3")


def test_a_token_that_may_only_read_is_a_warning_and_the_jobs_page_has_it(job, forge, tmp_path):
    forge.refuse = {"POST": 403}
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    code, err = job(GITHUB_STEP_SUMMARY=str(page))
    assert code == 0
    assert err == (
        "diff: no comment: GitHub answers 403: Resource not accessible by Bearer (key);"
        " it stands on the job's page instead\n"
    )
    assert page.read_text().startswith(f"before\n\n{OURS}\n### This change costs $0.01")
    assert job()[0] == 0
    assert job(GITHUB_STEP_SUMMARY=str(tmp_path / "no/such/folder"))[0] == 0


@pytest.mark.parametrize("status", [401, 404, 422, 429, 500, 502])
def test_a_comment_that_cannot_be_posted_is_a_failure(job, forge, status):
    forge.refuse = {"POST": status}
    code, err = job()
    assert code == 1
    assert f"no comment: GitHub answers {status}" in err
    assert [call.split()[0] for call in forge.calls] == ["GET", "POST"]  # once, never again


def test_an_answer_that_is_none_is_a_failure(job, forge):
    forge.garbled = True
    assert job()[0] == 1
    code, err = job(GITHUB_API_URL="http://127.0.0.1:1")
    assert (code, "GitHub does not answer as it should" in err) == (1, True)


def test_a_list_of_something_else_is_a_failure(job, forge):
    forge.comments.append({"message": "no comment"})
    code, err = job()
    assert (code, "answers with no list of comments" in err) == (1, True)


def test_thresholds_win_over_what_became_of_the_comment(job, forge):
    code, err = job("--fail-above", "0")
    assert (code, bodies(forge)) == (3, [OURS])
    assert "above --fail-above $0.00" in err
    forge.refuse = {"GET": 500}
    assert job("--fail-above", "0")[0] == 3


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"GITHUB_TOKEN": ""}, "--comment needs GITHUB_TOKEN"),
        ({"GITHUB_TOKEN": "two words"}, "GITHUB_TOKEN holds no token"),
        ({"GITHUB_REPOSITORY": "../../x"}, "needs GITHUB_REPOSITORY"),
        ({"GITHUB_REPOSITORY": "owner/.."}, "needs GITHUB_REPOSITORY"),
        ({"GITHUB_API_URL": "http://api.example.org"}, "GITHUB_API_URL: "),
        ({"GITHUB_API_URL": "nonsense"}, "GITHUB_API_URL: "),
        ({"GITHUB_EVENT_PATH": ""}, "which pull request? add --pull NUMBER"),
        ({"GITHUB_EVENT_PATH": "/nonexistent"}, "which is no event"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_compared(job, forge, environ, told):
    code, err = job(**environ)
    assert code == 2
    assert told in err
    assert forge.calls == []


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("{}", "about no pull request"),
        ("[]", "about no pull request"),
        ('{"issue": {"number": 7}}', "about no pull request"),
        ('{"pull_request": {"number": "7; rm"}}', "about no pull request"),
        ("{", "which is no event"),
    ],
)
def test_an_event_of_something_else_is_told(job, tmp_path, event, told):
    path = tmp_path / "other.json"
    path.write_text(event)
    code, err = job(GITHUB_EVENT_PATH=str(path))
    assert (code, told in err) == (2, True)
    assert job("--pull", "7", GITHUB_EVENT_PATH=str(path))[0] == 0


def test_a_comment_on_a_pull_request_is_an_event_of_it(job, forge, tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"issue": {"number": 7, "pull_request": {}}}')
    assert job(GITHUB_EVENT_PATH=str(path))[0] == 0


def test_gitlab_gets_a_note_in_the_same_way(job, forge):
    forge.login = "project_5_bot"
    assert job(environ=forge.gitlab()) == (0, "diff: comment written\n")
    forge.comments[0]["body"] = OURS
    forge.add(f"{OURS}\nsystem", "project_5_bot")
    assert job(environ=forge.gitlab()) == (0, "diff: comment brought up to date\n")
    assert "### This change costs" in forge.comments[0]["body"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"GITLAB_TOKEN": ""}, "--comment needs GITLAB_TOKEN"),
        ({"CI_PROJECT_ID": "a/b"}, "needs CI_PROJECT_ID"),
        ({"CI_MERGE_REQUEST_IID": ""}, "which merge request?"),
        ({"CI_API_V4_URL": ""}, "CI_API_V4_URL: "),
    ],
)
def test_what_gitlab_lacks_is_told(job, forge, change, told):
    code, err = job(environ={**forge.gitlab(), **change})
    assert (code, told in err) == (2, True)


def test_elsewhere_there_is_nothing_to_comment(job):
    code, err = job(environ={"HOME": "/"})
    assert (code, "no GITHUB_REPOSITORY or CI_PROJECT_ID is set" in err) == (2, True)


def test_a_number_goes_with_a_comment(capsys):
    words = ["a.yaml", "b.yaml", "--pull", "7"]
    assert main.through_the_door("earmark diff", lambda: main.load("diff"), words) == 2
    assert "--pull goes with --comment" in capsys.readouterr().err
