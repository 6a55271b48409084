"""The only module that touches fsspec: its filesystems as stores. Credentials are their environment's.

An fsspec filesystem of a kind is made once for each bucket and shared by all threads; its caches of
listings are off, since a run believes what a store says now.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from manifests.stored import parts_of
from stores.interface import About, NoKeys, NoSuchStore, NotAllowed, NotThere, StoreDown

try:
    import fsspec
except ImportError:  # the extra is not installed: `_filesystem` says so
    fsspec = None

T = TypeVar("T")

CONNECT_SECONDS, READ_SECONDS = 10, 30
"""A store that is silent for so long is tried again, some times, and then counts as down."""

TRIES = 2
"""Times that s3fs does again what boto's own three tries did not bring."""

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": 3},
        }
    },
}
"""What a kind of store is told beside its defaults."""

PIECE_BYTES = 8 << 20
"""A result is written in pieces of this size, of which a few are in memory; smaller ones in one go."""

FRESH_SECONDS = 60.0
"""How long a list of neighbours answers whether an object is there."""

_MARKS = ("ETag", "etag", "content_md5", "md5Hash", "md5", "generation")
_TIMES = ("LastModified", "last_modified", "mtime", "created", "updated")
_INSTALL = {
    "s3": "pip install 'earmark-audio[storage]'",
    "gs": "pip install gcsfs",
    "gcs": "pip install gcsfs",
}
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_CREDENTIALS = re.compile("credential|token", re.IGNORECASE)
_REFUSED = re.compile("expired|access ?key|signature|token", re.IGNORECASE)
"""In the words of a refusal that is about the credentials and not about an object, where no code says so."""

_NOT_ACCEPTED = frozenset(
    {
        "AccountProblem",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidSecurity",
        "InvalidToken",
        "NotSignedUp",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
"""S3's codes of the same; its words may hold names of objects and people."""

_WORDLESS = frozenset({"301", "307", "400", "403"})
"""What is left of S3's codes where it answers to HEAD, and sends no words with it."""

_ARCHIVED = "InvalidObjectState"


class FsspecStore:
    """A bucket, through fsspec; see `stores.interface.Store`."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._fs = _filesystem(place)
        self._near: dict[str, tuple[float, set[str]]] = {}
        self._lock = Lock()
        self._has_ranges = True

    def about(self, url: str) -> About | None:
        """As `Store.about`."""
        try:
            info = self._told(url, lambda: self._fs.info(self._path(url)))
        except (NotAllowed, StoreDown) as error:
            if error.__cause__ is not None and _code(error.__cause__) in _WORDLESS:
                self._told(url, lambda: self._fs.cat_file(self._path(url), start=0, end=1))  # says why
            raise
        return _about(info) if info.get("type") == "file" else None

    def below(self, url: str) -> Iterator[tuple[str, About]]:
        """As `Store.below`; the list is held in memory."""
        base = f"{self._path(url)}/"
        found = self._told(url, lambda: self._fs.find(self._path(url), detail=True))
        # What is held is what is used: a million dictionaries of headers would be a gigabyte.
        names = sorted((name, _about(found.pop(name))) for name in list(found) if name.startswith(base))
        return ((name[len(base) :], about) for name, about in names)

    def read(self, url: str, start: int, end: int) -> bytes:
        """As `Store.read`."""
        if not self._has_ranges:  # the next one would come whole, too
            raise StoreDown(f"{url}: its server has no ranges")
        found: bytes = self._told(url, lambda: self._fs.cat_file(self._path(url), start=start, end=end))
        if len(found) > end - start:
            self._has_ranges = False
            raise StoreDown(f"{url}: its server has no ranges, and sends more than was asked for")
        if len(found) < end - start:
            raise StoreDown(f"{url}: {len(found):,} bytes came of {end - start:,}; it may have been replaced")
        return found

    def put(self, source: Path, url: str) -> None:
        """As `Store.put`."""
        size = source.stat().st_size
        self._told(url, lambda: self._write(source, size, self._path(url)))
        there = self.about(url)
        if there is None or there.size != size:
            raise StoreDown(
                f"{url}: {there.size if there else 0:,} bytes are there of {size:,} that were sent"
            )

    def move(self, url: str, target: str) -> None:
        """As `Store.move`."""
        self._told(target, lambda: self._fs.cp_file(self._path(url), self._path(target)))
        self.remove(url)
        with self._lock:
            folder, _, name = target.rpartition("/")
            if folder in self._near:
                self._near[folder][1].add(name)

    def remove(self, url: str) -> None:
        """As `Store.remove`."""
        with suppress(NotThere):
            self._told(url, lambda: self._fs.rm_file(self._path(url)))

    def has(self, url: str) -> bool:
        """As `Store.has`."""
        folder, _, name = url.rpartition("/")
        with self._lock:
            read, names = self._near.get(folder, (0.0, set()))
            if not read or monotonic() - read > FRESH_SECONDS:
                self._near[folder] = monotonic(), (names := self._names(folder))
            return name in names

    def _names(self, folder: str) -> set[str]:
        try:
            found = self._told(folder, lambda: self._fs.ls(self._path(folder), detail=True))
        except NotThere:
            return set()
        return {each["name"].rpartition("/")[2] for each in found if each.get("type") == "file"}

    def _write(self, source: Path, size: int, path: str) -> None:
        if size <= PIECE_BYTES:
            self._fs.pipe_file(path, source.read_bytes())
            return
        with source.open("rb") as read, self._fs.open(path, "wb", block_size=PIECE_BYTES) as write:
            shutil.copyfileobj(read, write, PIECE_BYTES)

    def _path(self, url: str) -> str:
        path: str = self._fs._strip_protocol(url)  # noqa: SLF001 - fsspec's own way from a URL to its path
        return path

    def _told(self, url: str, ask: Callable[[], T]) -> T:
        """What the filesystem answers, or its error in our words."""
        try:
            return ask()
        except Exception as error:  # whatever a library of somebody else raises
            raise _error(url, self._place, error) from error


def _filesystem(place: str) -> Any:
    scheme = place.partition("://")[0]
    if fsspec is None:
        raise NoSuchStore(f"{place}: object stores need an extra: {_INSTALL['s3']}")
    try:
        kind = fsspec.get_filesystem_class(scheme)
    except ValueError:
        raise NoSuchStore(f"{place}: no kind of store is called {scheme}://; s3:// is one") from None
    except ImportError as error:
        way = _INSTALL.get(scheme, str(error))
        raise NoSuchStore(f"{place}: what reads {scheme}:// is not installed: {way}") from error
    named = kind._get_kwargs_from_urls(f"{place}/")  # noqa: SLF001 - such as the host of sftp://host/
    made = kind(
        **{"use_listings_cache": False, "skip_instance_cache": True, **OPTIONS.get(scheme, {}), **named}
    )
    if scheme == "s3":
        made.retries = TRIES
    return made


def _about(info: Mapping[str, Any]) -> About:
    mark = next((str(info[name]) for name in _MARKS if info.get(name)), "")
    time = next((info[name] for name in _TIMES if info.get(name)), 0)
    return About(int(info.get("size") or 0), _nanoseconds(time), mark)


def _nanoseconds(time: object) -> int:
    if isinstance(time, datetime):
        time = time.timestamp()
    return int(time * 1_000_000_000) if isinstance(time, int | float) else 0


def _error(url: str, place: str, error: Exception) -> NotThere | NotAllowed | StoreDown:
    words = _shown(error)
    if isinstance(error, FileNotFoundError):
        if "bucket" in words:
            return NotThere(f"{url}: there is no bucket {parts_of(place)[0]}")
        return NotThere(f"{url}: no such object")
    if _CREDENTIALS.search(type(error).__name__):
        return NoKeys(
            f"{url}: no credentials for it in this environment: set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        )
    return _refusal(url, error, words) or StoreDown(f"{url}: the store cannot be read or written: {words}")


def _refusal(url: str, error: Exception, words: str) -> NotAllowed | None:
    """The error where a store says no; None where it says something else."""
    code, says_no = _code(error), isinstance(error, PermissionError)
    if code in _NOT_ACCEPTED or (not code and says_no and _REFUSED.search(words)):
        return NoKeys(f"{url}: the credentials of this environment are not accepted ({words})")
    if code == _ARCHIVED:
        return NotAllowed(f"{url}: it lies in an archive: restore it, then plan again ({words})")
    if says_no:
        return NotAllowed(f"{url}: the credentials of this environment do not open it ({words})")
    return None


def _code(error: BaseException) -> str:
    """S3's code of an error, through what s3fs made of it; empty where it is of another kind."""
    for each in (error, error.__cause__, error.__context__):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return ""


def _shown(error: Exception) -> str:
    """A library's words in one line, without what the environment keeps secret."""
    text = " ".join(str(error).split()) or type(error).__name__
    for name in _SECRETS:
        if secret := os.environ.get(name):
            text = text.replace(secret, "***")
    return text[:300]
