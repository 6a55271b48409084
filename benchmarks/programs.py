"""Runs a program and measures it from outside."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

KB_PER_MB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program came to.

    `cpu` is in seconds of user and system time, its children's included; `peak_mb` is the largest process's
    resident memory, and at least that of the process which started it (Linux hands it on).
    """

    code: int
    peak_mb: int
    cpu: float
    out: str
    err: str


def measured(
    argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Measured:
    """Run it to its end; `env` is added to the environment.

    Raises:
        AssertionError: it ended with another code than 0: nothing was measured.
    """
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = subprocess.Popen(argv, cwd=cwd, env={**os.environ, **(env or {})}, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        answer = Measured(
            code=process.returncode,
            peak_mb=usage.ru_maxrss // KB_PER_MB,
            cpu=usage.ru_utime + usage.ru_stime,
            out=out.read(),
            err=err.read(),
        )
    assert answer.code == 0, f"{argv} ended with {answer.code}: {answer.err[-2000:]}"
    return answer
