"""The AudioPod client: the calls of `JobApi`, and the wallet's further ones.

Importing this module loads no HTTP library; the first call does.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from manifests import catalogue
from manifests.errors import UsageError
from manifests.length import Basis
from manifests.money import Cents, Rate
from runner.api import answers, jobs
from runner.api.address import DEFAULT_BASE, Base
from runner.api.asking import Asking, Known
from runner.api.errors import ApiError, CallRefused, Gone, ServiceDown
from runner.api.interface import (
    Accepted,
    Balance,
    BalanceCheck,
    CreditRow,
    Job,
    JobsPage,
    NotAllowed,
    Order,
    Received,
    Rejected,
    ResultFile,
    SubmitOutcome,
    Topup,
    UsageRow,
)
from runner.api.services import adapter
from runner.tempo import LEAST_READS, Tempo

if TYPE_CHECKING:
    import httpx

    from runner.api.deadlines import Deadlines
    from runner.api.heard import Hear
    from runner.api.http import Http
    from runner.api.reads import Reads
    from runner.api.wallet import Estimate, Wallet

PATIENCE = 30.0
"""Seconds over all repeats of one read, waits included: longer troubles are the engine's business,
which can tell a service that is down from one that is slow and keeps no thread waiting for it."""


class AudioPod:
    """One service, one key. Safe for calls from several threads; an instance of `JobApi`."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        *,
        session: str | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        patience: float = PATIENCE,
        limits: "Deadlines | None" = None,
        transport: "httpx.BaseTransport | None" = None,
        tempo: Tempo | None = None,
        hear: "Hear | None" = None,
    ) -> None:
        """Check the address; nothing is sent yet.

        Args:
            base_url: https, or http on loopback; empty for the service's own.
            key: goes to that address only, and into no message; None for prices and estimates,
                which need none.
            session: a session token, which goes to the same address in place of the key where a service
                wants one (noise reduction, docs/api.md 16); None where there is none.
            clock: seconds since the epoch.
            sleep: waits between repeats of a read; a true answer, as `threading.Event.wait` gives
                when the event is set, ends the repeating.
            patience: seconds over all repeats of one read.
            limits: deadlines; the usual ones where None.
            transport: for tests.
            tempo: how often reads begin; None for no limit but what 429 teaches.
            hear: told of each request, from any thread.

        Raises:
            UsageError: an address to which the key must not be sent.
        """
        self.base = Base.parse(base_url or DEFAULT_BASE)
        self._key = key
        self._session = session
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._limits = limits
        self._transport, self._hear = transport, hear
        self._lock = Lock()
        self._https: dict[bool, Http] = {}  # by whether a session token opens it
        self._known = Known()
        self._tempo = tempo or Tempo(floor=LEAST_READS)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base.url!r})"

    def submit(self, order: Order, last_chunk: Callable[[], bool]) -> SubmitOutcome:
        """Send once. Before the last chunk `last_chunk()` is asked: False cuts the upload.

        What the service tells beforehand, for nothing, may settle it before anything is sent.
        """
        from runner.api import upload, verdicts

        known = adapter(order.service)
        try:
            http = self._opened(session=known.session)
            ready = known.before(order, Asking(lambda: self._reads_of(order.service), self._known))
            if isinstance(ready, Rejected):
                return ready
            form = known.form(ready)
        except (ApiError, answers.UnreadableError) as error:
            return verdicts.unsent(error)
        except UsageError as error:
            return Rejected(f"{error}; nothing was sent")
        outcome = upload.submit(http, form, ready, last_chunk)
        if isinstance(outcome, Accepted) and not _is_made(order.service):
            return Accepted(outcome.job_id)  # of an input, it says how long the work takes
        if isinstance(outcome, NotAllowed) and known.session:
            return NotAllowed(f"{outcome.reason}; check {http.variable}")
        return outcome

    def pages(self, service: str) -> Iterator[JobsPage]:
        """The service's job list, newest first, page by page, ending where pages repeat or run out."""
        from runner.api import lists

        return lists.pages(self._reads_of(service), adapter(service))

    def job(self, service: str, job_id: str) -> Job:
        """One job's status."""
        known = adapter(service)
        found = jobs.job({**self._job(service, job_id), "id": job_id}, known.lengths)
        assert found is not None
        return found

    def result_files(self, service: str, job_id: str, wanted: Mapping[str, object]) -> list[ResultFile]:
        """The files of a finished job with fresh addresses; none where it shows no address.

        The job is read first, also where the addresses follow from its id: whether it is still
        there tells a result that is lost from one that is not there yet.
        """
        job = jobs.flat(self._job(service, job_id))
        return adapter(service).results(job_id, job, wanted, self.base)

    def listed_files(
        self, service: str, job_id: str, entry: Mapping[str, object], wanted: Mapping[str, object]
    ) -> list[ResultFile]:
        """The same without a call, by what a list has just shown; none where the job must be read."""
        return adapter(service).listed(job_id, jobs.flat(entry), wanted, self.base)

    def download(self, result: ResultFile, into: Path) -> Received:
        """Stream one result into a new file, check its length, sync it."""
        from runner.api import download

        http = self._opened(session=result.session)
        reads = self._reads_over(http)
        if result.own or result.session:  # a call of the service, counted like any other
            reads.await_turn()
        return reads.repeat(partial(download.download, http, result, into))

    def balance(self) -> Balance:
        """The wallet's balance."""
        return self._wallet.balance()

    def credits(self) -> int | None:
        """Account credits, None where this key may not read them."""
        return self._wallet.credits()

    def credit_rows(self) -> list[CreditRow] | None:
        """What left the account's credits, newest first; None where this key may not read it."""
        return self._wallet.credit_rows()

    def rates(self) -> dict[str, Rate]:
        """Live cents a minute by wallet service type."""
        return self._wallet.rates()

    def usage_pages(self) -> Iterator[tuple[UsageRow, ...]]:
        """Usage rows, newest first, page by page, ending where pages repeat or run out."""
        return self._wallet.usage_pages()

    def service_types(self) -> list[str]:
        """The wallet's names of what can be estimated."""
        return self._wallet.service_types()

    def estimate(self, service_type: str, seconds: int) -> "Estimate":
        """The service's own price for whole seconds of one type."""
        return self._wallet.estimate(service_type, seconds)

    def check_balance(self, service_type: str, seconds: int) -> BalanceCheck:
        """Whether the service would start this job now."""
        return self._wallet.check_balance(service_type, seconds)

    def credit_rates(self) -> dict[str, Rate]:
        """Live credits a minute by the account's names of services."""
        return self._wallet.credit_rates()

    def topups(self) -> Iterator[tuple[Topup, ...]]:
        """Top-ups, newest first, page by page."""
        return self._wallet.topups()

    def checkout(self, amount: Cents) -> str:
        """The address of a payment page for a top-up; nobody but a person may pay there."""
        return self._wallet.checkout(amount)

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        with self._lock:
            opened, self._https = list(self._https.values()), {}
        for http in opened:
            http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def http(self) -> "Http":
        """The clients that carry the key, made at the first call.

        Raises:
            KeyRefused: no key, or one that cannot be a key.
        """
        return self._opened(session=False)

    def _opened(self, *, session: bool) -> "Http":
        """The clients with the key, or with the session token; a missing token is an empty one.

        Raises:
            KeyRefused: there is none, or it cannot be one.
        """
        from runner.api.http import Http

        with self._lock:
            if session not in self._https:
                self._https[session] = Http(
                    self.base,
                    (self._session or "") if session else self._key,
                    session=session,
                    hidden=[each for each in (self._key, self._session) if each],
                    limits=self._limits,
                    now=self._clock,
                    transport=self._transport,
                    hear=self._hear,
                )
            return self._https[session]

    @property
    def _reads(self) -> "Reads":
        return self._reads_over(self.http)

    def _reads_of(self, service: str) -> "Reads":
        return self._reads_over(self._opened(session=adapter(service).session))

    def _reads_over(self, http: "Http") -> "Reads":
        from runner.api.reads import Reads

        return Reads(http, sleep=self._sleep, patience=self._patience, tempo=self._tempo)

    @property
    def _wallet(self) -> "Wallet":
        from runner.api.wallet import Wallet

        return Wallet(self._reads)

    def _job(self, service: str, job_id: str) -> answers.Fields:
        """The status answer, from the first of the service's addresses that knows the job."""
        path, *others = adapter(service).job_paths(job_id)
        try:
            return self._status(service, path)
        except (Gone, CallRefused):
            for other in others:
                with suppress(Gone, CallRefused):
                    return self._status(service, other)
            raise

    def _status(self, service: str, path: str) -> answers.Fields:
        try:
            return answers.mapping(self._reads_of(service).json(path))
        except answers.UnreadableError as error:
            raise ServiceDown(f"{path}: {error}") from None


def _is_made(service: str) -> bool:
    """Whether what is paid for is what the service makes, and not what it is given."""
    return catalogue.load().service(service).basis is Basis.OUTPUT
