"""The limits in force, of the environment and of every `earmark.toml`: the smallest about the same counts."""

from collections.abc import Iterator, Mapping

from earmark.amounts import amount
from earmark.policy import checks
from earmark.policy.values import Policy
from manifests.catalogue import Catalogue
from manifests.errors import UsageError
from manifests.limits import Limit, Limits, Scope, smallest

VARIABLES: Mapping[Scope, str] = {
    Scope.RUN: "EARMARK_MAX_SPEND_RUN",
    Scope.FILE: "EARMARK_MAX_SPEND_FILE",
    Scope.SERVICE: "EARMARK_MAX_SPEND_SERVICE",
    Scope.MONTH: "EARMARK_MAX_SPEND_MONTH",
}
"""Caps of the environment: what a change to a checkout cannot raise."""


def limits_of(environ: Mapping[str, str], policy: Policy, catalogue: Catalogue) -> Limits:
    """The limits that plans and runs obey; of equal ones the environment's is named.

    Raises:
        UsageError: a variable holds no amount.
    """
    return smallest([*of_environment(environ, catalogue), *policy.limits()])


def of_environment(environ: Mapping[str, str], catalogue: Catalogue) -> Iterator[Limit]:
    """The limits of the environment.

    Raises:
        UsageError: a variable holds no amount, or names no service.
    """
    for scope, name in VARIABLES.items():
        text = environ.get(name, "").strip()
        if not text:
            continue
        if scope is Scope.SERVICE:
            yield from _services(name, text, catalogue)
        else:
            yield Limit(scope, amount(name, text), name)


def _services(name: str, text: str, catalogue: Catalogue) -> Iterator[Limit]:
    """`stems=5,transcription=10`."""
    for each in text.split(","):
        service, equals, cents = each.partition("=")
        if not equals:
            raise UsageError(f"{name}: {each.strip()!r} says no amount: write stems=5.00,transcription=20")
        try:
            found = checks.paid_in_cents(service.strip(), checks.Context("", catalogue))
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from None
        yield Limit(Scope.SERVICE, amount(name, cents), name, found)
