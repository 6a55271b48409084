"""Receipts: a line for each purchase whose result was saved, in a file beside its manifest.

The file may be committed: it holds no secret. A ledger that was lost learns from it what the service's
job lists cannot tell (docs/api.md 6). Lines are only ever added; of two about one job the later counts.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from manifests.durable import sync_folder
from manifests.errors import MachineError
from manifests.keys import KEY_PART, TOKEN
from manifests.paths import RECEIPTS
from manifests.stored import Location
from runner.bits import Marks

VERSION = 1
_CAREFULLY = os.O_NONBLOCK | os.O_CLOEXEC
"""Opening what is no file, such as a pipe, does not wait."""

LONGEST = 1 << 20
"""Bytes of a line that are looked at; longer ones are none of ours."""


TOGETHER = 1000
"""Lines that are written at a time."""


class ResultFile(msgspec.Struct, frozen=True):
    """One file of a result: `file` is its path under the results folder, `name` what it is of the result."""

    name: str
    file: str
    size: int  # bytes
    sha256: str


class Receipt(msgspec.Struct, frozen=True):
    """One purchase that was saved; it has `cents` or `credits` once it is billed."""

    key: str  # content key
    service: str
    job: str
    token: str
    product: str
    version: int = 0
    server: str = ""  # host and port of the service
    manifest: str = ""  # the id under whose cap it counts
    options: Mapping[str, object] = msgspec.field(default_factory=dict)  # submit options in wire values
    generation: int = 0
    sha256: str = ""  # of what was sent
    cents: int | None = None
    ceiling: int | None = None  # in cents
    credits: int | None = None
    credits_ceiling: int | None = None
    settled: str = ""  # "billed", "unverified", "given up"; empty while the bill is open
    time: str = ""  # when it was saved, RFC 3339, UTC
    results: tuple[ResultFile, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it is of this version, and about the purchase that its token names."""
        token = TOKEN.fullmatch(self.token)
        return self.version == VERSION and token is not None and token["key"] == self.key[:KEY_PART]

    @property
    def line(self) -> bytes:
        """The line, with everything that is no ASCII escaped: names are shown by any terminal."""
        import json

        fields = {name: value for name, value in msgspec.to_builtins(self).items() if value is not None}
        return json.dumps(fields).encode() + b"\n"


def receipts_of(manifest: Path) -> Path:
    """Where the receipts of a manifest lie."""
    return manifest.with_name(manifest.name + RECEIPTS)


class Receipts:
    """The receipts of one manifest, of one service. Nothing here stops a run: what fails is a note."""

    def __init__(
        self,
        manifest: Path,
        output: Location,
        server: str = "",
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the places.

        Args:
            manifest: its file; the receipts lie beside it.
            output: the results folder, from which their files are named.
            server: host and port of the service: what another one sold proves nothing here.
            note: is told once what could not be read or written.
        """
        self.path = receipts_of(manifest)
        self.output, self.server = output, server
        self._note = note
        self._known: Marks | None = None  # purchases, and those of them whose bill is in it
        self._unknown: dict[str, list[Receipt]] | None = None

    def lacks(self, key: str, job: str, *, settled: bool) -> bool:
        """Whether a line would tell something new: a purchase, or what it cost."""
        if self._known is None:
            self._known = Marks()
            for each in self._read():
                self._know(each)
        return _mark(key, job, settled=settled) not in self._known

    def _know(self, receipt: Receipt) -> None:
        if self._known is not None:
            self._known.add(_mark(receipt.key, receipt.job, settled=False))
            if receipt.settled:
                self._known.add(_mark(receipt.key, receipt.job, settled=True))

    def of(self, keys: Collection[str]) -> list[Receipt]:
        """The receipts of some content keys, the oldest first; the last word about each job."""
        if self._unknown is not None:
            told: Iterable[Receipt] = (each for key in keys for each in self._unknown.get(key, ()))
        else:
            told = (each for each in self._read(tell=True) if each.key in keys)
        found = {(each.key, each.job): each for each in told}
        return list(found.values())

    def look_ahead(self, is_known: Callable[[Receipt], bool]) -> None:
        """Read all at once what is not known yet, for many questions; else each reads the file anew."""
        self._unknown = {}
        for each in self._read(tell=True):
            if not is_known(each):
                self._unknown.setdefault(each.key, []).append(each)

    @cached_property
    def digests(self) -> frozenset[str]:
        """The digests of all files that were saved of this manifest."""
        return frozenset(file.sha256 for receipt in self._read() for file in receipt.results)

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Append lines, durable when this returns."""
        rest = iter(receipts)
        while lines := list(islice(rest, TOGETHER)):
            try:
                self._append(b"".join(each.line for each in lines))
            except (OSError, MachineError) as error:
                why = getattr(error, "strerror", None) or error
                self._note(
                    f"{self.path} was not written: {why}; the ledger has it all, and a later"
                    " run writes what is missing"
                )
                return
            for each in lines:
                self._know(each)

    def _append(self, data: bytes) -> None:
        is_new = not self.path.exists()
        number = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _CAREFULLY, 0o666)
        with os.fdopen(number, "r+b", buffering=0) as file:
            _refuse_what_is_no_file(number)
            if _is_torn(number):
                data = b"\n" + data  # what a power cut left of a line stays a line of its own
            while data:
                data = data[file.write(data) :]
            os.fsync(number)
        if is_new:
            sync_folder(self.path.parent)

    def _read(self, *, tell: bool = False) -> Iterator[Receipt]:
        """All receipts of this service that can be read, in their order."""
        bad = 0
        try:
            for line in _lines(self.path):
                receipt = _receipt(line)
                if receipt is None:
                    bad += bool(line.strip()) and line.endswith(b"\n")  # the last one may be torn
                elif receipt.server == self.server:
                    yield receipt
        except FileNotFoundError:
            return
        except OSError as error:
            self._note(f"{self.path} cannot be read: {error.strerror or error}")
        if bad and tell:
            self._note(f"{self.path}: {bad:,} lines are no receipts, and were left out")


def _mark(key: str, job: str, *, settled: bool) -> str:
    return f"{key} {job} {'settled' if settled else ''}"


def _receipt(line: bytes) -> Receipt | None:
    try:
        found = msgspec.json.decode(line, type=Receipt)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.is_ours else None


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file; of one that is too long to be ours, pieces that are none either."""
    number = os.open(path, os.O_RDONLY | _CAREFULLY)
    with os.fdopen(number, "rb") as file:
        _refuse_what_is_no_file(number)
        yield from _pieces(file)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        yield line


def _is_torn(number: int) -> bool:
    size = os.fstat(number).st_size
    return size > 0 and os.pread(number, 1, size - 1) != b"\n"


def _refuse_what_is_no_file(number: int) -> None:
    if not stat.S_ISREG(os.fstat(number).st_mode):
        raise OSError("it is no file")
