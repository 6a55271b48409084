"""What `plan` does, without a command line and without a screen: options and ends in, a result out."""

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.plan_addresses import distant
from earmark.plan_fit import more_of, room_of
from earmark.plan_gate import Funds, gate_of, offer_in
from earmark.plan_limits import REFUSING, limited
from earmark.plan_reading import add, identified, read, silent
from earmark.plan_tally import Everything, Kept, Tally
from earmark.plan_values import Draft, Offer, Outcome, PlanEnds, PlanOptions, PlanResult
from earmark.plan_wanted import wanted_of
from manifests.errors import UsageError
from manifests.exits import Exit
from manifests.limits import Limits, Scope, Used
from manifests.manifest import Total
from planner import plan as core
from planner.choices import Choice
from planner.fitting import Candidates, Prefer
from planner.heading import head_of, id_of
from planner.leftout import LeftOut
from planner.roots import Root, root_of
from planner.sales import Terms

_EXITS: Mapping[Outcome, Exit] = {
    Outcome.WRITTEN: Exit.DONE,
    Outcome.OVER_CAP: Exit.REFUSED,
    Outcome.OVER_LIMIT: Exit.REFUSED,
    Outcome.NOTHING_FITS: Exit.REFUSED,
    Outcome.NOTHING_PRICED: Exit.USAGE,
}


def make_plan(options: PlanOptions, ends: PlanEnds) -> PlanResult:
    """Plan, and write the manifest if it is within its cap.

    Raises:
        UsageError: a path, service, option or amount is wrong; --fit without any amount to fit into.
        MachineError: the manifest cannot be written.
    """
    if options.fit and not (options.caps or options.policy.limits) and ends.wallet is None:
        raise UsageError(
            "--fit needs an amount: add --max-spend AMOUNT, or set a key so that the balance is known"
        )
    wanted = wanted_of(options, ends)
    listed = ends.addresses(options)
    manifest_id = ends.new_id() if options.name is None else id_of(options.name)
    found = ends.walk(options)
    named = options.paths or [os.path.dirname(options.output) or os.curdir]  # noqa: PTH120
    root = root_of(named) if options.root is None else Root(options.root)
    scanner = ends.scanner(options, root)
    inputs, left_out = read(found, ends, scanner, wanted, root)
    add(distant(listed, wanted, ends), inputs, left_out)
    cloned = any(choice.clones for choice in wanted.every)
    sizes = ends.history.known_audio_bytes()
    inputs, digests = identified(inputs, left_out, ends, scanner, sizes, samples=cloned)
    heard = silent(inputs, ends, scanner) if "silence" in options.check else {}
    priced = core.price(
        inputs,
        digests,
        wanted.every,
        root,
        ends.history.paid,
        chosen=wanted.chosen,
        known_audio_bytes=sizes,
        pay_again=options.pay_again,
        terms=Terms(ends.history.speech, options.accept_ceiling),
    )
    with closing(ends.draft(Path(options.output))) as draft:
        limits = options.policy.limits
        everything = Everything(wanted.every, limits, _used(limits, ends))
        every = everything.lines.like() if options.fit else everything.lines
        samples = ends.wallet is not None
        tally = Tally(
            wanted.every,
            ends.history,
            draft,
            every,
            tells_all=options.tells_all,
            samples=samples,
            heard=heard,
        )
        choose = _fit if options.fit else _keep
        funds, outcome = choose(options, priced, everything, tally, lambda: _funds(ends, manifest_id))
        chosen = wanted.bought(everything.lines.services)
        result = _result(options, ends, chosen, outcome, funds, _Parts(root, tally, priced, left_out))
        result = replace(
            result, limited=limited(options.policy, everything.lines, everything.dear, tally.kept)
        )
        credits_ = ends.history.credits(manifest_id)
        result = replace(
            result, more=more_of(options, funds, everything.lines, tally.kept) if options.fit else None
        )
        result = replace(result, rules=wanted.told, addresses=len(listed.once), earlier_credits=credits_)
        return (
            _written(result, ends, manifest_id, tally.sums.total, draft)
            if outcome is Outcome.WRITTEN
            else result
        )


def _funds(ends: PlanEnds, manifest_id: str) -> Funds:
    answer = None if ends.wallet is None else ends.wallet()
    return Funds(answer, ends.history.held(), ends.history.committed(manifest_id))


def _used(limits: Limits, ends: PlanEnds) -> Used:
    """What counts against limits before anything of this plan is run."""
    monthly = limits.of(Scope.MONTH) is not None
    return Used(month=ends.history.month(ends.now().timestamp())) if monthly else Used()


def _keep(
    options: PlanOptions,
    priced: core.Priced,
    everything: Everything,
    tally: Tally,
    ask: Callable[[], Funds],
) -> tuple[Funds, Outcome]:
    """Keep all lines, and say how that ends: the lines are made once."""
    for batch in priced.batches():
        everything.add(batch.lines)
        tally.add(batch)
    lines, funds = everything.lines, ask()
    if not len(lines):
        return funds, Outcome.NOTHING_PRICED
    if options.max_spend is not None and lines.ceiling > funds.under(options.max_spend).left:
        return funds, Outcome.OVER_CAP
    if any(over.limit.scope in REFUSING for over in lines.over()):
        return funds, Outcome.OVER_LIMIT
    return funds, Outcome.WRITTEN


def _fit(
    options: PlanOptions,
    priced: core.Priced,
    everything: Everything,
    tally: Tally,
    ask: Callable[[], Funds],
) -> tuple[Funds, Outcome]:
    """Keep the lines that fit: they are made once to choose, and again to be kept."""
    for batch in priced.batches():
        everything.add(batch.lines)
    lines, funds = everything.lines, ask()
    stays = lines.fitting(room_of(options, funds).cents, options.prefer) if len(lines) else bytearray()
    start = 0
    for batch in priced.batches():
        end = start + len(batch.lines)
        tally.add(batch, stays[start:end])
        start = end
    if not len(lines):
        return funds, Outcome.NOTHING_PRICED
    return funds, Outcome.WRITTEN if any(stays) else Outcome.NOTHING_FITS


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where everything that was found went."""

    root: Root
    tally: Tally
    priced: core.Priced
    left_out: list[LeftOut]


def _result(
    options: PlanOptions,
    ends: PlanEnds,
    chosen: tuple[Choice, ...],
    outcome: Outcome,
    funds: Funds,
    parts: _Parts,
) -> PlanResult:
    products = list({choice.name: choice.product for choice in chosen}.values())
    tally = parts.tally
    return PlanResult(
        options=options,
        outcome=outcome,
        exit_code=_EXITS[outcome],
        choices=chosen,
        catalogue=ends.catalogue.date,
        root=parts.root,
        summary=tally.sums.summary(parts.priced.inputs, parts.left_out, products, tally.rebought.found),
        committed=funds.committed.committed,
        earlier=funds.committed,
        lines=Kept(parts.priced, tally.stays, len(tally.kept)),
        gate=gate_of(
            funds,
            tally.kept,
            products,
            options.caps,
            tally.sampler if outcome is Outcome.WRITTEN and not tally.sums.total.credits else None,
        ),
        fits_cap=_fits_cap(options, tally.kept, funds) if outcome is Outcome.OVER_CAP else None,
        fits_limits=_fits_limits(options, tally.kept, funds) if outcome is Outcome.OVER_LIMIT else None,
    )


def _fits_cap(options: PlanOptions, lines: Candidates, funds: Funds) -> Offer | None:
    """What the same plan would keep with --fit."""
    assert options.max_spend is not None
    return offer_in(lines, funds.under(options.max_spend).left, Prefer.NEWEST)


def _fits_limits(options: PlanOptions, lines: Candidates, funds: Funds) -> Offer | None:
    """The same of a plan that a limit refuses."""
    return offer_in(lines, room_of(options, funds).cents, options.prefer)


def _written(result: PlanResult, ends: PlanEnds, manifest_id: str, total: Total, draft: Draft) -> PlanResult:
    """Write the manifest, and say so in the result."""
    options = result.options
    place = result.root.beside(options.output)
    named = (options.max_spend, options.name)
    head = head_of(manifest_id, ends.now(), place, result.catalogue, result.choices, total, *named)
    draft.write(head)
    strict = options.strict and not result.summary.complete
    return replace(result, head=head, exit_code=Exit.SOME_FAILED if strict else Exit.DONE)
