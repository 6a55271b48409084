"""The command as a whole: files, caps and variables, with nothing configured and with much."""

import json

import pytest

from earmark import main
from earmark.doctor.settings import ALSO, KNOWN, OURS
from earmark.doctor_command import ORDER
from manifests.exits import Exit
from support import pages


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """Run the command in a folder of its own; exit code, checks by name, stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def run(*arguments):
        code = main.through_the_door("earmark", lambda: main.group, ["doctor", "--json", *arguments])
        out, err = capsys.readouterr()
        document = json.loads(out)
        assert document["exit"] == code
        return code, {each["check"]: each for each in document.get("checks", [])}, err

    return run


def test_with_nothing_configured_every_check_says_something_and_nothing_is_made(doctor, tmp_path):
    code, told, err = doctor()
    assert code == Exit.KEY
    assert tuple(told) == ORDER
    assert err == "doctor: a run would end with exit 5 because of key; also bad: service\n"
    assert [path.name for path in tmp_path.iterdir()] == [".git"]
    assert told["policy"]["words"] == "no earmark.toml here or above"


def test_each_key_is_told_with_its_line_and_what_is_stronger(doctor, tmp_path, monkeypatch, capsys):
    (tmp_path / "earmark.toml").write_text("[caps]\nrun = '20'\nmonth = '3'\n[plan]\nprefer = 'newest'\n")
    (tmp_path / "near").mkdir()
    (tmp_path / "near/earmark.toml").write_text("[plan]\nprefer = 'listed'\n[caps]\nrun = '30'\n")
    monkeypatch.setenv("EARMARK_MAX_SPEND_RUN", "5")
    monkeypatch.setenv("EARMARK_MAX_SPEND", "4")
    _, told, _ = doctor("near")
    caps = {each["key"]: each for each in told["caps"]["details"]["limits"]}
    assert caps["caps.run"] == {
        "key": "caps.run",
        "cents": 500,
        "said_by": "EARMARK_MAX_SPEND_RUN",
        "beside": [
            {"said_by": "earmark.toml:2", "cents": 2000},
            {"said_by": "near/earmark.toml:4", "cents": 3000},
        ],
    }
    assert told["caps"]["details"]["manifest_cents"] == 400
    main.through_the_door("earmark", lambda: main.group, ["doctor", "near"])
    rows = " ".join(capsys.readouterr().out.split())
    assert "plan.prefer = listed near/earmark.toml:2, nearer than earmark.toml:5: newest" in rows
    assert (
        "caps.run = $20.00 earmark.toml:2, less than near/earmark.toml:4: $30.00,"
        " but EARMARK_MAX_SPEND_RUN says $5.00: that counts" in rows
    )
    assert "caps.month = $3.00 earmark.toml:3" in rows


def test_a_faulty_file_and_a_faulty_variable_are_exit_2(doctor, tmp_path, monkeypatch):
    (tmp_path / "earmark.toml").write_text("[caps]\nrun = 20.5\n")
    code, told, _ = doctor()
    assert (code, told["policy"]["exit"]) == (Exit.USAGE, Exit.USAGE)
    assert told["policy"]["words"].startswith("earmark.toml:2: `run`: amounts stand in quotes")
    (tmp_path / "earmark.toml").unlink()
    monkeypatch.setenv("EARMARK_MAX_SPEND", "lots")
    code, told, _ = doctor()
    assert (code, told["caps"]["words"].startswith("EARMARK_MAX_SPEND: 'lots'")) == (Exit.USAGE, True)


def test_variables_are_told_secrets_are_not(doctor, monkeypatch, capsys):
    monkeypatch.setenv("AUDIOPOD_SESSION_TOKEN", "not for anybody")
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:swordfish@proxy:3128")
    monkeypatch.setenv("GITHUB_TOKEN", "swordfish")
    monkeypatch.setenv("ALL_PROXY", "bert:swordfish@proxy:1080")
    monkeypatch.setenv("EARMARK_LEDGER", "postgresql://carl:sword@fish@db/ledger?sslkey=swordfish")
    monkeypatch.setenv("AUDIOPOD_BASE_URL", "https://dora:swordfish@example.org")
    monkeypatch.setenv("EARMARK_MAX_SPND", "3")
    _, told, _ = doctor()
    assert told["environment"]["words"].startswith(
        "EARMARK_MAX_SPND is none that Earmark reads; did you mean 'EARMARK_MAX_SPEND'?"
    )
    main.through_the_door("earmark", lambda: main.group, ["doctor"])
    out = capsys.readouterr().out
    assert "not for anybody" not in out
    assert "swordfish" not in out
    assert "fish" not in out
    assert "HTTPS_PROXY = http://…@proxy:3128" in out
    assert "ALL_PROXY = …@proxy:1080" in out
    assert "EARMARK_LEDGER = postgresql://…@db/ledger?…" in out
    assert "AUDIOPOD_BASE_URL = https://…@example.org" in out


@pytest.mark.parametrize(
    ("meant", "told"),
    [
        ("host=db user=carl password=swordfish dbname=x", "host=db user=carl password=… dbname=x"),
        ("host=db password = 'sword fish'", "host=db password =…"),
        ("postgresql:carl:swordfish@db/x", "postgresql:…@db/x"),
    ],
)
def test_a_ledger_s_address_that_is_none_shows_no_password_either(doctor, monkeypatch, capsys, meant, told):
    monkeypatch.setenv("EARMARK_LEDGER", meant)
    main.through_the_door("earmark", lambda: main.group, ["doctor"])
    out = " ".join(capsys.readouterr().out.split())
    assert "fish" not in out
    assert f"EARMARK_LEDGER = {told}" in out
    assert "write it as postgresql://user@host:5432/database" in out


def test_a_path_that_is_not_there_is_exit_2(doctor):
    code, told, err = doctor("nowhere")
    assert (code, told) == (Exit.USAGE, {})
    assert "no such path: nowhere" in err


def test_a_manifest_s_folder_is_looked_at(doctor, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/manifest.yaml").touch()
    _, told, _ = doctor("in/manifest.yaml")
    assert told["results"]["words"] == f"{tmp_path}/in/results, made by the first run"


def test_the_variables_that_are_known_are_those_of_the_manual():
    rows = pages.rows(pages.sections("docs/commands.md")["Environment"])
    told = {word for row in rows for word in pages.words(row[0])}
    assert {word for word in told if word.startswith(OURS)} == set(KNOWN)
    assert not {word for word in ALSO if word.startswith(OURS)}
