"""What the length of a file depends on beside its bytes: our readers, and the libraries that they ask."""

import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

LOOKING = ("survey.py", "probe.py", "content.py", "seen.py", "scan_file.py")
"""What stands above the readers."""

LIBRARIES = ("mutagen", "soundfile", "av")
"""Each states its version in its first module."""


def stamp() -> str:
    """A text that is another as soon as any of them is; takes a millisecond and imports nothing."""
    marks = "\n".join(sorted(map(_mark, [*_readers(), *_libraries()])))
    return sha256(f"{sys.version}\n{marks}".encode()).hexdigest()[:16]


def carried_stamp() -> str:
    """The same by contents and versions: it means the same on another machine."""
    from importlib.metadata import PackageNotFoundError, version

    digest = sha256(sys.version.encode())
    for module in sorted(_readers()):
        digest.update(f"\n{module.name}\n".encode() + module.read_bytes())
    for name in LIBRARIES:
        try:
            digest.update(f"\n{name} {version(name)}".encode())
        except PackageNotFoundError:
            digest.update(f"\n{name} -".encode())
    return digest.hexdigest()[:16]


def _readers() -> Iterator[Path]:
    home = Path(__file__).parent
    yield from (home / name for name in LOOKING)
    for folder in (home / "lengths", home / "containers"):
        yield from folder.glob("*.py")


def _libraries() -> Iterator[Path]:
    for name in LIBRARIES:
        found = find_spec(name)
        yield Path(found.origin if found and found.origin else name)


def _mark(module: Path) -> str:
    """The module as it is on the disk."""
    try:
        status = os.stat(module)  # noqa: PTH116 - one spelling with the scan's
    except OSError:
        return f"{module.name} -"
    return f"{module.name} {status.st_size} {status.st_mtime_ns}"
