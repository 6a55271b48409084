"""What holds for the project as a whole: its files, its metadata, its modules."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("earmark", "planner", "runner", "stores", "manifests", "simulator")
LONGEST = 400

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]

IMPORT_NAMES = {"pyyaml": "yaml", "python-multipart": "python_multipart"}
"""Distributions whose import name differs from their own."""

STRANGERS = {
    "a path of somebody's machine": re.compile(r"(?<![\w.$~}/-])/(?:w[o]rk|r[o]ot|o[p]t)/"),
    "the host of a package registry": re.compile(
        r"py[p]i\.org|python[h]osted|registry\.np[m]js|deb\.deb[i]an\.org|proxy\.gol[a]ng"
    ),
    "a word of the tools it was written with": re.compile(
        r"(?<!user[-_ ])\bag[e]nts?\b|\bsub-?ag[e]nt|\bassist[a]nts?\b|\bT[O]DO\b|\bF[I]XME\b",
        re.IGNORECASE,
    ),
}


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


@cache
def texts() -> dict[Path, str]:
    """Every tracked file that is a text."""
    found = {}
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            found[path.relative_to(ROOT)] = data.decode("utf-8", "replace")
    return found


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def names_of(requirements: list[str]) -> set[str]:
    """The import names that stand behind requirements."""
    bare = [re.split(r"[\[<>=~! ]", each, maxsplit=1)[0].lower() for each in requirements]
    return {IMPORT_NAMES.get(each, each) for each in bare}


@cache
def imported(room: str) -> frozenset[str]:
    """The top-level names that a room imports from outside the project and the standard library."""
    found = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return frozenset(found - set(sys.stdlib_module_names) - set(ROOMS))


# Files


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_file_tells_of(stranger):
    pattern = STRANGERS[stranger]
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("stranger", "line"),
    [
        ("a path of somebody's machine", "see /" + "root/earmark/notes"),
        ("a path of somebody's machine", "open('/" + "opt/ann/x.wav')"),
        ("the host of a package registry", "https://py" + "pi.org/simple"),
        ("a word of the tools it was written with", "the ag" + "ent said"),
        ("a word of the tools it was written with", "# TO" + "DO later"),
    ],
)
def test_strangers_would_be_seen(stranger, line):
    assert STRANGERS[stranger].search(line)


@pytest.mark.parametrize(
    "line",
    [
        "a User-Agent header",
        "def user_agent()",
        "results/talks/w" + "ork/a.srt",
        "~/w" + "ork/talks",
        "../r" + "oot/x",
    ],
)
def test_plain_words_are_no_strangers(line):
    assert not any(pattern.search(line) for pattern in STRANGERS.values())


def test_no_lock_file_with_download_addresses():
    locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "pylock.toml"}
    assert not locks & {path.name for path in tracked()}


def test_no_large_file():
    assert [named(path) for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_texts_end_with_one_newline_and_have_no_blanks_at_line_ends():
    untidy = [
        str(path)
        for path, text in texts().items()
        if path.suffix in {".py", ".md", ".toml", ".sh", ".sql", ""}
        and text
        and (not text.endswith("\n") or text.endswith("\n\n") or re.search(r"[ \t]\n", text))
    ]
    assert untidy == []


# Modules


@pytest.mark.parametrize("path", modules(), ids=named)
def test_module_says_what_it_is_and_is_short(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) < LONGEST


def test_tests_are_at_least_as_long_as_the_code():
    def lines(paths):
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)

    assert lines((ROOT / "tests").rglob("*.py")) >= lines(modules())


def test_tests_are_no_packages():
    assert [named(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


# Metadata


def test_each_import_is_declared_and_each_dependency_is_imported():
    product = set().union(*(imported(room) for room in ROOMS if room != "simulator"))
    extras = names_of(EXTRAS["distributed"]) | names_of(EXTRAS["storage"])
    assert product - extras == names_of(PYPROJECT["project"]["dependencies"])


def test_a_fleet_declares_what_it_adds():
    assert names_of(EXTRAS["distributed"]) <= imported("runner")


def test_one_file_speaks_to_the_queue():
    speakers = [
        named(path)
        for path in modules()
        if re.search(r"^\s*from procrastinate", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert speakers == ["runner/executors/procrastinate_door.py"]


def test_the_simulator_declares_what_it_adds():
    product = names_of(PYPROJECT["project"]["dependencies"])
    assert imported("simulator") - product == names_of(EXTRAS["simulator"])


def test_each_room_is_in_the_wheel_in_coverage_and_under_the_linters():
    tools = PYPROJECT["tool"]
    assert set(tools["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(ROOMS)
    assert set(tools["coverage"]["run"]["source"]) == set(ROOMS)
    assert set(tools["importlinter"]["root_packages"]) == set(ROOMS)
    assert set(ROOMS) <= set(tools["mypy"]["files"])


def test_every_requirement_has_a_lower_bound_that_can_be_tested():
    lowest = subprocess.run(
        [sys.executable, ".ci/lowest.py"],
        cwd=ROOT,
        input=(ROOT / "pyproject.toml").read_bytes(),
        check=True,
        capture_output=True,
    ).stdout.decode()
    pins = dict(line.split("==") for line in lowest.splitlines())
    assert names_of([*PYPROJECT["project"]["dependencies"], *EXTRAS["simulator"]]) <= names_of(list(pins))
    assert all(re.fullmatch(r"[0-9.]+", version) for version in pins.values())


def test_a_requirement_without_a_bound_is_refused():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").replace('"click>=', '"click!=')
    refused = subprocess.run(
        [sys.executable, ".ci/lowest.py"], cwd=ROOT, input=text.encode(), capture_output=True, check=False
    )
    assert refused.returncode == 1
    assert b"'click!=" in refused.stderr


# The two commands of the README


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.findall(r"^  make (\w+)  +\S", shown, re.MULTILINE) == phony


def test_ci_runs_the_test_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def only(folder, *tools):
    """A folder for PATH that has these tools and no others."""
    folder.mkdir()
    for tool in tools:
        (folder / tool).symlink_to(
            next(path for each in os.get_exec_path() if (path := Path(each, tool)).exists())
        )
    return folder


def test_ci_installs_what_a_bare_machine_lacks(tmp_path):
    path = only(tmp_path / "bin", "bash", "dirname")
    (path / "apt-get").write_text(f'#!{path}/bash\necho "apt-get $*"\n')
    (path / "apt-get").chmod(0o755)
    ended = subprocess.run(
        [str(path / "bash"), str(ROOT / ".ci" / "run")],
        cwd=tmp_path,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    updated, installed = [line for line in ended.stdout.splitlines() if line.startswith("apt-get ")]
    assert updated.split()[1] == "update"
    wanted = "make git chromium postgresql iproute2 python3 python3-venv"
    assert installed.endswith(f" {wanted}")
    assert ended.returncode == 127, "make is still missing: that must not pass"


@pytest.mark.parametrize("python", ["", "no-such-python"])
def test_without_a_python_make_says_what_to_install(python, tmp_path):
    path = only(tmp_path / "bin", "bash", "make")
    ended = subprocess.run(
        ["make", "demo", f"VENV={tmp_path}/venv", f"PYTHON={python}", f"SHELL={path}/bash"],
        cwd=ROOT,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "needs Python 3.11 or newer" in ended.stderr
    assert "make PYTHON=" in ended.stderr


def test_no_module_needs_itself_through_others():
    graph = grimp.build_graph(*ROOMS, exclude_type_checking_imports=True)
    order = TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules})
    order.prepare()  # raises CycleError, which names the circle
