"""The commands that a screen tells people to type, quoted so that they can be pasted."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from earmark.plan_values import Offer, PlanOptions
from earmark.terminal import quoted
from manifests.money import Cents, plain

DEFAULT_OUTPUT = "manifest.yaml"
MINIMUM_TOPUP = 1
"""Dollars; the service takes no smaller top-up (docs/api.md 4)."""

_CENTS = 100

Command: TypeAlias = Callable[[PlanOptions, Offer, Cents], str]
"""Makes an offer a command; the cents are what already counts against the plan's cap."""


def plan_command(options: PlanOptions) -> str:
    """The `plan` command with these options."""
    words = ["plan", *map(pasted, options.paths)]
    words += [f"--url {quoted(text)}" for text in options.urls]
    words += [f"--urls {quoted(path)}" for path in options.url_lists]
    policy = options.policy  # what earmark.toml says is read again
    if options.rules is not None and "rules" not in policy.taken:
        words.append(f"--rules {quoted(options.rules)}")
    services = () if "services" in policy.taken else options.services
    include = () if "include" in policy.taken else options.include
    words += [f"--service {quoted(name)}" for name in services]
    words += [f"--set {quoted(text)}" for text in options.settings[policy.settings :]]
    words += [f"--include {quoted(glob)}" for glob in include]
    words += [f"--exclude {quoted(glob)}" for glob in options.exclude[policy.excludes :]]
    words += [f"--check {what}" for what in options.check]
    if options.name is not None:
        words.append(f"--name {quoted(options.name)}")
    words += [
        flag for flag, given in (("--pay-again", options.pay_again), ("--force", options.force)) if given
    ]
    if options.accept_ceiling:
        words.append("--accept-ceiling")
    if options.output != DEFAULT_OUTPUT and "output" not in policy.taken:
        words.append(f"-o {pasted(options.output)}")
    if options.max_spend is not None:
        words.append(f"--max-spend {plain(options.max_spend)}")
    if options.fit:
        words.append(f"--fit --prefer {options.prefer.value}")
    return " ".join(words)


def fitting(options: PlanOptions, offer: Offer, committed: Cents) -> str:
    """The same plan, keeping what fits into the offer's room."""
    return plan_command(_smaller(options, offer, committed))


def try_first(options: PlanOptions, offer: Offer, committed: Cents) -> str:
    """The command that buys a few items of the manifest, and asks before the rest."""
    return f"{run_command(options.output, Cents(offer.room + committed))} --pilot {offer.items}"


def with_cap(options: PlanOptions, cap: Cents) -> str:
    """The same plan under another cap."""
    return plan_command(replace(options, max_spend=cap, fit=False))


def run_command(manifest: str, cap: Cents, credits_: int = 0) -> str:
    """The command that runs a manifest; `credits_` are those of the account that it may take."""
    words = [f"run {pasted(manifest)}"]
    if cap or not credits_:  # a cap of nothing would buy nothing
        words.append(f"--max-spend {plain(cap)}")
    if credits_:
        words.append(f"--max-credits {credits_}")
    return " ".join(words)


def topup_command(short: Cents) -> str:
    """The command that tops the wallet up by what is missing, in whole dollars."""
    return f"earmark wallet topup --amount {max(MINIMUM_TOPUP, -(-short // _CENTS))}"


def _smaller(options: PlanOptions, offer: Offer, committed: Cents) -> PlanOptions:
    return replace(options, max_spend=Cents(offer.room + committed), fit=True, prefer=offer.prefer)


def pasted(path: str) -> str:
    """A path as an argument that no shell splits and no command takes for an option."""
    return quoted(f"./{path}" if path.startswith("-") else path)
