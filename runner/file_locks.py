"""Locks of one machine: the operating system's, on files that are held open."""

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from manifests.errors import MachineError
from runner.locks import Locks

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,63}")


class FileLocks(Locks):
    """The locks of one process, in a folder beside the ledger."""

    def __init__(self, folder: Path, sleep: Callable[[float], object] = time.sleep) -> None:
        super().__init__(sleep)
        self._folder = folder
        self._held: dict[str, IO[str]] = {}

    def try_take(self, manifest_id: str) -> bool:
        """Take a manifest's lock; False when another process holds or shares it."""
        return self._try(manifest_id, fcntl.LOCK_EX)

    def try_share(self, manifest_id: str) -> bool:
        """Share a manifest's lock; False when another process holds it alone."""
        return self._try(manifest_id, fcntl.LOCK_SH)

    def _try(self, manifest_id: str, kind: int) -> bool:
        if manifest_id in self._held:
            return True
        file = self._open(manifest_id)
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        with suppress(OSError):  # a full disk: the number is for people, the lock holds without it
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), str(os.getpid()).encode())
        self._held[manifest_id] = file
        return True

    def is_free(self, manifest_id: str) -> bool:
        """Whether no other process holds a manifest's lock right now."""
        if manifest_id in self._held:
            return True
        taken = self.try_take(manifest_id)
        if taken:
            self._held.pop(manifest_id).close()
        return taken

    def taken(self, manifest_id: str) -> bool:
        """Whether a process holds a manifest's lock alone right now; makes no file.

        Who shares one has a lease, which the ledger knows.
        """
        try:
            file = self._path(manifest_id).open(encoding="utf-8")
        except FileNotFoundError:
            return False
        except OSError as error:
            raise MachineError(f"the lock in {self._folder} cannot be read: {error}") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def release(self) -> None:
        """Give all locks back."""
        for file in self._held.values():
            file.close()
        self._held.clear()

    def _open(self, manifest_id: str) -> IO[str]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._path(manifest_id).open("a+", encoding="utf-8")
        except OSError as error:
            raise MachineError(f"the lock in {self._folder} cannot be made: {error}") from error

    def _path(self, manifest_id: str) -> Path:
        """An id is free text, up to 100 characters: what no file can be called goes by its digest."""
        name = (
            manifest_id
            if _PLAIN.fullmatch(manifest_id)
            else hashlib.sha256(os.fsencode(manifest_id)).hexdigest()
        )
        return self._folder / f"{name}.lock"

    def _holder(self, manifest_id: str) -> str:
        with suppress(OSError):
            text = self._path(manifest_id).read_text(encoding="utf-8")
            return f" (process {text})" if text.isdigit() else ""
        return ""
