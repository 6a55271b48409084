"""Where the two trees lie, and what of them is planned."""

# Names stay strings here, as in the walk.
# ruff: noqa: PTH100, PTH103, PTH112, PTH118, PTH119, PTH120

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from earmark.diff.base import Laid, lay_out
from earmark.diff.git import Base, Repository
from earmark.diff.lfs import Store
from earmark.diff.policed import policed
from earmark.plan_values import PlanEnds, PlanOptions
from earmark.policy.values import NAME
from manifests.errors import UsageError
from planner.roots import Root


@dataclass(slots=True)
class Work:
    """What both plans share: where the files are and what is said about them.

    Args:
        repository: of the work tree.
        base: the commit.
        home: a temporary folder, its real path.
        given: options whose paths are real ones.
        ends: of a plan.
    """

    repository: Repository
    base: Base
    home: str
    given: PlanOptions
    ends: PlanEnds
    store: Store
    notes: list[str] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """Where the commit's files lie."""
        return os.path.join(self.home, "base")

    @property
    def below_top(self) -> list[str]:
        """The paths that are planned, below the top."""
        return [self.below(path) for path in self.given.paths]

    @property
    def root(self) -> Root:
        """The folder that names are relative to, as the work tree has it."""
        folders = [
            path if os.path.isdir(path) or os.path.isdir(self.there(path)) else os.path.dirname(path)
            for path in self.given.paths
        ]
        return Root(os.path.commonpath(folders))

    def below(self, path: str) -> str:
        """A path below the top; empty for the top itself."""
        relative = os.path.relpath(path, self.repository.top)
        return "" if relative == os.curdir else relative

    def there(self, path: str) -> str:
        """Where the commit has what lies at a path of the work tree."""
        return os.path.normpath(os.path.join(self.folder, self.below(path)))

    def here(self, path: str) -> str:
        """Where the work tree has what lies at a path of the commit's files."""
        inside = path == self.folder or path.startswith(f"{self.folder}/")
        return self.repository.top + path[len(self.folder) :] if inside else path

    def new_options(self) -> PlanOptions:
        """Of the plan of the work tree: without paths that are not there."""
        paths = tuple(path for path in self.given.paths if os.path.lexists(path))
        return policed(replace(self.given, paths=paths, root=self.root.folder))

    def old_options(self) -> PlanOptions:
        """Of the plan of the commit."""
        paths = tuple(path for path in map(self.there, self.given.paths) if os.path.lexists(path))
        home = os.path.realpath(os.path.dirname(self.given.output))
        output = os.path.join(home if self._holds(home) else self.repository.top, "manifest.yaml")
        options = policed(
            replace(self.given, paths=paths, root=self.there(self.root.folder), output=self.there(output))
        )
        return options if options.rules is None else replace(options, rules=self._old_rules(options.rules))

    def _old_rules(self, rules: str) -> str:
        """The rules file as the commit has it; named on the command line, or by its `earmark.toml`."""
        here = self.here(os.path.realpath(rules))
        old = self.there(here)
        if self._holds(here) and not os.path.lexists(old):
            lay_out(self.repository, self.base.commit, [self.below(here)], self.folder, self.store)
        if self._holds(here) and os.path.lexists(old):
            return old
        self.notes.append(f"{self.below(here)} is not in {self.base.ref}: both plans follow the present one")
        return here

    def lay_out(self) -> Laid:
        """Lay the commit's files out.

        Raises:
            UsageError: a path is in neither tree.
        """
        os.makedirs(os.path.join(self.folder, ".git"))  # as far as that an earmark.toml counts
        paths = self.below_top
        beside = [each for each in self._beside() if not any(_within(each, path) for path in paths)]
        laid = lay_out(self.repository, self.base.commit, [*paths, *beside], self.folder, self.store)
        for path in self.given.paths:
            if not os.path.lexists(path) and not os.path.lexists(self.there(path)):
                raise UsageError(f"no such path: {self.below(path)}, neither here nor at {self.base.ref}")
        return laid

    def _beside(self) -> Iterator[str]:
        """Where a policy may lie: in each folder from a planned path up to the top."""
        folders: set[str] = set()
        for path in self.below_top:
            parts = [part for part in path.split("/") if part]
            folders |= {"/".join(parts[:count]) for count in range(len(parts) + 1)}
        yield from sorted(os.path.join(folder, NAME) for folder in folders)

    def _holds(self, path: str) -> bool:
        return os.path.commonpath([path, self.repository.top]) == self.repository.top


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def real_path(repository: Repository, path: str) -> str:
    """A path of the command line as the work tree has it; a link to a file keeps its own name.

    Raises:
        UsageError: it is empty, or outside of the work tree.
    """
    if not path.strip():
        raise UsageError("an empty path: name a file or folder (a variable in your script may be unset)")
    whole = os.path.abspath(path)
    real = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    if whole == os.sep or os.path.isdir(whole):
        real = os.path.realpath(whole)
    if os.path.commonpath([real, repository.top]) != repository.top:
        raise UsageError(f"{path} is outside of the repository {repository.top}: --base knows nothing of it")
    return real
