"""Asks C libraries about files, in a process of their own: one that hangs or crashes takes nothing down.

The process starts with the first such file and stays, one for each scanning process; after a crash or a
timeout the next file gets a new one. What the libraries print goes nowhere.
"""

import atexit
import json
import os
import selectors
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from planner.containers.source import Source
from planner.leftout import Reason, Unreadable
from planner.lengths.guarded import PIECE_BYTES
from planner.lengths.interface import damaged

SECONDS = 20.0
"""What one file may cost. Ten hours of sound are counted in five to eight; counting stops by itself before
(`media_end.COUNTING_SECONDS`), so whoever reaches this hangs."""

STORED_SECONDS = 120.0
"""The same of an object in a store, whose bytes come over a network."""

BOOT = "import sys; sys.path[:] = sys.argv[1:]; from planner.lengths.guarded import main; main()"
MEND = "ffmpeg -i IN -vn OUT.wav may mend it"
SECRETS = ("AUDIOPOD_", "AWS_", "GITHUB_TOKEN", "GITLAB_TOKEN")
"""Variables of the environment that begin so are not for those who read foreign bytes."""

_ANSWER_BYTES = 1 << 16


class _Ended(Exception):
    """The process is gone: what it read has crashed it."""


class _Late(Exception):
    """No answer within the time."""


class Guard:
    """One process that reads for others, when somebody asks."""

    def __init__(self, seconds: float = SECONDS, boot: str = BOOT) -> None:
        self._seconds = seconds
        self._boot = boot
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, source: Source, work: str, library: str, *details: object) -> dict[str, Any]:
        """What a library finds in a file.

        Args:
            source: the file.
            work: what to do with it (`guarded.WORK`).
            library: its name as people install it.
            details: what else the work needs.

        Raises:
            Unreadable: it finds nothing, crashes, takes too long or is not installed; or the file is distant.
        """
        if not source.local:  # the libraries open paths
            raise Unreadable(Reason.NO_LENGTH, source.path, "the length of this kind is read from files only")
        whole = source.origin
        seconds = STORED_SECONDS if whole.served else self._seconds
        file = whole.size if whole.served else os.path.abspath(whole.path)  # noqa: PTH100 - no Path for each of a million
        asked = {"do": work, "seconds": seconds, "with": [file, *details]}
        try:
            answer = self._answer(json.dumps(asked).encode() + b"\n", whole, seconds)
        except _Late:
            detail = f"damaged: took longer than {seconds:.0f} s to read; {MEND}"
            raise damaged(source, detail).for_now() from None
        except _Ended:
            detail = f"damaged: {library}, which reads this kind, crashed on it; {MEND}"
            raise damaged(source, detail).for_now() from None
        if "missing" in answer:
            detail = f"{library}, which reads this kind, does not load: pip install {library}"
            raise Unreadable(Reason.NO_LENGTH, source.path, detail)
        if "failed" in answer:
            raise damaged(source, f"damaged, or of a sort that is not read ({answer['failed']})")
        found: dict[str, Any] = answer["found"]
        return found

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._drop()

    def forget(self) -> None:
        """In a forked process: what the parent started is the parent's."""
        self._lock = Lock()
        process, self._process = self._process, None
        if process:
            for end in (process.stdin, process.stdout):
                with suppress(OSError):
                    end.close() if end else None
            process.returncode = 0  # nobody here is to wait for it

    def _answer(self, line: bytes, source: Source, seconds: float) -> dict[str, Any]:
        with self._lock:
            process = self._process or self._start()
            try:
                answer: dict[str, Any] = self._exchange(process, line, source, seconds)
            except BaseException:  # also Ctrl-C: a late answer must not be taken for that of the next file
                self._drop()
                raise
            return answer

    def _start(self) -> subprocess.Popen[bytes]:
        here = str(Path(__file__).parents[2])
        path = [here, *(each for each in sys.path if each and each != here)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-c", self._boot, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            process_group=0,  # Ctrl-C at a terminal is for the parent alone
        )
        return self._process

    def _exchange(
        self, process: subprocess.Popen[bytes], line: bytes, source: Source, seconds: float
    ) -> dict[str, Any]:
        """Its answer to a line, after it was given what it asked for of an object."""
        until = monotonic() + seconds
        while True:
            answer: dict[str, Any] = json.loads(self._reply(process, line, until))
            if "read" not in answer:
                return answer
            offset, count = answer["read"]
            line = b64encode(source.at(offset, min(count, PIECE_BYTES))) + b"\n"

    def _reply(self, process: subprocess.Popen[bytes], line: bytes, until: float) -> bytes:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except OSError:
            raise _Ended from None
        answer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                if not selector.select(until - monotonic()):
                    raise _Late
                piece = os.read(process.stdout.fileno(), _ANSWER_BYTES)
                if not piece:
                    raise _Ended
                answer += piece
        return answer

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for end in (process.stdin, process.stdout):
            with suppress(OSError):
                end.close() if end else None
        with suppress(subprocess.TimeoutExpired):  # one that waits for a dead disk cannot even be killed
            process.wait(1)


GUARD = Guard()
"""The one that all readers of this process ask."""

atexit.register(GUARD.close)
os.register_at_fork(after_in_child=GUARD.forget)
