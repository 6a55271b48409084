"""From paths to the files under them: every one of them comes out, as found or as left out with a reason.

A generator over `os.scandir` with flat memory: what it remembers are the folders it has been in.
Names are strings as the system gives them; bytes that are no UTF-8 travel as lone surrogates.
"""

# Names stay strings here: making a Path for each of a million files takes seconds.
# ruff: noqa: PTH110, PTH112, PTH113, PTH116, PTH118, PTH119

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from manifests.errors import UsageError, nearest_path
from planner.globs import Globs
from planner.leftout import LeftOut, Reason
from planner.listing import Kind, listing
from planner.recording import Entry
from planner.wanted import OwnNames, Skip, Skipping, Wanted

RUN = 256
"""Files that come out together."""

Identity = tuple[int, int]
"""Device and inode: what a file or folder is, whatever its name."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A file to look at; `relative` is its path below `root`, with `/` between segments."""

    path: str
    root: str
    relative: str


class Run(msgspec.Struct, frozen=True, gc=False):
    """Files in a row in a folder: `before` begins their paths, `relative` those below `root`."""

    before: str
    relative: str
    root: str
    names: list[str]


def run_of(path: str) -> Run:
    """A file as a run."""
    folder, slash, name = path.rpartition("/")
    return Run(folder + slash, "", folder + slash, [name])


def walk(
    roots: Sequence[str],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    skip: Callable[[str], bool] | Skip = lambda _path: False,
) -> Iterator[Entry | LeftOut]:
    """The same as `runs`, file by file."""
    return each_file(runs(roots, include, exclude, skip))


def runs(
    roots: Sequence[str],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    skip: Callable[[str], bool] | Skip = lambda _path: False,
) -> Iterator[Found | Run | LeftOut]:
    """All files under the roots in a stable order: the roots as given, names sorted within a folder.

    Files in a row come out together: there may be a million.

    Links are followed; what is reached twice counts once, under its own name rather than a link's.
    Hidden files and folders are left out unless they are roots themselves.

    Args:
        roots: files and folders.
        include: patterns relative to a root (`planner.globs`); without any, everything is meant.
        exclude: patterns relative to a root, stronger than `include`.
        skip: whether a path is Earmark's own (results, scan cache).

    Raises:
        UsageError: a root is empty or missing; before the first file comes out.
    """
    for root in roots:
        _check_root(root)
    skipping = skip if isinstance(skip, Skip) else Skipping(skip)
    return _Walk(roots, Wanted(Globs(tuple(include)), Globs(tuple(exclude)), skipping)).run()


def each_file(found: Iterable[Entry | Run | LeftOut]) -> Iterator[Entry | LeftOut]:
    """What a walk brings out, file by file."""
    for each in found:
        if isinstance(each, Run):
            for name in each.names:
                yield Found(each.before + name, each.root, each.relative + name)
        else:
            yield each


def _slashed(folder: str) -> str:
    return folder if folder.endswith("/") else f"{folder}/"


def _check_root(root: str) -> None:
    if not root.strip():
        raise UsageError("an empty path: name a file or folder (a variable in your script may be unset)")
    try:
        os.lstat(root)
    except PermissionError as error:
        raise UsageError(f"no permission to look at {root}") from error
    except (OSError, ValueError):
        raise UsageError(f"no such path: {root}{nearest_path(root)}") from None


def _why_closed(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to look into it; chmod u+rx"
    return error.strerror or str(error)


@dataclass(frozen=True, slots=True)
class _Tree:
    """A folder whose files all come out: a root, or what a link below one led to."""

    real: str
    prefix: str


@dataclass(slots=True)
class _Folder:
    """A folder on the way: its names in order, and which of them are no plain files."""

    before: str  # what stands before a name in its path
    real: str  # the same, without links
    relative: str  # the same, below the root
    names: Iterator[str]
    odd: dict[str, Kind]
    own: OwnNames
    clear: bool  # surely all its files are wanted
    plain: Callable[[str], bool]  # whether a file of this name is wanted


class _Walk:
    """One walk; see `runs`."""

    def __init__(self, roots: Sequence[str], wanted: Wanted) -> None:
        self._roots = roots
        self._wanted = wanted
        self._been: set[Identity] = set()
        self._linked: set[str] = set()
        self._trees = [_Tree(os.path.realpath(root), "") for root in roots if os.path.isdir(root)]

    def run(self) -> Iterator[Found | Run | LeftOut]:
        for root in self._roots:
            if os.path.isdir(root):
                yield from self._below(root)
            else:
                yield self._named(root)

    def _named(self, root: str) -> Found | LeftOut:
        """A root that is no folder; its name may begin with a dot, since somebody typed it."""
        relative = os.path.basename(root)
        reason = self._wanted.against(root, relative, folder=False, hidden=False)
        return LeftOut(root, reason) if reason else self._linked_file(root, root, relative)

    def _below(self, root: str) -> Iterator[Found | Run | LeftOut]:
        """The files below a root; a stack, not recursion: folders nest deeper than Python calls."""
        real = os.path.realpath(root)
        own = self._wanted.skip(root) or self._wanted.skip(real)
        first = LeftOut(root, Reason.OWN, folder=True) if own else self._enter(root, real, "")
        if isinstance(first, LeftOut):
            yield first
            return
        stack = [first]
        while stack:
            inside = stack[-1]
            name, run = self._plain(inside)
            if run:
                yield Run(inside.before, inside.relative, root, run)
            if name is not None:
                answer = self._entry(root, inside, name)
                if isinstance(answer, _Folder):
                    stack.append(answer)
                else:
                    yield answer
            elif len(run) < RUN:
                stack.pop()

    def _plain(self, inside: _Folder) -> tuple[str | None, list[str]]:
        """The next files that are plain and wanted, as nearly all are, and the name after them."""
        odd, plain, clear, linked = inside.odd, inside.plain, inside.clear, self._linked
        if clear and not odd and not linked:
            return None, list(islice(inside.names, RUN))
        run: list[str] = []
        for name in inside.names:
            if name in odd or linked or not (clear or plain(name)):
                return name, run
            run.append(name)
            if len(run) == RUN:
                break
        return None, run

    def _entry(self, root: str, inside: _Folder, name: str) -> Found | LeftOut | _Folder:
        path, relative, real = inside.before + name, inside.relative + name, inside.real + name
        kind = inside.odd.get(name, Kind.FILE)
        folder = kind is Kind.FOLDER or (kind is Kind.LINK and os.path.isdir(path))
        reason = self._wanted.against(path, relative, folder=folder, own=inside.own(name))
        if reason:
            return LeftOut(path, reason, folder=folder)
        if kind is Kind.LINK:
            follow = self._linked_folder if folder else self._linked_file
            return follow(root, path, relative)
        if kind is Kind.FOLDER:
            return self._enter(path, real, relative)
        if kind is Kind.OTHER:
            return LeftOut(path, Reason.NOT_A_FILE, "a pipe, socket or device")
        if real in self._linked:
            return LeftOut(path, Reason.TWICE, "reached before by another name")
        return Found(path, root, relative)

    def _enter(self, path: str, real: str, relative: str) -> _Folder | LeftOut:
        """Open a folder, once."""
        try:
            status = os.stat(path)
            if (identity := (status.st_dev, status.st_ino)) in self._been:
                return LeftOut(path, Reason.TWICE, "reached before", folder=True)
            names, odd = listing(path)
        except OSError as error:
            return LeftOut(path, Reason.UNREADABLE, _why_closed(error), folder=True)
        self._been.add(identity)
        own = self._wanted.skip.within(path)
        clear, plain = self._wanted.all_of(names, own), self._wanted.within(relative, own)
        below = f"{relative}/" if relative else ""
        return _Folder(_slashed(path), _slashed(real), below, iter(names), odd, own, clear, plain)

    def _linked_folder(self, _root: str, path: str, relative: str) -> _Folder | LeftOut:
        real = os.path.realpath(path)
        if self._wanted.skip(real):
            return LeftOut(path, Reason.OWN, folder=True)
        if self._comes_out(real, folder=True):
            return LeftOut(path, Reason.TWICE, f"the same folder as {real}", folder=True)
        self._trees.append(_Tree(real, relative))
        return self._enter(path, real, relative)

    def _linked_file(self, root: str, path: str, relative: str) -> Found | LeftOut:
        """A file that was named, or that a link leads to: the same may be reached in other ways."""
        if not os.path.exists(path):
            return LeftOut(path, Reason.BROKEN_LINK, "a link to nothing")
        if not os.path.isfile(path):
            return LeftOut(path, Reason.NOT_A_FILE, "a pipe, socket or device")
        real = os.path.realpath(path)
        if real in self._linked or self._comes_out(real, folder=False):
            return LeftOut(path, Reason.TWICE, f"the same file as {real}")
        self._linked.add(real)
        return Found(path, root, relative)

    def _comes_out(self, real: str, *, folder: bool) -> bool:
        """Whether the walk reaches a path under its own name, before or after this."""
        return any(self._comes_out_of(tree, real, folder=folder) for tree in self._trees)

    def _comes_out_of(self, tree: _Tree, real: str, *, folder: bool) -> bool:
        base = tree.real.rstrip("/") + "/"
        if real == tree.real:
            return True
        if not real.startswith(base):
            return False
        path, relative = tree.real, tree.prefix
        parts = real.removeprefix(base).split("/")
        for depth, part in enumerate(parts, 1):
            path, relative = os.path.join(path, part), f"{relative}/{part}" if relative else part
            if self._wanted.against(path, relative, folder=folder or depth < len(parts)):
                return False
        return True
