"""A compose file without an engine: read as one reads it, its services done as processes of this machine.

What a container would bring is put in its place: folders for its volumes, this machine's addresses and
ports for the names of services. Order, commands, environments and health checks are the file's own.
"""

import os
import re
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.bench import COMMANDS
from support.waiting import PATIENCE, until

ENTRY = "earmark"
"""The image's entry point (deploy/Dockerfile)."""

_VARIABLE = re.compile(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}|\$(\$|\w+)")


class Unset(Exception):
    """A variable that the file insists on is not set."""


def interpolated(value: Any, environ: Mapping[str, str]) -> Any:
    """A value with its variables filled in, as the compose specification has it."""
    if isinstance(value, dict):
        return {key: interpolated(each, environ) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolated(each, environ) for each in value]
    return _VARIABLE.sub(lambda match: _filled(match, environ), value) if isinstance(value, str) else value


def _filled(match: re.Match[str], environ: Mapping[str, str]) -> str:
    name, kind, rest, plain = match.groups()
    if plain:
        return "$" if plain == "$" else environ.get(plain, "")
    if not environ.get(name) and kind == ":?":
        raise Unset(f"{name}: {rest}")
    return environ.get(name) or (rest if kind == ":-" else "")


def load(path: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """A compose file: anchors, merges and variables resolved."""
    document: dict[str, Any] = interpolated(yaml.safe_load(path.read_text(encoding="utf-8")), environ)
    return document


@dataclass
class Project:
    """Services of a compose file that run here."""

    document: dict[str, Any]
    swaps: Mapping[str, str]
    """What stands in the file, and what stands for it here; the longest first."""

    place: Path
    """The image's working folder."""

    log: Path
    """A folder for what is printed."""

    there: Collection[str] = ()
    """Services that are there already: none of ours."""

    environ: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    @contextmanager
    def up(self, *profiles: str) -> Iterator["Project"]:
        """Start every service of no profile and of these, in the order that they depend on each other."""
        try:
            for name, service in self.document["services"].items():
                if not service.get("profiles") or set(service["profiles"]) & set(profiles):
                    self.start(name)
            yield self
        finally:
            self.down()

    def start(self, name: str) -> None:
        """Start a service, and before it what it depends on."""
        if name in self.running:
            return
        service = self.document["services"][name]
        for other, how in service.get("depends_on", {}).items():
            self.start(other)
            self._wait(other, how["condition"])
        self.running[name] = [] if name in self.there else self._replicas(name, service)

    def down(self) -> dict[str, list[int]]:
        """End everything, the last first; what each ended with."""
        codes = {}
        for name, processes in reversed(self.running.items()):
            for process in processes:
                if process.poll() is None:
                    process.terminate()
            codes[name] = [process.wait(PATIENCE) for process in processes]
        return codes

    def once(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """What `docker compose run --rm NAME WORDS` does."""
        return subprocess.run(
            [str(COMMANDS / ENTRY), *self._here(list(words))],
            env=self._environment(self.document["services"][name]),
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def told(self, name: str) -> str:
        """What a service printed."""
        return "".join(each.read_text() for each in sorted(self.log.glob(f"{name}.*.log")))

    def _replicas(self, name: str, service: dict[str, Any]) -> list[subprocess.Popen[bytes]]:
        count = int(service.get("deploy", {}).get("replicas", 1))
        return [self._process(name, service, number) for number in range(count)]

    def _process(self, name: str, service: dict[str, Any], number: int) -> subprocess.Popen[bytes]:
        with (self.log / f"{name}.{number}.log").open("wb") as out:
            return subprocess.Popen(
                [str(COMMANDS / ENTRY), *self._here(service["command"])],
                env=self._environment(service) | {"EARMARK_HOST": f"{name}-{number + 1}"},
                cwd=self.place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def _environment(self, service: dict[str, Any]) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOPOD_")}
        own: dict[str, str] = self._here(service.get("environment", {}))
        return {**plain, **own, **self.environ}

    def _here(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._here(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._here(each) for each in value]
        text = str(value)
        for there in sorted(self.swaps, key=len, reverse=True):
            text = text.replace(there, self.swaps[there])
        return text

    def _wait(self, name: str, condition: str) -> None:
        if condition == "service_healthy":
            until(lambda: self._is_healthy(name), why=f"{name} is healthy: {self.told(name)}")
        elif condition == "service_completed_successfully":
            codes = [each.wait(PATIENCE) for each in self.running[name]]
            assert codes == [0], f"{name} ended with {codes}: {self.told(name)}"

    def _is_healthy(self, name: str) -> bool:
        for each in self.running[name]:
            assert each.poll() is None, f"{name} has ended: {self.told(name)}"
        kind, *words = self.document["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        path = f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, **self.environ, "PATH": path}
        done = subprocess.run(self._here(words), env=environ, capture_output=True, check=False)
        if done.returncode:
            time.sleep(0.1)
        return done.returncode == 0
