"""Asks readers of lengths each in a process of its own: a crash or a hang costs an answer, not the run."""

import contextlib
import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ANSWER_SECONDS = 30


class Asked:
    """One reader of `peers.py` in its process, started again after a crash or a hang."""

    def __init__(self, reader: str, python: str = sys.executable) -> None:
        self._argv = [python, "-m", "benchmarks.corpus.peers", reader]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def seconds(self, path: Path) -> float | None:
        """What it says; None if it cannot tell."""
        value = self.answer(path).get("seconds")
        return float(value) if value is not None else None

    def answer(self, path: Path) -> dict[str, Any]:
        """All that it says: `seconds`, or `error`, and `took` (seconds of its own time)."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(str(path)) + "\n")
            process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], ANSWER_SECONDS)
        line = process.stdout.readline() if ready else ""
        if not line:
            self._end()
            return {"error": "crashed" if ready else "hung", "took": ANSWER_SECONDS}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
