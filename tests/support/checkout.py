"""A repository of git with recordings, for tests of changes."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.bench import wav

QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass(frozen=True)
class Checkout:
    """A work tree."""

    folder: Path

    def git(self, *words: str, folder: Path | None = None) -> str:
        """What a command of git prints."""
        ended = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *words],
            cwd=folder or self.folder,
            env={**os.environ, **QUIET},
            capture_output=True,
            check=True,
        )
        return ended.stdout.decode(errors="replace").strip()

    def begin(self) -> None:
        """Make it a repository."""
        self.git("init", "-q", "-b", "main")

    def commit(self) -> str:
        """Commit all there is; its digits."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def wav(self, name: str, seconds: int = 60, mark: str = "") -> Path:
        """A recording."""
        return wav(self.folder / name, seconds, mark)

    def pointer(self, name: str, content: bytes) -> str:
        """A pointer of git-lfs to some content; its digest."""
        oid = hashlib.sha256(content).hexdigest()
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        )
        return oid

    def pulled(self, content: bytes) -> None:
        """Content that `git lfs pull` brought."""
        oid = hashlib.sha256(content).hexdigest()
        place = self.folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
