"""A hook of mkdocs: README, CHANGELOG and the like become pages of the manual, and links to files hold.

The pages are written for people who read them where they lie. A link that leads out of docs/ leads, in the
site, to a page or a copy of what it names.
"""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
FIRST = "README.md"
OUTSIDE = (FIRST, "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md")
"""Pages of the project that are no files of docs/."""

_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\(|(?:src|srcset|href)=\")([^)\s\"#:]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside, and a copy of each file that a page links to."""
    waiting = [ROOT / page for page in OUTSIDE]
    waiting += [Path(each.abs_src_path) for each in files.documentation_pages() if each.abs_src_path]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        place = place_of(path)
        if files.get_file_from_path(place) is None:
            files.append(File.generated(config, place, abs_src_path=str(path)))
        if path.suffix == ".md":
            waiting += sorted(linked(path))
    return files


def on_page_markdown(markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - as mkdocs calls it
    """The page with links that hold in the site."""
    origin = page.file.abs_src_path
    assert origin is not None
    return relinked(markdown, Path(origin))


def place_of(path: Path) -> str:
    """Where a file of the project lies in the site; docs/ is its root."""
    inside = path.relative_to(ROOT)
    if inside == Path(FIRST):
        return "index.md"
    return (inside.relative_to("docs") if inside.parts[0] == "docs" else inside).as_posix()


def linked(path: Path) -> set[Path]:
    """The files of the project that a page links to."""
    found = set()

    def note(target: Path) -> str:
        found.add(target)
        return ""

    _replaced(path.read_text(encoding="utf-8"), path, note)
    return found


def relinked(markdown: str, path: Path) -> str:
    """A page's text with each link to a file of the project as it is written in the site."""
    folder = posixpath.dirname(place_of(path))
    return _replaced(markdown, path, lambda target: posixpath.relpath(place_of(target), folder or "."))


def _replaced(markdown: str, path: Path, name: Callable[[Path], str]) -> str:
    """The text with the targets of links to files given other names; blocks of code are left alone."""

    def one(match: re.Match[str]) -> str:
        target = (path.parent / match[2]).resolve()
        if not target.is_file() or not target.is_relative_to(ROOT):
            return match[0]
        return match[1] + name(target)

    pieces, at = [], 0
    for fence in _FENCE.finditer(markdown):
        pieces += [_LINK.sub(one, markdown[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*pieces, _LINK.sub(one, markdown[at:])])
