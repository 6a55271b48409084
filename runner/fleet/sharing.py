"""One watcher for a fleet: what any host reads of jobs, bills, wallet and prices answers all that ask.

Which look may be used for which conclusion:

- A shared look answers a question only if it *began after* the question (`runner.fleet.looks`). So whatever
  was durable at the service when the engine asked is in it, and a look that began before a job was submitted
  never says anything of that job.
- Absence proves nothing here, as with a list that one run reads for itself: a job that a look does not show
  is read by its number, from the service, by the run that drives it, and three answers of 404 make it lost.
- What searches for a lost answer (a list read for tokens, bills read for a doubt) is never shared, nor is
  reading back before the first submit: these ask the service itself, as deep as they must. A doubt is
  cleared or left by what its own run has read.
- A failed job is given back after a reading of the bills that began after the wait and that reaches down
  without a gap to what this process has read before; where a look does not reach so far, the service is
  asked for the rest.
- That the service does not answer, or has too many calls, is true for all: it is told to all that asked. A
  key or a session that is refused may be one host's own, so it is not.

A look rests after it: the next of its name begins no sooner than a while after it began, however many hosts
ask. So the calls a minute have a bound that does not know the number of hosts.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Generic, TypeVar

from manifests.errors import MachineError
from runner.api.errors import ServiceDown, TooManyCalls
from runner.api.interface import JobApi, Wallet
from runner.api.reads import Sleep
from runner.api.service_types import listed
from runner.engine.messages import (
    CreditsRead,
    Event,
    Listed,
    RatesRead,
    Read,
    ReadCredits,
    ReadList,
    ReadRates,
    ReadUsage,
    ReadWallet,
    UsageRead,
    WalletRead,
)
from runner.fleet.billing_looks import KnownRows, chunks, extended
from runner.fleet.bodies import Body, Credits, Jobs, NoAnswer, Purse, Rates, Usage, read_back, written
from runner.fleet.looks import Looks
from runner.reading import Reader, list_from, read, usage_from

CLAIM = 10.0
"""Seconds without a sign after which whoever looks is taken for gone: a killed one holds nobody up longer.
A page usually comes within one; one that takes longer lets a second host look, which does no harm."""

FURTHER = 2**62
"""More looks than there will ever be."""

POLL = 0.2
"""Seconds between two glances into the ledger while another host looks."""

HELD_UP = 90.0
"""Seconds after which a host that got no answer from others' looks asks the service by itself."""

LIST_REST, PAGE_REST, AGE_REST = 1.0, 0.5, 0.1
"""Seconds from one look at a list to the next at least, seconds for each page that it took, and the share of
the age that half of the jobs have: 60 looks at one page a minute where jobs are quick, 10 of jobs that take
a minute and more, at most some 120 pages, for all hosts together."""

LONGEST_REST = 30.0
"""Seconds that a look rests at most, but for what the service itself asks to wait: as long as a run that is
alone waits between looks at most."""

BILLS_REST = 2.0
"""Seconds from one reading of bills, or of rows of the credits, to the next."""

PURSE_REST = 1.0
"""The same for the wallet, and for prices: each shift reads both before its first submit, and waits."""

FAILED_REST, LONGEST_ASKED = 2.0, 60.0
"""The same after no answer, and the most that is heeded of what the service asks to wait."""

T = TypeVar("T")


class Shared:
    """Answers the engine's reads for one process of a fleet; a `runner.reading.Reader`."""

    def __init__(
        self,
        looks: Looks,
        *,
        sleep: Sleep = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Share through these looks.

        Args:
            looks: the fleet's.
            sleep: waits; a true answer, as of `threading.Event.wait`, ends the waiting for others.
            clock: seconds, monotonic.
        """
        self._looks, self._sleep, self._clock = looks, sleep, clock
        self._known = KnownRows()

    def __call__(self, api: JobApi, action: Read) -> Event:
        """Answer a read by a look that began after this call; make it where nobody else does.

        Raises:
            ApiError: the service did not answer, this host or the one that looked.
        """
        name = name_of(action)
        if name is None:
            return read(api, action)
        try:
            body = self._seen(name, api, action)
            return read(api, action) if body is None else self._answer(body, api, action)
        except MachineError:  # no ledger to share through: the loop, which needs it, says so
            return read(api, action)

    def forget(self) -> None:
        """Count no bill as read any more."""
        self._known.forget()

    # -- whose look --------------------------------------------------------------------------

    def _seen(self, name: str, api: JobApi, action: Read) -> Body | None:
        """What a look of this name that begins from now on sees; None where waiting took too long."""
        asked = self._looks.board(name, FURTHER).begun
        until = self._clock() + HELD_UP
        while self._clock() < until:
            board = self._looks.board(name, asked)
            if board.latest is not None:
                return read_back(board.latest.body)
            if not board.claimed and board.wait <= 0:
                number = self._looks.begin(name, CLAIM)
                if number is not None:
                    return self._look(name, number, api, action)
            if self._sleep(POLL if board.claimed else min(board.wait, LONGEST_REST) or POLL):
                return None
        return None

    def _look(self, name: str, number: int, api: JobApi, action: Read) -> Body:
        """Look, and tell everybody.

        Raises:
            ApiError: no answer that others could use.
        """
        try:
            body, rest = self._made(name, number, api, action)
        except ServiceDown as error:
            body, rest = NoAnswer(True, str(error), error.retry_after), _asked(error.retry_after)
        except TooManyCalls as error:
            body, rest = NoAnswer(False, str(error), error.retry_after), _asked(error.retry_after)
        except BaseException:
            self._looks.drop(name, number)
            raise
        self._looks.end(name, number, written(body), rest)
        return body

    def _made(self, name: str, number: int, api: JobApi, action: Read) -> tuple[Body, float]:
        """What the service shows, and the seconds that the name rests after it."""

        def alive() -> None:
            self._looks.sign(name, number, CLAIM)

        match action:
            case ReadList():
                return self._jobs(api, action, alive)
            case ReadUsage():
                return self._usage(name, api, alive), BILLS_REST
            case ReadCredits():
                rows = api.credit_rows()
                return Credits(None if rows is None else tuple(rows)), BILLS_REST
            case ReadRates():
                rates = {kind: str(rate) for kind, rate in api.rates().items()}
                return Rates(rates, listed(api)), PURSE_REST
            case _:
                assert isinstance(action, ReadWallet)
                return Purse(Wallet(api.balance(), api.credits())), PURSE_REST

    def _jobs(self, api: JobApi, action: ReadList, alive: Callable[[], None]) -> tuple[Body, float]:
        """The list, as far as any run of the fleet waits for its jobs."""
        live = self._looks.live_jobs(action.service)
        pages = _Counted(api.pages(action.service), alive)
        seen = list_from(pages, ReadList(action.service, live.numbers | action.job_ids, frozenset()))
        rest = max(LIST_REST, pages.taken * PAGE_REST, live.age * AGE_REST)
        return Jobs(seen.jobs), min(rest, LONGEST_REST)

    def _usage(self, name: str, api: JobApi, alive: Callable[[], None]) -> Usage:
        """The newest rows, joined to those of the look before where that is near."""
        latest = self._looks.board(name).latest
        before = None if latest is None else read_back(latest.body)
        pages = _Counted(api.usage_pages(), alive)
        return extended(pages, before if isinstance(before, Usage) else None)

    # -- what it answers ---------------------------------------------------------------------

    def _answer(self, body: Body, api: JobApi, action: Read) -> Event:
        """The event that answers the action.

        Raises:
            ApiError: that the service did not answer; or a part of the bills that only it has.
        """
        match action, body:
            case _, NoAnswer(down, reason, retry_after):
                raise (ServiceDown if down else TooManyCalls)(reason, retry_after)
            case ReadList(service, job_ids), Jobs(jobs):
                return Listed(service, tuple(job for job in jobs if job.job_id in job_ids), job_ids)
            case ReadUsage(), Usage():
                return self._bills(body, api, action)
            case ReadCredits(), Credits(rows):
                return CreditsRead(rows)
            case ReadRates(), Rates():
                return RatesRead(body.exact(), body.types)
            case _, Purse(wallet):
                return WalletRead(wallet)
            case _:
                raise MachineError(f"the ledger holds a look of another kind: {type(body).__name__}")

    def _bills(self, look: Usage, api: JobApi, action: ReadUsage) -> UsageRead:
        """All rows of the look, and older ones where bills are missing and it does not reach far enough."""
        joined = replace(
            action, known=action.known | self._known.ids
        )  # what it has read for other shifts, too
        found = usage_from(chunks(look, api), joined)
        shown = {row.row_id for row in found.rows}
        rows = (*found.rows, *(row for row in look.rows if row.row_id not in shown))
        if found.joined:
            self._known.add(rows)
        return UsageRead(rows, found.joined)


def forget_bills(reader: Reader) -> None:
    """Bills that this process has read may be in no ledger: read anew as far down as it takes.

    So it is where a run came to nothing that was to record them, and where jobs are taken over whose bills
    were left to the run that drove them.
    """
    if isinstance(reader, Shared):
        reader.forget()


def name_of(action: Read) -> str | None:
    """The name of the look that may answer an action; None where the service itself must be asked."""
    match action:
        case ReadList(service, _, tokens) if not tokens:
            return f"list {service}"
        case ReadUsage():
            return "usage"
        case ReadCredits():
            return "credits"
        case ReadRates():
            return "rates"
        case ReadWallet():
            return "wallet"
        case _:
            return None


def _asked(retry_after: float | None) -> float:
    return min(max(FAILED_REST, retry_after or 0.0), LONGEST_ASKED)


class _Counted(Generic[T]):
    """Pages, with a sign of life for each."""

    def __init__(self, pages: Iterable[T], alive: Callable[[], None]) -> None:
        self._pages, self._alive = pages, alive
        self.taken = 0

    def __iter__(self) -> Iterator[T]:
        for page in self._pages:
            self.taken += 1
            yield page
            self._alive()
