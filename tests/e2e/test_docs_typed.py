"""What the manual's pages show is what is printed: their blocks are typed, against the simulator.

`EARMARK_GOLDEN=write pytest tests/e2e/test_docs_typed.py` writes what is printed into the pages: look at it.
"""

import os
import shlex
import shutil
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from earmark import run_ends
from runner.engine import timing
from support import manual, pages
from support.shelves import SHELVES, archive, everything

WRITE = os.environ.get("EARMARK_GOLDEN") == "write"

QUICK = {"first_look": 0.2, "longest_look": 1.0, "doubt_looks": (0.0, 0.2, 0.5)}
"""Shorter waits than a reader's, in seconds."""

STORED = {"docs/guides/object-stores.md"}
"""Pages whose reader has a store."""

TYPED = ["docs/tutorial.md", *SHELVES]


@pytest.mark.parametrize("page", TYPED)
def test_what_a_page_shows_is_what_is_printed(page, monkeypatch, request, tmp_path):
    if page in STORED:
        archive(request.getfixturevalue("s3"), tmp_path)
    shared = "EARMARK_LEDGER='postgresql://" in pages.text_of(page)
    if not shared:  # whose waits are written down, and read as what they are
        monkeypatch.setattr(timing, "Patience", partial(timing.Patience, **QUICK))
    monkeypatch.setattr(run_ends, "READ_PATIENCE", 2.0)
    monkeypatch.setattr(timing, "USAGE_GAPS", (0.05, 0.1, 0.2, *timing.USAGE_GAPS))
    with ExitStack() as stack:
        # A path as short as a reader's: long ones are broken over two lines. Bills name its last part.
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="e", dir="/tmp"))
        folder = Path(place, Path(manual.HOME).name)
        folder.mkdir()
        SHELVES.get(page, _examples)(folder)
        reader = manual.Reader(folder, page, stack)
        if shared:
            reader.database = request.getfixturevalue("database")
        reader.work()
    if WRITE and reader.faults:
        path = pages.ROOT / page
        path.write_text(manual.renewed(pages.text_of(page), reader.lines), encoding="utf-8")
    assert not reader.faults, "\n\n".join(reader.faults)


NOT_TYPED = ("earmark simulate", "earmark selftest", "earmark diff", "run ")
"""Wishes of the README's table that take long, or have a guide of their own where they are typed."""


def test_what_the_readme_tells_to_type_works(bench):
    made = bench()
    everything(made.folder)
    wishes = [
        pages.words(row[-1])[0]
        for row in pages.rows(pages.text_of("README.md"))
        if len(row) == 2 and "`" in row[-1]
    ]
    typed = [each for each in wishes if not each.startswith(NOT_TYPED)]
    assert len(typed) > len(wishes) / 2
    for line in typed:
        ended = made.do(*shlex.split(line))
        assert ended.code == 0, f"{line}\n{ended.out}{ended.err}"


def _examples(folder):
    shutil.copytree(pages.ROOT / "examples", folder / "examples")
