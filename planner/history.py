"""What an earlier run knows, as plain functions that the front door hands over.

The planner knows no ledger. Without one nothing is known, and nothing counts as paid before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from manifests.budget import Amounts
from manifests.money import ZERO, Cents


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase of some audio: submit options in wire values."""

    sha256: str
    product: str
    options: Mapping[str, object]


Spoken: TypeAlias = tuple[int, int, Fraction]
"""A text that was spoken: its characters, the seconds that were billed, the speed."""

Speech: TypeAlias = Callable[[str, str], Sequence[Spoken]]
"""What a voice spoke in a language so far; an empty language is one that was not stated."""


def _nothing_bought(_digests: Sequence[str]) -> Sequence[Bought]:
    return ()


def _no_keys(_keys: Sequence[str]) -> set[str]:
    return set()


def _no_sizes() -> set[int]:
    return set()


def _not_ours(_path: str) -> bool:
    return False


def no_speech(_voice: str, _language: str) -> Sequence[Spoken]:
    """What is known of a voice before it ever spoke."""
    return ()


def _none_unfinished(_manifest_id: str) -> int:
    return 0


def _nothing_committed(_manifest_id: str) -> Amounts:
    return Amounts(ZERO)


def _nothing_held() -> Cents:
    return ZERO


def _nothing_this_month(_now: float) -> Cents:
    return ZERO


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger can tell a plan; the defaults know nothing."""

    paid: Callable[[Sequence[str]], set[str]] = _no_keys
    """Those of the content keys that are bought, or being bought, and did not fail."""

    bought: Callable[[Sequence[str]], Sequence[Bought]] = _nothing_bought
    """What was bought of each audio, by its digest, with whatever product and options."""

    known_audio_bytes: Callable[[], set[int]] = _no_sizes
    """The lengths in bytes of all audio that was ever bought: only such files need a digest."""

    ours: Callable[[str], bool] = _not_ours
    """Whether a file is a result that Earmark wrote; it is no input."""

    ours_below: Callable[[str], bool] = _not_ours
    """Whether it wrote any below a folder, an absolute path: asked once for all that lies in it."""

    speech: Speech = no_speech
    """What was spoken before, by voice and language: it narrows the next estimate."""

    unfinished: Callable[[str], int] = _none_unfinished
    """How many purchases of a manifest are under way."""

    committed: Callable[[str], Amounts] = _nothing_committed
    """What already counts against the cap of a manifest."""

    credits: Callable[[str], Amounts] = _nothing_committed
    """The same of the account's credits, in credits."""

    month: Callable[[float], Cents] = _nothing_this_month
    """What all runs committed, or may yet reserve, in the calendar month of a moment."""

    held: Callable[[], Cents] = _nothing_held
    """What running jobs and other runs may still take from the wallet."""
