"""Builds the corpus: `python -m benchmarks.corpus.make --to DIR [--small] [--part held_out]`.

Needs ffmpeg, lame, apt-get and pip. What is in DIR already is kept: a second run goes on where one ended.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.corpus.damage import put_damaged, put_not_audio
from benchmarks.corpus.fetch import fetched
from benchmarks.corpus.made import put_made
from benchmarks.corpus.real import put_real
from benchmarks.corpus.settings import COMMON, OTHER
from benchmarks.corpus.shelf import Kind, Shelf
from benchmarks.corpus.sounds import sounds
from benchmarks.corpus.traps import put_traps

SEEDS = {"seen": 1, "held_out": 20262}
SETTINGS = {"seen": COMMON, "held_out": OTHER}
SOUNDS = {"seen": 6, "held_out": 5}
"""The last one, of minutes, takes as long to encode as all others."""

WOUNDED = {"seen": "-speech.", "held_out": "-telephone."}
"""The sound whose common variants are broken: small files, so that a broken byte meets something."""


def build(root: Path, part: str, *, small: bool, fetch: bool = True) -> int:
    """Build one part under `root`; how many files it has."""
    seed = SEEDS[part]
    shelf = Shelf(root / part)
    all_sounds = sounds(root / part / ".sounds", seed)
    used = all_sounds[: SOUNDS[part]]
    put_made(shelf, used, SETTINGS[part], small=small)
    put_traps(shelf, used, seed, small=small)
    common = [
        path for path in sorted((shelf.root / Kind.MADE.value).glob("*/[0-9]*")) if WOUNDED[part] in path.name
    ]
    put_damaged(shelf, common[:: 4 if small else 1], seed)
    put_not_audio(shelf, seed)
    if fetch:
        for folder in fetched(part, root / ".fetched"):
            put_real(shelf, folder, seed)
    return shelf.close()


def main() -> None:
    """Build what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--to", type=Path, required=True, help="the corpus's folder; a gigabyte, outside the checkout"
    )
    parser.add_argument("--part", choices=list(SEEDS), default="seen")
    parser.add_argument("--small", action="store_true", help="a tenth of it, in a minute")
    parser.add_argument("--no-fetch", action="store_true", help="nothing from package registries")
    given = parser.parse_args()
    print(build(given.to, given.part, small=given.small, fetch=not given.no_fetch), "files", file=sys.stderr)


if __name__ == "__main__":
    main()
