"""What `run` was asked for, as it was typed, so that the screens can say what to type next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from manifests.money import Cents
from runner.options import MAX_TRIES


@dataclass(frozen=True, slots=True)
class Asked:
    """One command line of `run`; amounts in cents, `max_credits` in credits."""

    manifest: str
    results: str  # the folder, as people would name it
    max_spend: Cents | None = None
    outer_cap: Cents | None = None  # EARMARK_MAX_SPEND
    plan_cap: Cents | None = None  # the manifest's own `cap:`
    flags: Mapping[str, str] = field(default_factory=dict)  # option -> its value, empty for a switch
    only: tuple[str, ...] = ()  # patterns
    max_tries: int = MAX_TRIES
    max_credits: int | None = None
    reports: Sequence[str] = ()  # files of --report
    server: str = ""  # host and port, for people

    @property
    def is_for_a_part(self) -> bool:
        """Whether a part of the manifest was to be bought, or a part of it first."""
        return bool(self.only) or not self.flags.keys().isdisjoint(("--first", "--pilot"))

    @property
    def only_collects(self) -> bool:
        """Whether a cap of 0 was given, and no credits: nothing is bought."""
        return 0 in (self.max_spend, self.outer_cap) and not self.max_credits
