"""Places in object stores as people and manifests write them: `s3://bucket/talks`, beside paths on disks."""

import re
from pathlib import Path, PurePosixPath
from typing import TypeAlias

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FETCHED = ("http://", "https://")
"""Addresses that the service fetches from itself; they are given with `--url`."""

_PASSWORD = re.compile(r"(?!arn:)[^/@]*:(?!\d*(?:/|$)).*@", re.DOTALL)
"""A name and a password before an `@`; half of all secret keys have slashes. A port, or an ARN, is none."""

VERSION = "?versionId="
"""What s3fs takes for the name of an older version, not for a part of a key."""

_ODD = frozenset({"", ".", ".."})


def is_stored(text: str) -> bool:
    """Whether a text names a place in an object store rather than a path or a web address."""
    return "://" in text and _SCHEME.match(text) is not None and not text.lower().startswith(_FETCHED)


class Stored(PurePosixPath):
    """An object, or a prefix that objects lie under; its text is the URL.

    No part of it is empty, `.` or `..` (`problem`), so taking it apart and joining it changes nothing.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return super().__str__().replace(":/", "://", 1)

    def __fspath__(self) -> str:
        return str(self)


Location: TypeAlias = Path | Stored
"""A file or folder on a disk, or in a store."""


def location(text: str) -> Location:
    """A path or a URL as what it is."""
    return Stored(text) if is_stored(text) else Path(text)


def below(root: Location, path: str) -> Location:
    """The place that a manifest's line names: a URL or an absolute path as it is, others under the root."""
    if is_stored(path):
        return Stored(path)
    if isinstance(root, Stored) and path.startswith("/"):
        return Path(path)
    return root / path


def parts_of(url: str) -> tuple[str, str]:
    """Where the store is, such as `s3://bucket`, and what lies in it, without a slash at its end."""
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    return f"{scheme.lower()}://{bucket}", key.removesuffix("/")


def plain(url: str) -> str:
    """The URL in its one spelling: the scheme in small letters, no slash at the end."""
    place, key = parts_of(url)
    return f"{place}/{key}" if key else place


def problem(url: str) -> str | None:
    """What is wrong with a URL that somebody typed, or None."""
    scheme, _, rest = url.partition("://")
    if _PASSWORD.match(rest):
        return "it holds a password, which a manifest would keep: give it in the environment"
    if scheme.lower() in ("file", "local"):
        return f"a file of this machine: name it by its path, {rest or '/'}"
    place, key = parts_of(url)
    if place.endswith("://"):
        return f"no bucket is named: write {scheme}://BUCKET/FOLDER"
    return key_problem(key) if key else None


def key_problem(key: str) -> str | None:
    """What is wrong with an object's key, or with a part of it, or None."""
    if not _ODD.isdisjoint(key.split("/")):
        return "its key has an empty part, '.' or '..', which no manifest can name: copy it to a plain one"
    if "\0" in key:
        return "its key holds a NUL character"
    return (
        "its key looks like a version of another object: copy it to a plain one" if VERSION in key else None
    )


def without_password(url: str) -> str:
    """The URL for a message."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{_PASSWORD.sub('***@', rest, count=1)}"
