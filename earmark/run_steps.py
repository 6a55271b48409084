"""What to type after a run, in order: what must be there first, the command that goes on, other ways."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from earmark.next_steps import pasted, topup_command
from earmark.run_sums import credits_to_buy, short_of_credits, short_of_money, still_to_buy
from earmark.run_values import Asked
from earmark.screens.limits import raising
from earmark.screens.money import credits_, worth
from earmark.terminal import quoted
from earmark.wallet_ends import SESSION
from manifests.budget import Verdict
from manifests.exits import Exit
from manifests.limits import Scope
from manifests.money import Cents, plain, show
from runner.engine.world import Stop
from runner.report import Fate, RunReport

_LASTING = frozenset({Scope.FILE, Scope.MONTH})
"""Limits that the same command once more would meet again; a run has a sum of its own."""

_AGAIN = "tries again what failed"


@dataclass(frozen=True, slots=True)
class Step:
    """A command to type, or an act in words where no command does it."""

    command: str
    words: str = ""

    @property
    def text(self) -> str:
        """The command with its reason, or the words alone."""
        if not self.command:
            return self.words
        return f"{self.command}   ({self.words})" if self.words else self.command


@dataclass(frozen=True, slots=True)
class Steps:
    """The way on."""

    first: tuple[Step, ...] = ()
    go_on: Step | None = None
    others: tuple[Step, ...] = ()

    @property
    def path(self) -> tuple[Step, ...]:
        """What to do, in order."""
        return (*self.first, self.go_on) if self.go_on else self.first


def command(asked: Asked, *, without: str = "", **flags: str) -> str:
    """The `run` command as it was typed, with more flags (`skip_changed=""`) or without one."""
    options = {name: value for name, value in asked.flags.items() if name != without}
    options |= {f"--{name.replace('_', '-')}": value for name, value in flags.items()}
    words = ["run", pasted(asked.manifest)]
    if asked.max_spend is not None:
        words.append(f"--max-spend {plain(asked.max_spend)}")
    if asked.max_credits is not None:
        words.append(f"--max-credits {asked.max_credits}")
    words += [f"--only {quoted(glob)}" for glob in asked.only]
    words += [f"{name} {pasted(value)}" if value else name for name, value in options.items()]
    words += [f"--report {pasted(file)}" for file in asked.reports]
    outer = asked.outer_cap
    if outer is not None and asked.max_spend is not None and outer < asked.max_spend:
        words.insert(0, f"EARMARK_MAX_SPEND={plain(asked.max_spend)}")
    return " ".join(words)


def steps(report: RunReport, asked: Asked) -> Steps:
    """What to do next; nothing when all is done."""
    if report.exit is Exit.DONE:
        return Steps()
    return Steps(tuple(_first(report, asked)), _go_on(report, asked), tuple(_others(report, asked)))


# -- what must be there first --------------------------------------------------------------


def _first(report: RunReport, asked: Asked) -> Iterator[Step]:
    stops = dict(report.stops)
    if Stop.SESSION in stops or SESSION in stops.get(Stop.KEY, ""):
        yield Step(f"export {SESSION}=...", "the token of a login")
    elif Stop.KEY in stops:
        yield Step("export AUDIOPOD_API_KEY=ap_...", "the key of your account")
    if Stop.NAME in stops:
        yield Step(
            "", f"move away what has that name in {asked.results}, or name another folder with --output"
        )
    if Stop.DISK in stops:
        yield Step("", f"make room for {asked.results}, or name another folder with --output")
    short = short_of_money(report)
    if short > 0 and not _has_room_for_more(report, asked):
        yield Step(topup_command(short))
    lacking = short_of_credits(report)
    if lacking > 0:
        yield Step("", f"buy {credits_(lacking)} more ({worth(lacking)}) on the account's page")
    if report.refused is not None and report.refused.over is not None:
        yield Step("", raising(report.refused.over))
    lasting = [over for over in report.limited if over.limit.scope in _LASTING] if report.left_by_fit else []
    yield from (Step("", raising(over)) for over in lasting)
    cap = _needed_cap(report, asked)
    if cap is not None and asked.plan_cap is not None and asked.plan_cap < cap:
        yield Step("", f"raise `cap:` in {pasted(asked.manifest)} to ${plain(cap)}, or plan it again")


def _needed_cap(report: RunReport, asked: Asked) -> Cents | None:
    """The cap that all that waits needs; None where the present one will do."""
    waiting = still_to_buy(report)
    if report.refused is not None and asked.is_for_a_part:
        waiting = report.refused.needed
    if not waiting or _has_room_for_more(report, asked):
        return None
    needed = Cents(report.amounts.committed + waiting)
    return needed if asked.only_collects or needed > report.amounts.cap else None


def _has_room_for_more(report: RunReport, asked: Asked) -> bool:
    """Whether the same --first can buy something more: then no more room is asked for than that."""
    if "--first" not in asked.flags or report.refused is not None or report.balance is None:
        return False
    free = report.balance.balance - report.amounts.reserved - report.amounts.in_doubt
    return _something_fits(report, Cents(min(report.amounts.left, free)))


def _needed_credits(report: RunReport, asked: Asked) -> int | None:
    """The credits that all that waits for them needs; None where those allowed will do."""
    waiting = credits_to_buy(report)
    needed = report.credits.committed + waiting
    return needed if waiting and needed > (asked.max_credits or 0) else None


# -- the command that goes on --------------------------------------------------------------


def _go_on(report: RunReport, asked: Asked) -> Step | None:
    """The command that does what is left; None where only another one would."""
    stops = dict(report.stops)
    asked = beyond(report, asked)
    enough = _enough(report, asked)
    fates = _fates(report)
    if _nothing_would_come_of_it(report, asked):
        return None
    if Fate.STALE in fates:
        return Step(command(asked, skip_changed=""), "buys the rest without them")
    if Stop.PRICES in stops:
        same = enough is None or "--fit" in asked.flags
        return Step(
            command(asked if enough is None or same else enough, accept_prices=""),
            f"at today's prices{', under the same cap' if same else ''}",
        )
    if report.declined:
        return Step(command(asked, yes=""))
    if enough is not None:
        return Step(command(enough, without="--fit"), _rest(report))
    why = _rest(report) or _why(report, asked)
    return Step(command(_buying(report, asked) if why == _AGAIN else asked), why)


def _buying(report: RunReport, asked: Asked) -> Asked:
    """The same command under the cap that there is, where it was only to collect: that buys nothing."""
    return replace(asked, max_spend=report.amounts.cap) if asked.only_collects else asked


def _rest(report: RunReport) -> str:
    """What the command does that goes on after a pilot."""
    waits = report.pilot is not None and not report.stops and Fate.WAITING in _fates(report)
    return "buys the rest" if waits else ""


def beyond(report: RunReport, asked: Asked) -> Asked:
    """The command without what it did: the sample of a pilot, or the files that it was to buy alone."""
    if report.pilot is not None:
        return _past_pilot(report, asked)
    done = not (report.stops or report.refused or report.credits_refused or report.declined or report.signal)
    if not done or ("--first" in asked.flags and (report.submitted or not asked.only)):
        return asked
    return replace(
        asked, only=(), flags={name: value for name, value in asked.flags.items() if name != "--first"}
    )


def _past_pilot(report: RunReport, asked: Asked) -> Asked:
    """The command without --pilot; a pilot that something ended before the question is still to be judged."""
    pilot = report.pilot
    if pilot is None or ((report.stops or report.signal) and not pilot.agreed):
        return asked
    return replace(asked, flags={name: value for name, value in asked.flags.items() if name != "--pilot"})


def _enough(report: RunReport, asked: Asked) -> Asked | None:
    """The same command with caps that all that waits needs; None where the present ones will do."""
    cap, in_credits = _needed_cap(report, asked), _needed_credits(report, asked)
    if cap is None and in_credits is None:
        return None
    return replace(
        asked,
        max_spend=asked.max_spend if cap is None else cap,
        max_credits=asked.max_credits if in_credits is None else in_credits,
    )


def _nothing_would_come_of_it(report: RunReport, asked: Asked) -> bool:
    """Whether the same command once more would send nothing and fetch nothing."""
    fates = _fates(report)
    if not report.stops and fates <= {Fate.SAVED, Fate.STALE, Fate.SKIPPED}:
        return True
    ended = {Fate.SAVED, Fate.REJECTED, Fate.FAILED, Fate.LOST}
    stopped = report.stops or report.refused or report.declined
    return not stopped and fates <= ended and not _failed(report, asked, again=True)


def _why(report: RunReport, asked: Asked) -> str:
    """Why the same command once more."""
    stops = {stop for stop, _ in report.stops}
    if stops & {Stop.DOWN, Stop.UNREACHABLE, Stop.UNSAVED, Stop.WAITED}:
        return "later; what is paid is not paid again"
    if report.stops or report.refused:
        return ""
    fates = _fates(report)
    if Fate.IN_DOUBT in fates:
        return "looks for the lost answers again, free"
    if fates & {Fate.RUNNING, Fate.NOT_SAVED}:
        return "brings what is paid, free"
    if _failed(report, asked, again=True):
        return _AGAIN
    return ""


# -- other ways ----------------------------------------------------------------------------


def _others(report: RunReport, asked: Asked) -> Iterator[Step]:
    fates, asked = _fates(report), _past_pilot(report, asked)
    buying = _buying(report, asked)
    if (
        "--first" in beyond(report, asked).flags
        and report.exit is Exit.STOPPED_AS_TOLD
        and Fate.WAITING in fates
    ):
        flags = {name: value for name, value in asked.flags.items() if name not in ("--first", "--pilot")}
        every = replace(asked, only=(), flags=flags)
        yield Step(command(_enough(report, every) or every), "buys all that is left")
    refused = report.refused
    credits_refused = report.credits_refused is not None and "--fit" not in asked.flags
    if credits_refused and refused is None:
        yield from _fitting_credits(report, asked)
    if refused is not None and "--fit" not in asked.flags and _something_fits(report, refused.available):
        over = replace(asked, max_spend=report.amounts.cap) if refused.verdict is Verdict.OVER_CAP else asked
        yield Step(command(over, fit=""), f"what fits into {show(refused.available)} now")
    if Stop.SESSION in dict(report.stops):
        yield Step("", f"take the lines that credits pay out of {pasted(asked.manifest)}")
    if fates & {Fate.STALE, Fate.SKIPPED} or Stop.PRICES in dict(report.stops):
        if report.is_shared and Fate.STALE in fates:
            yield Step("earmark worker --root FOLDER", "on a host with these files, then the same command")
        yield Step("", "plan again with the same `plan` command; what is paid stays paid")
    if Fate.IN_DOUBT in fates:
        yield Step(f"earmark reconcile {pasted(asked.manifest)}", "decide about lost answers by hand")
    if Fate.REJECTED in fates and "--retry-failed" not in asked.flags:
        yield Step(command(buying, retry_failed=""), "sends rejected items again")
    yield from _failed_others(report, buying)
    if Fate.LOST in fates:
        yield Step("", "`plan --pay-again` buys lost results again")


def _fitting_credits(report: RunReport, asked: Asked) -> Iterator[Step]:
    """What could be bought without more credits, where anything could."""
    assert report.credits_refused is not None
    room, left = report.credits_refused.available, report.tally.end(Fate.WAITING)
    if left.credits.least is not None and left.credits.least <= room:
        yield Step(command(asked, fit=""), f"what fits into {credits_(room)} now")
    elif left.cents.items:
        yield Step(command(asked, fit=""), "without what credits would pay")


def _failed_others(report: RunReport, asked: Asked) -> Iterator[Step]:
    tries = report.tally.end(Fate.FAILED).tries
    if any(charged for charged, _ in tries) and "--retry-charged" not in asked.flags:
        yield Step(command(asked, retry_charged=""), "pays again for what failed and was charged")
    if _failed(report, asked, again=False):
        more = max(times for _, times in tries) + 1
        yield Step(command(asked, max_tries=str(more)), "once more, beyond the limit of tries")


def _failed(report: RunReport, asked: Asked, *, again: bool) -> bool:
    """Whether any failed item that was not charged may be tried again, or may not."""
    free = [times for charged, times in report.tally.end(Fate.FAILED).tries if not charged]
    return any((times < asked.max_tries) is again for times in free)


def _something_fits(report: RunReport, room: Cents) -> bool:
    least = report.tally.end(Fate.WAITING).cents.least
    return least is not None and least <= room


def _fates(report: RunReport) -> set[Fate]:
    return {end.fate for end in report.tally.ends}
