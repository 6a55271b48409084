"""What git knows of a tree, asked so that no ref, path or repository can make it do anything else.

Refs are resolved behind `--end-of-options` and used as commits from then on; paths stand for themselves.
Nothing is fetched, written or asked.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Self

from manifests.errors import UsageError

COPIED_BYTES = 1024 * 1024

LINK, SUBMODULE = "120000", "160000"
"""Modes of entries that are no files."""

_QUIET = {
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone asks nobody for what it lacks
    "GIT_LITERAL_PATHSPECS": "1",  # `*` in a name is no pattern
    "GIT_NO_LAZY_FETCH": "1",  # nor does it try to
    "GIT_OPTIONAL_LOCKS": "0",  # the index is not refreshed on the disk
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
_HEX = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or submodule of a commit; `path` is below the top of the work tree."""

    mode: str
    oid: str
    path: str


@dataclass(frozen=True, slots=True)
class Base:
    """The commit to compare with; `fork`: where this branch left the ref, and not the ref itself."""

    ref: str
    commit: str
    fork: bool


class Repository:
    """A work tree and its history; `top` is its real path."""

    def __init__(self, top: str, common: str, *, shallow: bool) -> None:
        self.top, self.common, self._shallow = top, common, shallow

    @classmethod
    def around(cls, folder: str) -> Self:
        """The repository of a folder.

        Raises:
            UsageError: there is none, it has no work tree, or git refuses it; the message has git's words.
        """
        asked = ("--show-toplevel", "--is-shallow-repository", "--git-common-dir")
        answer = _run(folder, "rev-parse", *asked)
        if answer.returncode:
            raise UsageError(
                f"--base: {folder} is in no git work tree that can be read: {_words(answer.stderr)}"
            )
        top, shallow, common = os.fsdecode(answer.stdout).rstrip("\n").split("\n")
        return cls(top, os.path.join(folder, common), shallow=shallow == "true")  # noqa: PTH118

    def base(self, ref: str) -> Base:
        """The commit where this branch left a ref; the ref's own where they have no past in common here.

        Raises:
            UsageError: the ref is none, or its commit is not in this clone.
        """
        commit = self._commit(ref)
        found = _run(self.top, "merge-base", "--end-of-options", commit, "HEAD")
        fork = found.stdout.split(b"\n")[0]
        if found.returncode or not _HEX.fullmatch(fork):
            return Base(ref, commit, fork=False)
        return Base(ref, fork.decode(), fork=fork.decode() != commit)

    def _commit(self, ref: str) -> str:
        if not ref or ref.startswith("-") or "\0" in ref:
            raise UsageError(
                f"--base: {ref!r} is no name of a commit: write origin/main, a tag or a commit's digits"
            )
        # the answer is a commit's digits or nothing: a message of git's would name the ref only
        answer = _run(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        commit = answer.stdout.strip()
        if answer.returncode == 0 and _HEX.fullmatch(commit):
            return commit.decode()
        raise UsageError(f"--base: no commit {ref!r} in this clone{self._way_out(ref)}")

    def _way_out(self, ref: str) -> str:
        remote, slash, branch = ref.partition("/")
        fetch = (
            f"git fetch {remote} {branch}" if slash and remote in self._remotes() else "git fetch origin main"
        )
        if self._shallow:
            return f", which is a shallow one: `{fetch}` first (actions/checkout: fetch-depth: 0)"
        return f": `{fetch}` may bring it" if slash else "; `git branch --all` lists branches"

    def _remotes(self) -> list[str]:
        return os.fsdecode(_run(self.top, "remote").stdout).split()

    def entries(self, commit: str, *paths: str) -> Iterator[Entry]:
        """What a commit has at and below some paths; everything without any."""
        for line in self._listed("ls-tree", "-r", "-z", "--full-tree", commit, "--", *filter(None, paths)):
            told, _, path = line.partition("\t")
            mode, _, oid = told.split(" ")
            yield Entry(mode, oid, path)

    def differing(self, commit: str, *paths: str) -> set[str]:
        """The paths of a commit whose content is not that of the work tree."""
        options = ("--raw", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
        return set(self._listed("diff", *options, commit, "--", *filter(None, paths))[1::2])

    def renamed(self, commit: str, *paths: str) -> set[tuple[str, str]]:
        """Pairs of paths, of a commit and of the work tree, under which the same content lies."""
        options = ("--raw", "-z", "-M100%", "--diff-filter=R", "--no-ext-diff", "--no-textconv")
        told = self._listed("diff", *options, commit, "--", *filter(None, paths))
        return set(zip(told[1::3], told[2::3], strict=True))

    def contents(self, path: str) -> dict[str, str]:
        """Git's digests of files at and below a path, by their paths; only of those as in the index.

        Of files that git is told to take for unchanged it says nothing that could be relied on.
        """
        staged = self._listed("ls-files", "--stage", "-v", "-z", "--", *filter(None, [path]))
        options = ("--name-only", "-z", "--no-ext-diff", "--no-textconv")
        changed = set(self._listed("diff", *options, "--", *filter(None, [path])))
        found = ((told.split(" "), name) for told, _, name in (line.partition("\t") for line in staged))
        return {
            name: oid
            for (tag, mode, oid, stage), name in found
            if (tag, stage) == ("H", "0") and mode not in (LINK, SUBMODULE) and name not in changed
        }

    def strangers(self, *paths: str) -> list[str]:
        """Files and folders that git is told to ignore, and submodules: no part of any change.

        Hidden ones are left out: no plan looks at them.
        """
        options = ("--others", "--ignored", "--exclude-standard", "--directory", "-z")
        ignored = self._listed("ls-files", *options, "--", *filter(None, paths))
        staged = self._listed("ls-files", "--stage", "-z", "--", *filter(None, paths))
        modules = [line.partition("\t")[2] for line in staged if line.startswith(SUBMODULE)]
        return [
            each.rstrip("/") for each in (*ignored, *modules) if not each.startswith(".") and "/." not in each
        ]

    def _listed(self, *words: str) -> list[str]:
        answer = _run(self.top, *words)
        if answer.returncode:
            raise UsageError(f"--base: git {words[0]} failed: {_words(answer.stderr)}")
        return [os.fsdecode(each) for each in answer.stdout.split(b"\0")][:-1]

    @contextmanager
    def blobs(self) -> "Iterator[Blobs]":
        """The contents of files."""
        process = subprocess.Popen(  # noqa: S603 - git, without a word from outside
            [*_COMMAND, "cat-file", "--batch"],
            cwd=self.top,
            env=_environ(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield Blobs(process.stdin, process.stdout)
            with suppress(BrokenPipeError):
                process.stdin.close()


class Blobs:
    """Contents of files, one after the other."""

    def __init__(self, ask: IO[bytes], answer: IO[bytes]) -> None:
        self._ask, self._answer = ask, answer

    def copy(self, oid: str, to: IO[bytes]) -> int | None:
        """Write a file's content; its size in bytes, or None where this clone lacks it."""
        try:
            self._ask.write(oid.encode() + b"\n")
            self._ask.flush()
        except BrokenPipeError:  # an older git ended where it might not ask for what is missing
            return None
        told = self._answer.readline().split()
        if len(told) != 3 or told[1] != b"blob":  # noqa: PLR2004 - digits, kind, size; else `missing`
            return None
        size = left = int(told[2])
        while left:
            piece = self._answer.read(min(COPIED_BYTES, left))
            if not piece:
                return None
            to.write(piece)
            left -= len(piece)
        self._answer.readline()
        return size


_COMMAND = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Of the environment, without the key: what git starts (filters) needs none.

    Where git runs us as a hook it says which repository, and takes any folder for the top of its work tree:
    the repository is that of the folder.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("AUDIOPOD_")}
    if not kept.get("GIT_WORK_TREE"):
        kept = {name: value for name, value in kept.items() if name not in _OF_A_HOOK}
    return kept | _QUIET


def _run(folder: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - git; what comes from outside stands behind its options
            [*_COMMAND, *words],
            cwd=folder,
            env=_environ(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("--base needs git, which is not installed or not on the PATH") from None


def _words(stderr: bytes) -> str:
    """What git says, on one line."""
    lines = stderr.decode(errors="replace").splitlines()
    return (
        "; ".join(line.removeprefix("fatal: ").strip() for line in lines if line.strip()) or "no reason told"
    )
