"""One reader process, as whoever started it sees it; what runs inside is `planner.pooled`."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from planner.leftout import Reason
from planner.pooled import LENGTH_BYTES, Answer, Job, decode_answers, done, encode, framed
from planner.seen import Fault

BOOT = "import sys; sys.path[:] = sys.argv[1:]; from planner.pooled import main; main()"
SECRETS = ("AUDIOPOD_", "AWS_", "GITHUB_TOKEN", "GITLAB_TOKEN")
"""Variables of the environment that begin so are not for those who read foreign bytes."""

_PIPE_BYTES = 1 << 16


class Died(Exception):
    """The process is gone."""


class Reader:
    """A reader process."""

    def __init__(self) -> None:
        here = str(Path(__file__).parents[1])
        path = [here, *(each for each in sys.path if each and each != here)]
        self._read = b""
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-c", BOOT, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith(SECRETS)},
            process_group=0,  # Ctrl-C at a terminal is for the parent alone
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin, self.stdout = self._process.stdin, self._process.stdout

    def tell(self, jobs: Sequence[Job]) -> None:
        """Have some jobs done; whether it is alive shows when one listens."""
        with suppress(BrokenPipeError):
            self._stdin.write(framed(encode(jobs)))
            self._stdin.flush()

    def hear(self) -> Iterator[list[Answer]]:
        """The answers that have come, after waiting for some bytes.

        Raises:
            Died: none will come.
        """
        piece = os.read(self.stdout.fileno(), _PIPE_BYTES)
        if not piece:
            raise Died
        self._read += piece
        while (end := LENGTH_BYTES + int.from_bytes(self._read[:LENGTH_BYTES], "big")) <= len(self._read):
            message, self._read = self._read[LENGTH_BYTES:end], self._read[end:]
            yield decode_answers(message)

    def ask(self, jobs: Sequence[Job]) -> list[Answer]:
        """The answers to some jobs, waited for; errors as `hear`."""
        self.tell(jobs)
        while True:
            for found in self.hear():
                return found

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        for end in (self._stdin, self.stdout):
            with suppress(OSError):
                end.close()
        with suppress(subprocess.TimeoutExpired):  # one that waits for a dead disk cannot even be killed
            self._process.wait(1)


def one_by_one(jobs: Iterable[Job]) -> list[Answer]:
    """The answers to jobs of which one may have killed a reader: that one is named, the others are done."""
    with _Spare() as spare:
        return [spare.done(job) for job in jobs]


class _Spare(AbstractContextManager["_Spare"]):
    """A reader for one job at a time; where no reader lives at all, this process is one."""

    def __init__(self) -> None:
        self._reader: Reader | None = None
        self._hopeless = False

    def done(self, job: Job) -> Answer:
        """Do a job."""
        reader = self._living()
        if reader is None:
            return done(job)
        try:
            return reader.ask([job])[0]
        except Died:
            self.__exit__()
            detail = "damaged: what reads it crashed; ffmpeg -i IN -vn OUT.wav may mend it"
            return Fault(Reason.DAMAGED, detail)

    def _living(self) -> Reader | None:
        """A reader that has answered once; None where none does."""
        if self._reader is None and not self._hopeless:
            try:
                self._reader = Reader()
                self._reader.ask([])
            except (OSError, Died):
                self._hopeless = True
                self.__exit__()
        return self._reader

    def __exit__(self, *_: object) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None
