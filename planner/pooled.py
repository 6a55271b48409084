"""What runs in a reader process: it looks at files for a plan, one chunk of tasks after another.

Little is imported here: the process starts when a scan has begun.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, TypeAlias

import msgspec

from planner import survey
from planner.leftout import Unreadable
from planner.seen import Verdict, fault_of
from planner.silence import Heard, listened

STDOUT = 1
LENGTH_BYTES = 4
"""Before each message: how long it is, the highest byte first."""


class Task(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """A file to look at; its print and size, where they are known."""

    path: bytes
    size: int = 0
    print: str = ""


class Whole(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A file of this size to read as a whole, for the digest of its sound."""

    path: bytes
    size: int


class Listen(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A recording to listen to, whether there is anything to hear."""

    path: bytes


class Same(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """The file is what it was known to be, and was touched at these times."""

    mtime_ns: int
    ctime_ns: int


Job: TypeAlias = Task | Whole | Listen
Answer: TypeAlias = Verdict | Same | Heard | str
"""What comes of a job; a text is a digest."""

decode_jobs = msgspec.msgpack.Decoder(list[Job]).decode
decode_answers = msgspec.msgpack.Decoder(list[Answer]).decode
encode = msgspec.msgpack.Encoder().encode


def done(job: Job) -> Answer:
    """Do one job; nothing is raised but bugs."""
    path = os.fsdecode(job.path)
    if isinstance(job, Listen):
        return listened(path)
    if isinstance(job, Whole):
        try:
            return survey.digest_of(path, job.size)
        except Unreadable as error:
            return fault_of(error)
    if job.print and (times := survey.same(path, job.size, job.print)) is not None:
        return Same(*times)
    return survey.verdict(path)


def framed(message: bytes) -> bytes:
    """A message as it travels."""
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


def serve(chunks: BinaryIO, answers: BinaryIO) -> None:
    """Do chunks of jobs until there are no more, or nobody is there any more to wait for them."""
    parent = os.getppid()
    while header := chunks.read(LENGTH_BYTES):
        jobs = decode_jobs(chunks.read(int.from_bytes(header, "big")))
        found: list[Answer] = []
        for job in jobs:
            if os.getppid() != parent:
                return
            found.append(done(job))
        answers.write(framed(encode(found)))
        answers.flush()


def main() -> None:
    """Serve the parent; the process ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError), os.fdopen(os.dup(STDOUT), "wb") as answers:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - one import less
            os.dup2(nowhere.fileno(), STDOUT)  # what a library prints is no answer
        serve(sys.stdin.buffer, answers)
