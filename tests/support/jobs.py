"""Runs the steps of our action as a runner of GitHub would: expressions, files of outputs, caches, artifacts.

Only what the action uses is there; anything else is an error, so that nothing passes by not being understood.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.bench import COMMANDS

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
_INSTALL = "install"
"""The step that is not run here: it fetches packages. The commands of this environment are on the PATH."""


@dataclass
class Stores:
    """What outlives a job: caches by key, the newest last, and artifacts by name."""

    folder: Path
    caches: list[str] = field(default_factory=list)

    def place(self, kind: str, name: str) -> Path:
        """Where one of them lies."""
        return self.folder / kind / name

    def of(self, kind: str) -> list[str]:
        """The caches of a kind."""
        return [key for key in self.caches if key.startswith(f"earmark-{kind}-")]


@dataclass
class Job:
    """One job: a checkout, its inputs and the event that it is about."""

    workspace: Path
    stores: Stores
    inputs: Mapping[str, str]
    environ: Mapping[str, str]
    event: Mapping[str, Any] = field(default_factory=dict)
    number: int = 1
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    log: str = ""
    failed: int = 0  # the exit code of the first step that failed

    def __post_init__(self) -> None:
        self.temp = self.workspace.parent / f"temp-{self.number}"
        self.temp.mkdir()
        self.summary = self.temp / "summary.md"
        self.summary.touch()

    def run(self) -> "Job":
        """All steps."""
        given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
        assert set(self.inputs) <= set(given)
        self.inputs = {**{name: self.filled(str(value)) for name, value in given.items()}, **self.inputs}
        for step in ACTION["runs"]["steps"]:
            if step.get("id") == _INSTALL:
                continue
            name = step.get("id", step["name"])
            self.outcomes[name] = "skipped"
            if self._wanted(step.get("if", "success()")):
                self.outcomes[name] = "failure" if self._step(step) else "success"
        return self

    def _wanted(self, condition: str) -> bool:
        if "always()" not in condition and self.failed:
            return False
        return all(self._value(part) not in ("", "false") for part in condition.split(" && "))

    def filled(self, text: str) -> str:
        """A text with its expressions evaluated."""
        return _EXPRESSION.sub(lambda found: self._value(found[1]), text)

    def _value(self, expression: str) -> str:
        if " || " in expression:
            return next(filter(None, map(self._value, expression.split(" || "))), "")
        for sign in (" == ", " != "):
            if sign in expression:
                left, right = map(self._value, expression.split(sign))
                return "true" if (left == right) is (sign == " == ") else "false"
        if expression in ("always()", "success()"):
            return "true"
        if expression.startswith("'"):
            return expression.strip("'")
        return self._looked_up(expression)

    def _looked_up(self, name: str) -> str:
        context, *path = name.split(".")
        found: Any = {
            "inputs": self.inputs,
            "runner": {"temp": str(self.temp)},
            "steps": {
                step: {"outputs": self.outputs.get(step, {}), "outcome": outcome}
                for step, outcome in self.outcomes.items()
            },
            "github": {
                "event": self.event,
                "token": self.environ.get("GITHUB_TOKEN", ""),
                "run_id": str(self.number),
                "run_attempt": "1",
            },
        }[context]
        for each in path:
            found = found.get(each, {})
        return found if isinstance(found, str) else ""

    def _step(self, step: Mapping[str, Any]) -> int:
        """Do one step; its exit code."""
        if "uses" in step:
            uses = {
                "actions/cache/restore": self._restore,
                "actions/cache/save": self._save,
                "actions/upload-artifact": self._upload,
            }
            uses[step["uses"].partition("@")[0]](
                {name: self.filled(str(each)) for name, each in step["with"].items()}
            )
            return 0
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        told = self.temp / "output"
        told.write_text("")
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env={
                **self._environ(told),
                **{name: self.filled(each) for name, each in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += f"## {step['name']}\n{ended.stdout}"
        lines = dict(line.split("=", 1) for line in told.read_text().splitlines())
        self.outputs[step.get("id", step["name"])] = lines
        self.failed = self.failed or ended.returncode
        return ended.returncode

    def _environ(self, told: Path) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
        return {
            **plain,
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(told),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **{name: value for name, value in self.environ.items() if name != "GITHUB_TOKEN"},
        }

    def _restore(self, given: Mapping[str, str]) -> None:
        place = self.workspace / given["path"]
        prefixes = [given["key"], *given["restore-keys"].split()]
        for prefix in prefixes:
            for key in reversed(self.stores.caches):
                if key.startswith(prefix):
                    shutil.copytree(self.stores.place("caches", key), place, dirs_exist_ok=True)
                    return

    def _save(self, given: Mapping[str, str]) -> None:
        assert given["key"] not in self.stores.caches
        place = self.workspace / given["path"]
        if place.exists():
            shutil.copytree(place, self.stores.place("caches", given["key"]))
            self.stores.caches.append(given["key"])

    def _upload(self, given: Mapping[str, str]) -> None:
        if (self.workspace / given["path"]).exists():
            shutil.copytree(
                self.workspace / given["path"],
                self.stores.place("artifacts", given["name"]),
                dirs_exist_ok=True,
            )
