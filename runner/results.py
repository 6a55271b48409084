"""Results onto our disk: part file, length checked, synced, renamed, folder synced.

Whatever names the service sends, nothing is written outside the results folder.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import overload

from manifests import catalogue
from manifests.durable import make_folder
from manifests.errors import MachineError
from manifests.stored import Location, Stored
from runner import stored_results
from runner.api.errors import ApiError, BadDownload, CallRefused, Gone, LinkExpired
from runner.api.interface import JobApi, Received, ResultFile
from runner.engine.messages import Fetch
from runner.engine.task import Target
from runner.ledger.rows import ResultRow
from runner.points import Point, Reach, nowhere
from runner.sniffing import other_names, true_name
from runner.within import NameTaken, check_within

PART = ".earmark-*.part"
STALE_AFTER = 3600.0
"""Seconds after which an unfinished file that nobody writes any more is what a killed run left behind;
downloads that stall for a minute are given up."""

_PAST = "(410"
"""How the words of a `Gone` show its status; where they do not, the job is only asked for again."""

_IN_THE_WAY = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG})
"""What is wrong with one name, and not with the disk."""


class NothingToFetch(BadDownload):
    """A finished job without any result address, or that the service does not find just now."""


@overload
def place(output: Path, service: str, base: str, name: str) -> Path: ...
@overload
def place(output: Stored, service: str, base: str, name: str) -> Stored: ...
@overload
def place(output: Location, service: str, base: str, name: str) -> Location: ...


def place(output: Location, service: str, base: str, name: str) -> Location:
    """Where one result file goes: `base.srt` for a file, `base/vocals.wav` for a folder."""
    shape = catalogue.load().service(service).result
    below = f"{base}.{name}" if shape == "file" else f"{base}/{name}"
    if below.startswith("/") or ".." in os.path.normpath(below).split("/"):
        raise BadDownload(f"the result name {name!r} leads out of {output}")
    return output / below


def fetch(
    api: JobApi,
    action: Fetch,
    output: Location,
    kept: list[ResultRow] | None = None,
    refused: dict[str, str] | None = None,
    reach: Reach = nowhere,
) -> tuple[ResultRow, ...]:
    """Bring a job's results to every target that lacks some.

    Each file is downloaded once and copied to the other targets. A file that does not come keeps no
    other from coming; `kept` gets what is in place even where the rest fails, and `refused` the words
    of the service about each file that it will not give however often it is asked.

    Raises:
        ApiError: the service did not give all of them.
        MachineError: this machine cannot keep them.
    """
    rows = [] if kept is None else kept
    refusals = {} if refused is None else refused
    missing: list[ApiError | NameTaken] = []
    files = _result_files(api, action)
    if not files:
        raise NothingToFetch(f"job {action.job_id} is finished but has no result address")
    announced = frozenset(file.name for file in files)
    brought: list[ResultRow] = []
    try:
        for file, targets in _wanted(files, announced, action):
            try:
                brought.extend(_bring(api, file, announced, action, output, targets, reach))
            except CallRefused as error:
                refusals[file.name] = str(error)
                missing.append(error)
            except Gone as error:  # by what a list showed: the job itself has the last word
                missing.append(error if action.entry is None else LinkExpired(str(error)))
            except (LinkExpired, BadDownload, NameTaken) as error:
                missing.append(error)
    finally:  # what is in place counts even where the rest fails, once its folder says so
        _sync_folders(brought, output, reach)
        rows.extend(brought)
    if missing:
        raise min(missing, key=_weight)
    return tuple(rows)


def _sync_folders(rows: list[ResultRow], output: Location, reach: Reach) -> None:
    """Make the names of new files durable, each folder once; a store has done so when it answers."""
    folders = {Path(row.path).parent for row in rows if isinstance(output, Path)}
    for folder in folders:
        try:
            sync_folder(folder)
        except OSError as error:
            raise cannot_keep(output, error) from error
    if rows:
        reach(Point.PLACED)


def _weight(error: ApiError | NameTaken) -> int:
    """What to tell first of several: what a person must mend, what may still come, what will not."""
    order: tuple[type[Exception], ...] = (NameTaken, LinkExpired, BadDownload, CallRefused, Gone)
    return next(at for at, kind in enumerate(order) if isinstance(error, kind))


def _bring(
    api: JobApi,
    file: ResultFile,
    announced: frozenset[str],
    action: Fetch,
    output: Location,
    targets: list[Target],
    reach: Reach,
) -> Iterator[ResultRow]:
    """One file, to everyone who wants it, under the name that its content asks for."""
    if isinstance(output, Stored):
        with stored_results.spooled() as part:
            received = api.download(file, part)
            name = _true_name(file.name, part, announced)
            for target in targets:
                there = place(output, action.service, target.base, name)
                stored_results.store_file(part, there, output, reach)
                yield ResultRow(target.item_id, name, str(there), received.size, received.sha256)
        return
    source: Path | None = None
    name = file.name
    for target in targets:
        path = place(output, action.service, target.base, name)
        with _part(path, output) as part:
            received = api.download(file, part) if source is None else _copy(source, part)
            if source is None:
                name = _true_name(file.name, part, announced)
                path = path if name == file.name else place(output, action.service, target.base, name)
            _into_place(part, path, reach)
        yield ResultRow(target.item_id, name, str(path), received.size, received.sha256)
        source = source or path


def _true_name(name: str, part: Path, announced: frozenset[str]) -> str:
    """The name by the content, unless another file of the job has it."""
    true = true_name(name, part)
    return name if true in announced else true


def _wanted(
    files: list[ResultFile], announced: frozenset[str], action: Fetch
) -> Iterator[tuple[ResultFile, list[Target]]]:
    for file in files:
        targets = [
            target for target in action.targets if _wants(action.service, target, file.name, announced)
        ]
        if targets:
            yield file, targets


def _result_files(api: JobApi, action: Fetch) -> list[ResultFile]:
    """The job's files; that it is not found (404) may be a lag, only a 410 says that it will not be again."""
    wanted = _all_wanted(action)
    if action.entry is not None:
        shown = api.listed_files(action.service, action.job_id, action.entry, wanted)
        if shown:
            return shown
    try:
        return api.result_files(action.service, action.job_id, wanted)
    except Gone as error:
        if _PAST in str(error):
            raise
        raise NothingToFetch(str(error)) from error


def _all_wanted(action: Fetch) -> Mapping[str, object]:
    """The fetch options of all targets together; formats that a target has already are left out."""
    formats: list[str] = []
    for target in action.targets:
        asked = target.wanted.get("formats", ())
        assert isinstance(asked, (list, tuple))
        formats += [each for each in asked if each not in target.have and each not in formats]
    return {"formats": formats} if formats else {}


def _wants(service: str, target: Target, name: str, announced: frozenset[str]) -> bool:
    if name in target.have or not target.have.isdisjoint(other_names(name) - announced):
        return False
    asked = target.wanted.get("formats")
    return asked is None or catalogue.load().service(service).result == "folder" or name in asked  # type: ignore[operator]


def _copy(source: Path, part: Path) -> Received:
    with source.open("rb") as read, part.open("xb") as write:
        shutil.copyfileobj(read, write)
        write.flush()
        os.fsync(write.fileno())
    with part.open("rb") as read:
        digest = hashlib.file_digest(read, "sha256").hexdigest()
    return Received(part, part.stat().st_size, digest)


@contextmanager
def _part(path: Path, output: Path) -> Iterator[Path]:
    """A new name beside the target for the unfinished file, which a failure does not leave behind."""
    part = path.with_name(f".earmark-{token_hex(6)}.part")
    try:
        check_within(output, path)
        if not path.parent.is_dir():
            make_folder(path.parent)
        yield part
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise cannot_keep(path, error) from error
        raise


def _into_place(part: Path, path: Path, reach: Reach) -> None:
    reach(Point.DOWNLOADED)
    part.replace(path)
    reach(Point.RENAMED)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_writable(output: Location) -> None:
    """Refuse to buy what could not be saved.

    Raises:
        MachineError: the results folder cannot be made or written.
    """
    if isinstance(output, Stored):
        stored_results.check_writable(output)
        return
    try:
        make_folder(output)
        probe = output / f".earmark-{token_hex(6)}.part"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise cannot_keep(output, error) from error


def sweep(output: Location, now: float) -> None:
    """Remove the unfinished files that killed runs left; those of runs that live are young."""
    if isinstance(output, Stored):
        stored_results.sweep(output, now - STALE_AFTER)
        return
    for part in output.rglob(PART):
        with suppress(OSError):
            if part.stat().st_mtime < now - STALE_AFTER:
                part.unlink()


def cannot_keep(path: Location, error: OSError) -> MachineError:
    """The error for a result, or a whole folder, that cannot be written."""
    kind = NameTaken if error.errno in _IN_THE_WAY else MachineError
    return kind(
        f"{path} cannot be written: {error.strerror or error}; nothing is lost:"
        " make room or name another folder with --output, then type the same command again"
    )
