"""What `plan` does, without a command line and without a screen: options and ends in, a result out."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.plan_addresses import distant
from earmark.plan_gate import Funds, gate_of, needed, offer_in
from earmark.plan_values import Offer, Outcome, PlanEnds, PlanOptions, PlanResult
from earmark.plan_wanted import wanted_of
from earmark.wallet_lookup import NoWallet
from manifests.errors import UsageError
from manifests.exits import Exit
from manifests.money import Cents
from planner import plan as core
from planner.choices import Choice, Chosen
from planner.distant import Distant
from planner.fitting import Prefer, fitting
from planner.heading import head_of, id_of
from planner.leftout import LeftOut
from planner.looking import Readers, look
from planner.pricing import Line
from planner.rebuying import Rebuying, rebuyings
from planner.recording import Entry
from planner.roots import Root, root_of
from planner.sales import Terms, fits_as_sample
from planner.stock import Stock
from planner.summary import summarise

_EXITS: Mapping[Outcome, Exit] = {
    Outcome.WRITTEN: Exit.DONE,
    Outcome.OVER_CAP: Exit.REFUSED,
    Outcome.NOTHING_FITS: Exit.REFUSED,
    Outcome.NOTHING_PRICED: Exit.USAGE,
}


def make_plan(options: PlanOptions, ends: PlanEnds) -> PlanResult:
    """Plan, and write the manifest if it is within its cap.

    Raises:
        UsageError: a path, service, option or amount is wrong; --fit without any amount to fit into.
        MachineError: the manifest cannot be written.
    """
    if options.fit and not options.caps and ends.wallet is None:
        raise UsageError(
            "--fit needs an amount: add --max-spend AMOUNT, or set a key so that the balance is known"
        )
    wanted = wanted_of(options, ends)
    listed = ends.addresses(options)
    manifest_id = ends.new_id() if options.name is None else id_of(options.name)
    found = ends.walk(options)
    root = root_of(options.paths or [os.path.dirname(options.output) or os.curdir])  # noqa: PTH120
    inputs, left_out = _read(wanted.sifted(found, root), ends, lambda path: wanted.of(root.relative(path)))
    _sort(distant(listed, wanted, ends), inputs, left_out)
    inputs, digests = _digests(inputs, left_out, ends, samples=any(choice.clones for choice in wanted.every))
    priced = core.price(
        inputs,
        digests,
        wanted.every,
        root,
        ends.history.paid,
        chosen=wanted.of,
        pay_again=options.pay_again,
        terms=Terms(ends.history.speech, options.accept_ceiling),
    )
    wanted.check_names(priced.lines)
    answer = None if ends.wallet is None else ends.wallet()
    funds = Funds(answer, ends.history.held(), ends.history.committed(manifest_id))
    kept, outcome = _within(options, priced.lines, funds)
    chosen = wanted.bought(priced.lines)
    result = _result(options, ends, chosen, outcome, funds, _Parts(root, kept, priced, left_out))
    committed = ends.history.credits(manifest_id).committed
    result = replace(result, rules=wanted.told, addresses=len(listed.once), credits_committed=committed)
    return _written(result, ends, manifest_id, kept) if outcome is Outcome.WRITTEN else result


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where everything that was found went."""

    root: Root
    kept: Sequence[Line]
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
    products = list({choice.product.name: choice.product for choice in chosen}.values())
    over = _others(parts.priced.lines, parts.kept)
    return PlanResult(
        options=options,
        outcome=outcome,
        exit_code=_EXITS[outcome],
        choices=chosen,
        catalogue=ends.catalogue.date,
        root=parts.root,
        summary=summarise(
            parts.kept, over, parts.priced.refused, parts.left_out, products, _rebuyings(parts.kept, ends)
        ),
        committed=funds.committed.committed,
        gate=gate_of(funds, parts.kept, products, options.caps),
        fits_cap=_fits_cap(options, parts.kept, funds) if outcome is Outcome.OVER_CAP else None,
    )


def _fits_cap(options: PlanOptions, lines: Sequence[Line], funds: Funds) -> Offer | None:
    """What the same plan would keep with --fit."""
    assert options.max_spend is not None
    return offer_in(lines, funds.under(options.max_spend).left, Prefer.NEWEST)


def _rebuyings(kept: Sequence[Line], ends: PlanEnds) -> tuple[Rebuying, ...]:
    digests = list(dict.fromkeys(line.item.sha256 for line in kept if line.item.sha256))
    return rebuyings(kept, ends.history.bought(digests))


def _read(found: Iterable[Entry | LeftOut], ends: PlanEnds, wanted: Chosen) -> tuple[Stock, list[LeftOut]]:
    """What the files offer to what is wanted of them, by their paths."""
    readers = Readers(ends.survey, ends.passages, ends.prompts)
    inputs = Stock()
    left_out: list[LeftOut] = []
    steps = core.scan(found, lambda path: look(path, wanted(path), readers))
    for each in ends.follow(steps, "reading lengths", None):
        if isinstance(each, LeftOut):
            left_out.append(each)
        else:
            inputs.extend(each)
    return inputs, left_out


def _sort(found: Iterable[Distant | LeftOut], inputs: Stock, left_out: list[LeftOut]) -> None:
    """Add what lies at addresses to what was found in folders."""
    for each in found:
        if isinstance(each, LeftOut):
            left_out.append(each)
        else:
            inputs.append(each)


def _digests(
    inputs: Stock, left_out: list[LeftOut], ends: PlanEnds, *, samples: bool
) -> tuple[Stock, dict[int, str]]:
    """Digests where they can matter; a recording that is gone by now moves to the files left out."""
    numbers = core.suspects(inputs, ends.history.known_audio_bytes(), fits_as_sample if samples else None)
    found: dict[int, str] = {}
    gone: dict[int, LeftOut] = {}
    steps = core.identify(inputs, numbers, ends.digest)
    for number, answer in ends.follow(steps, "comparing sound", len(numbers)):
        if isinstance(answer, str):
            found[number] = answer
        else:
            gone[number] = answer
    left_out.extend(gone.values())
    if not gone:
        return inputs, found
    stays = [number for number in range(len(inputs)) if number not in gone]
    return inputs.without(gone), {new: found[old] for new, old in enumerate(stays) if old in found}


def _within(options: PlanOptions, lines: Sequence[Line], funds: Funds) -> tuple[Sequence[Line], Outcome]:
    """The lines that the plan keeps under its cap, and how that ends."""
    if not lines:
        return lines, Outcome.NOTHING_PRICED
    if options.fit:
        numbers = fitting(lines, _room(options, funds), options.prefer)
        return [lines[number] for number in numbers], Outcome.WRITTEN if numbers else Outcome.NOTHING_FITS
    if options.max_spend is not None and needed(lines) > funds.under(options.max_spend).left:
        return lines, Outcome.OVER_CAP
    return lines, Outcome.WRITTEN


def _room(options: PlanOptions, funds: Funds) -> Cents:
    """What --fit fits into: the smallest cap's rest, and the wallet where no --max-spend was given."""
    rooms = [funds.under(cap).left for cap in options.caps]
    if options.max_spend is None and funds.purse is not None:
        rooms.append(funds.purse.free)
    if rooms:
        return min(rooms)
    why = funds.answer.reason if isinstance(funds.answer, NoWallet) else "no key is set"
    raise UsageError(f"--fit does not know the balance ({why}): give --max-spend AMOUNT")


def _others(lines: Sequence[Line], kept: Sequence[Line]) -> list[Line]:
    """The lines that were not kept."""
    if len(kept) == len(lines):
        return []
    staying = set(map(id, kept))
    return [line for line in lines if id(line) not in staying]


def _written(result: PlanResult, ends: PlanEnds, manifest_id: str, lines: Sequence[Line]) -> PlanResult:
    """Write the manifest, and say so in the result."""
    options = result.options
    place = result.root.beside(options.output)
    head = head_of(manifest_id, ends.now(), place, result.catalogue, result.choices, lines, options.max_spend)
    ends.write(Path(options.output), head, [line.item for line in lines])
    strict = options.strict and not result.summary.complete
    return replace(result, head=head, exit_code=Exit.SOME_FAILED if strict else Exit.DONE)
