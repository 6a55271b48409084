"""Fuzzes one target for some seconds: with atheris where it is installed, else by plain mutation.

    python tests/fuzz/run.py wav --seconds 600 --keep build/fuzz

What breaks it is written to a file below the folder of `--keep`, and ends the run with code 1.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))
WATCHED = ["manifests", "planner", "runner", "mutagen"]
LONGEST = 1 << 16


def main() -> int:
    """Run as told on the command line."""
    options = _options()
    if options.target == "list":
        print(*importlib.import_module("fuzz.targets").TARGETS)  # noqa: T201
        return 0
    folder = options.keep / options.target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        return _plainly(options, folder)
    with atheris.instrument_imports(include=WATCHED):
        targets = importlib.import_module("fuzz.targets").TARGETS
    target = targets[options.target]
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number:02d}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={options.seconds}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={folder}/",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup(arguments, target)
    atheris.Fuzz()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz one reader of foreign bytes.")
    parser.add_argument("target", help="a name in TARGETS, or `list`")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seed", type=int, default=0, help="of plain mutation")
    return parser.parse_args()


def _plainly(options: argparse.Namespace, folder: Path) -> int:
    from fuzz.mutation import mutated
    from fuzz.targets import TARGETS

    target = TARGETS[options.target]
    seeds, random = target.seeds(), Random(options.seed)
    until, tried = time.monotonic() + options.seconds, 0
    while time.monotonic() < until:
        data = mutated(seeds, random)
        tried += 1
        try:
            target(data)
        except Exception:
            (folder / f"broken-{tried}").write_bytes(data)
            raise
    print(f"{options.target}: {tried:,} inputs, nothing broken")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
