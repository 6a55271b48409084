"""What runs a fleet, as it stands in deploy/: the compose file, the image, the units of systemd."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from hashlib import sha256
from pathlib import Path

import click
import jsonschema
import psycopg
import pytest
import yaml

from earmark.main import COMMANDS as OURS
from earmark.main import load as command
from earmark.variables import READ
from support import compose, pg
from support.bench import COMMANDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILE = DEPLOY / "compose.yaml"
SPEC = ROOT / "tests/data/compose"
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "example.env").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
UNITS = sorted(each for each in DEPLOY.iterdir() if each.suffix in (".service", ".timer"))


@pytest.fixture(scope="module")
def document():
    return compose.load(FILE, EXAMPLE)


def parsed(words):
    """The command of a line, its options read and nothing done."""
    chosen, rest = command(words[0]), list(words[1:])
    while isinstance(chosen, click.Group):
        chosen = chosen.commands[rest.pop(0)]
    return chosen.make_context("x", rest).command


# the compose file


def test_the_compose_file_is_one_by_the_published_schema(document):
    schema = json.loads((SPEC / "compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(document)


def test_the_schema_tells_a_file_that_is_none(document):
    schema = json.loads((SPEC / "compose-spec.json").read_text(encoding="utf-8"))
    wrong = {**document, "services": {**document["services"], "worker": {"comand": ["worker"]}}}
    with pytest.raises(jsonschema.ValidationError, match="comand"):
        jsonschema.Draft7Validator(schema).validate(wrong)


def test_the_schema_is_as_it_is_named_and_has_its_licence():
    (entry,) = tomllib.loads((SPEC / "VENDORED.toml").read_text(encoding="utf-8"))["file"]
    assert sha256((SPEC / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
    assert "Apache License" in (SPEC / entry["licence_file"]).read_text(encoding="utf-8")


def test_it_has_the_database_the_workers_and_the_simulator(document):
    services = document["services"]
    assert set(services) == {"postgres", "migrate", "worker", "simulator", "rehearsal-worker"}
    assert {name for name, each in services.items() if not each.get("profiles")} == {"postgres", "migrate"}
    assert services["worker"]["profiles"] == ["fleet"]
    assert services["worker"]["deploy"]["replicas"] == EXAMPLE["EARMARK_WORKERS"]


@pytest.mark.parametrize("name", ["migrate", "worker", "simulator", "rehearsal-worker"])
def test_each_command_is_one_of_ours(document, name):
    assert isinstance(parsed(document["services"][name]["command"]), click.Command)


def test_whoever_waits_for_health_waits_for_a_service_that_tells_it(document):
    services = document["services"]
    for each in services.values():
        for other, how in each.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or services[other]["healthcheck"]["test"]


def test_it_sets_no_variable_that_nothing_reads(document):
    set_ = {name for each in document["services"].values() for name in each.get("environment", {})}
    assert {each for each in set_ if each.startswith(("EARMARK_", "AUDIOPOD_"))} <= set(READ)


def test_all_that_may_be_set_is_in_the_example_and_the_password_must_be():
    named = set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8")))
    assert named == set(EXAMPLE)
    with pytest.raises(compose.Unset, match=r"EARMARK_DATABASE_PASSWORD: copy deploy/example\.env"):
        compose.load(FILE, {})


def test_a_rehearsal_has_no_key_of_anybody_and_reaches_the_simulator_alone(document):
    worker = document["services"]["rehearsal-worker"]
    assert worker["network_mode"] == "service:simulator"
    assert worker["environment"]["AUDIOPOD_BASE_URL"].startswith("http://127.0.0.1:")
    assert "secrets" not in worker


def test_what_is_secret_comes_into_no_image_and_no_repository():
    for name in (".gitignore", ".dockerignore"):
        assert {"deploy/.env", "deploy/*.key"} <= set((ROOT / name).read_text(encoding="utf-8").split())


def test_the_rehearsal_works_as_it_stands(document, postgres, tmp_path):
    media, results, log = (tmp_path / name for name in ("media", "results", "log"))
    for folder in (results, log):
        folder.mkdir()
    shutil.copytree(ROOT / "examples/podcasts", media)
    with postgres.fresh() as dsn:
        port = str(pg.free_port())
        project = compose.Project(
            document,
            swaps={
                document["services"]["migrate"]["environment"]["EARMARK_LEDGER"]: dsn,
                "8077": port,
                "/media": str(media),
                "/results": str(results),
            },
            place=results,
            log=log,
            there=("postgres",),
            environ={
                "PATH": f"{COMMANDS}:{pg.programs()}:/usr/bin:/bin",
                "PGHOST": "127.0.0.1",
                "PGPORT": str(postgres.port),
                "XDG_STATE_HOME": str(tmp_path / "state"),
            },
        )
        with project.up("rehearsal"):
            planned = project.once(
                "rehearsal-worker", "plan", "/media", "--service", "transcription", "-o", "m.yaml"
            )
            assert planned.returncode == 0, planned.stderr
            ran = project.once("rehearsal-worker", "run", "m.yaml", "--max-spend", "5")
            assert ran.returncode == 0, ran.stderr
            shown = project.once("rehearsal-worker", "status", "m.yaml", "--json")
            hosts = {each["host"] for each in json.loads(shown.stdout)["hosts"] if each["alive"]}
            assert hosts >= {"rehearsal-worker-1", "rehearsal-worker-2"}
            codes = project.down()
        assert codes == {"simulator": [0], "migrate": [0], "postgres": [], "rehearsal-worker": [143, 143]}
        assert {each.stem for each in results.glob("*.txt")} == {"ep01", "ep02", "ep03", "trailer"}


# the image


def test_the_image_has_extras_that_there_are_and_begins_with_our_command():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r"'/src\[([a-z,]+)\]'", text)[1].split(",")
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"distributed", "simulator"} <= set(extras) <= set(known["optional-dependencies"])
    assert f'ENTRYPOINT ["{compose.ENTRY}"]' in text
    assert compose.ENTRY in known["scripts"]
    assert re.search(r"^USER earmark$", text, re.MULTILINE)


# systemd


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_the_units_are_units(tmp_path):
    for each in UNITS:
        text = each.read_text(encoding="utf-8").replace("/usr/local/bin/earmark", str(COMMANDS / "earmark"))
        (tmp_path / each.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def unit(name):
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_the_worker_of_systemd_is_started_with_words_of_ours():
    program, *words = shlex.split(unit("earmark-worker.service")["ExecStart"])
    assert Path(program).name == compose.ENTRY
    assert words[0] in OURS
    assert isinstance(parsed(words), click.Command)


def test_the_backup_is_a_dump_that_can_be_restored(postgres, tmp_path):
    shell, flag, script = shlex.split(unit("earmark-backup.service")["ExecStart"])
    script = script.replace("$$", "$").replace("%%", "%")
    bin_ = pg.programs()
    with postgres.fresh() as dsn, postgres.fresh() as other:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE paid AS SELECT 7 AS cents")
        environ = {"EARMARK_LEDGER": dsn, "PATH": f"{bin_}:/usr/bin:/bin"}
        subprocess.run([shell, flag, script], cwd=tmp_path, env=environ, check=True)
        (dump,) = tmp_path.iterdir()
        assert re.fullmatch(r"\w{3}-\d\d\.dump", dump.name)
        subprocess.run([bin_ / "pg_restore", "--dbname", other, dump], check=True)
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT cents FROM paid").fetchall() == [(7,)]


def test_every_file_is_told_of():
    told = (DEPLOY / "README.md").read_text(encoding="utf-8")
    names = {each.name for each in DEPLOY.iterdir() if each.name != "README.md"}
    assert {name for name in names if f"({name})" not in told} <= {".env", "audiopod.key", "results"}
    assert yaml.safe_load(FILE.read_text(encoding="utf-8"))["name"] == "earmark"
