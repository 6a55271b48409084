"""Small recordings in a folder, and how they were looked at."""

import os
import shutil
from pathlib import Path

import pytest

from planner import pool
from planner.roots import Root

MEMO = Path(__file__).parents[4] / "examples/podcasts/trailer.opus"
LONG_AGO = 1_000_000_000


@pytest.fixture
def media(tmp_path):
    """Four files: two recordings in two folders, a text, an empty file; all of them old."""
    home = tmp_path / "media"
    (home / "talks").mkdir(parents=True)
    shutil.copy(MEMO, home / "a.opus")
    shutil.copy(MEMO, home / "talks/b.opus")
    (home / "notes.txt").write_text("no sound")
    (home / "empty.mp3").touch()
    for path in home.rglob("*.*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return home


@pytest.fixture
def root(media):
    return Root(str(media))


@pytest.fixture
def jobs(monkeypatch):
    """The jobs that were done in this process."""
    done, seen = pool.done, []
    monkeypatch.setattr(pool, "done", lambda job: seen.append(job) or done(job))
    return seen
