"""The smallest workplace of a run: files of a few bytes, a manifest in memory, a ledger, a fake account."""

import hashlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from manifests import catalogue
from manifests.errors import EarmarkError
from manifests.length import Grade
from manifests.manifest import Head, Item, Manifest, total
from manifests.money import Cents
from runner.api.interface import Spans
from runner.engine.timing import Patience
from runner.inputs import Probes
from runner.lines import Line, lines_of
from runner.options import RunEnds, RunOptions
from runner.report import RunReport
from runner.start import run
from support.fake_api import FakeApi
from support.ledgers import Shelf

QUICK = Patience(
    job=5.0, settle=0.0, bill=0.0, doubt_looks=(0.0,), first_look=0.01, longest_look=0.02, retry=0.02
)
"""Does not wait for bills."""

BILLED = replace(QUICK, settle=2.0, usage_share=0.05)
"""Waits for bills."""

PRODUCTS = ("transcription", "stems:two", "denoise:balanced")
RATES = {product: catalogue.load().product(product).rate for product in PRODUCTS}
ALL_RATES = {
    product.name: product.rate
    for service in catalogue.load().services
    for product in (catalogue.Product(service, variant) for variant in service.variants)
}


@dataclass(frozen=True)
class Look:
    """A file as the probe of the tests sees it."""

    size: int
    print: str
    spans: Spans


def look(path: str) -> Look:
    """Look at a file; all of it is sound."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise EarmarkError(f"{path} {error.strerror}") from error
    return Look(len(data), hashlib.sha256(data).hexdigest()[:12], ((0, len(data)),))


def digest(path: str, spans: Spans) -> str:
    """The digest of a file's sound."""
    look(path)
    data = Path(path).read_bytes()
    return hashlib.sha256(b"".join(data[start:end] for start, end in spans)).hexdigest()


def words(path: str) -> str:
    """The words of a text."""
    look(path)
    return Path(path).read_text(encoding="utf-8")


def prompts(path: str) -> set[str]:
    """The prints of a file's prompts, one a line."""
    return {hashlib.sha256(line.encode()).hexdigest()[:12] for line in words(path).splitlines()}


PROBES = Probes(look, digest, words, prompts)


def manifest_of(items: list[Item], **head: Any) -> Manifest:
    """A manifest of these lines."""
    given = {"id": "m1", "created": "2026-01-01T00:00:00Z", "root": ".", "catalogue": "2026-05-22"}
    return Manifest(Head(**{**given, "rates": dict(RATES), "total": total(items), **head}), tuple(items))


@dataclass
class Desk:
    """Where a run happens."""

    folder: Path
    api: FakeApi = field(default_factory=FakeApi)
    shelf: Shelf | None = None  # the ledger's store; a file in the folder if left out

    def __post_init__(self) -> None:
        shelf = self.shelf or Shelf("sqlite", self.folder / "state" / "ledger.db")
        self.ledger: Any = shelf.open(time.time)
        self.locks = self.ledger.locks()
        self.output = self.folder / "results"

    def close(self) -> None:
        """Close what is open."""
        self.ledger.close()
        self.locks.release()

    def item(self, name: str, service: str = "transcription", **fields: Any) -> Item:
        """A line for a file that is made where it is missing; its bytes are its name's."""
        path = self.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        seen = look(str(path))
        rate = ALL_RATES.get(service, Fraction(1))
        made = Item(name, service, 60.0, Grade.EXACT, 0, 0, seen.size, seen.print)
        cost = made.cost(catalogue.load().product(service), rate)
        prices = dict(zip(("cents", "ceiling"), cost.cents, strict=True))
        prices |= dict(zip(("credits", "credits_ceiling"), cost.credits, strict=True))
        kept = {
            each: getattr(made, each) for each in ("file", "service", "seconds", "grade", "size", "print")
        }
        return Item(**{**kept, **prices, **fields})

    def manifest(self, *names: str, **head: Any) -> Manifest:
        """A manifest that transcribes these files."""
        return manifest_of([self.item(name) for name in names], **head)

    def lines(self, manifest: Manifest, rates: Mapping[str, Fraction] = RATES) -> dict[str, Line]:
        """The lines of a manifest, by file and part."""
        return {line.label: line for line in lines_of(manifest, self.folder, rates)}

    def options(self, **changes: Any) -> RunOptions:
        """What is asked for; `spend` in cents."""
        spend = changes.pop("spend", None)
        given = {"manifest": self.folder / "m.yaml", "output": self.output, "patience": QUICK}
        return RunOptions(**{**given, "caps": (None if spend is None else Cents(spend),), **changes})

    def ends(self, **changes: Any) -> RunEnds:
        """The outside of a run."""
        given = {
            "api": lambda: self.api,
            "ledger": self.ledger,
            "locks": self.locks,
            "probes": PROBES,
            "rng": random.Random(1),
        }
        return RunEnds(**{**given, **changes})

    def run(self, manifest: Manifest, **changes: Any) -> RunReport:
        """Run a manifest to its end; changes of ends and of options."""
        names = (
            "api",
            "locks",
            "probes",
            "logged_in",
            "clock",
            "ask",
            "go_on",
            "listener",
            "watch",
            "on_signals",
            "alarm",
            "random_hex",
            "reach",
        )
        ends = {name: changes.pop(name) for name in names if name in changes}
        return run(manifest, self.options(**changes), self.ends(**ends))
