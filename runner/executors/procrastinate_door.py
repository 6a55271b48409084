"""The one door to Procrastinate: it rings where a shift waits; what is true stands in the ledger.

A job carries the id of a shift and nothing else. Ringing once too often is harmless (the ledger says that
the shift is taken), and a ring that was lost is rung again by the recovery, which asks the ledger what
waits. So a job's row is worth nothing: it goes when its shift ends, or when its worker is lost.
Procrastinate is asynchronous; what it calls here are the plain functions of a host, in threads of their own.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager, migrations_path
from procrastinate.types import JSONDict

from manifests.errors import EarmarkError
from runner.executors import queue_schema
from runner.executors.doorbell import USUAL, Asked, Handle, Look, Recover, Rhythm, Tell, nothing, silent
from runner.ledger.postgres import connecting
from runner.ledger.postgres import dsn as address

SHIFTS, RECOVERY = "earmark-shifts", "earmark-recovery"
"""Queues. The recovery has one of its own: a host whose slots are all taken by shifts still recovers."""

FIRST = 100
"""Priority of the recovery; shifts have 0."""

LISTENS = 0.1
"""Seconds between two looks whether the host is to stop."""

BATCH = 1_000
"""Jobs deferred, and waiting shifts looked at, in one statement."""

_SHIFT_TASK, _RECOVERY_TASK = "earmark:shift", "earmark:recover"

_log = logging.getLogger(__name__)


# -- the schema ----------------------------------------------------------------------------


def migrate(connection: psycopg.Connection[Any]) -> list[str]:
    """Make the queue's tables, or bring them up to date, in the caller's transaction.

    Returns:
        A sentence for each step that was done; none where all was there.

    Raises:
        NoQueue: the tables are not Earmark's, or are newer than what is installed here.
    """
    return queue_schema.migrate(connection, SchemaManager.get_schema(), _migrations())


def check(connection: psycopg.Connection[Any]) -> None:
    """See that the queue is there, and as old as the Procrastinate installed here.

    Raises:
        NoQueue: it is not; the message says what to do.
    """
    queue_schema.check(connection, _migrations())


def _migrations() -> list[Path]:
    """Procrastinate's migrations, in order."""
    return sorted(each for each in migrations_path.iterdir() if each.suffix == ".sql")


# -- ringing -------------------------------------------------------------------------------


def defer(connection: psycopg.Connection[Any], shifts: Iterable[int]) -> None:
    """Ring for these shifts, in the caller's transaction: heard when it is committed, or never.

    Raises:
        psycopg.Error: as the caller's own statements do.
    """
    app = App(connector=SyncPsycopgConnector())  # never opened: the connection is the caller's
    left = iter(shifts)
    while some := list(islice(left, BATCH)):
        ringing = app.configure_task(_SHIFT_TASK, queue=SHIFTS, connection=connection)
        try:
            ringing.batch_defer(*_jobs(some))
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.Error):
                raise error.__cause__ from None
            raise


def _jobs(shifts: Iterable[int]) -> list[JSONDict]:
    return [{"shift": shift} for shift in shifts]


# -- serving -------------------------------------------------------------------------------


def serve(
    dsn: str,
    handle: Handle,
    recover: Recover,
    stop: Asked,
    *,
    looks: Look = nothing,
    at_once: int = 1,
    tell: Tell = _log.warning,
    clock: Callable[[], float] = time.time,
    rhythm: Rhythm = USUAL,
) -> None:
    """Answer the bell on this host until it is to stop, and the shifts that it began have ended.

    It outlives the database: shifts under way go on by themselves, and the bell is answered again when the
    database is back.

    Args:
        dsn: of the database, which has the queue.
        handle: works on a shift, or on any that waits, in a thread of its own. What it raises ends this host.
        recover: fences what is dead; gives the ids of all shifts that wait, rung for or not.
        stop: nothing more is begun once it is set; shifts under way are to end by themselves.
        looks: whether a shift waits that this host may take, asked now and then while it has room: another
            host may have answered the bell, and have found that the files are not there.
        at_once: shifts at once.
        tell: hears a sentence when the database goes away, when it is back, and of a recovery that failed.
        clock: of this host, in seconds since 1970.
        rhythm: how often it does what.

    Raises:
        NoQueue: there is no queue, or one of another age.
        NoServer: the database cannot be reached at the start, or does not let us in.
    """
    with connecting.connect(dsn, purpose="bell", writes=False) as connection:
        check(connection)
    with silent("procrastinate", "psycopg", "asyncio"), ThreadPoolExecutor(at_once + 2, "shift") as threads:
        asyncio.run(_Host(dsn, handle, recover, looks, stop, at_once, tell, clock, rhythm, threads).serve())


@dataclass(slots=True)
class _Host:
    """One host at the bell."""

    dsn: str
    handle: Handle
    recover: Recover
    looks: Look
    stop: Asked
    at_once: int
    tell: Tell
    clock: Callable[[], float]
    rhythm: Rhythm
    threads: ThreadPoolExecutor
    under_way: "set[asyncio.Future[None]]" = field(default_factory=set)
    room: asyncio.Semaphore = field(init=False)
    failure: BaseException | None = None
    told: dict[str, str] = field(default_factory=dict)  # the last trouble, by what it troubled

    def __post_init__(self) -> None:
        self.room = asyncio.Semaphore(self.at_once)

    async def serve(self) -> None:
        """Until it is to stop. What a shift raised is raised here, once the others have ended."""
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: _log.debug("%s", context))
        while not self._ends:
            await self._session()
        if self.under_way:
            await asyncio.wait(self.under_way)
        if self.failure is not None:
            raise self.failure

    @property
    def _asked(self) -> dict[str, Any]:
        """What the driver is told beside the address; among it that no statement is compiled."""
        return address.asked_for(self.dsn, purpose="bell", writes=False)

    @property
    def _ends(self) -> bool:
        return self.stop.is_set() or self.failure is not None

    # -- one session with the database

    async def _session(self) -> None:
        """From one loss of the database to the next."""
        if not await self._reached():
            return
        patience = self.rhythm.patience
        connector = PsycopgConnector(
            conninfo=self.dsn,
            kwargs=self._asked,
            min_size=1,
            max_size=2,
            timeout=patience,
            reconnect_timeout=patience,
        )
        try:
            async with App(connector=connector).open_async():
                await self._work(connector)
        except (ConnectorException, psycopg.Error) as error:
            cause = error.__cause__ or error
            if not isinstance(cause, psycopg.OperationalError):  # no loss: told, for it may be there for good
                self._tell_once("the queue failed, trying again", cause)
        if not self._ends:
            await asyncio.sleep(self.rhythm.reconnects)

    async def _reached(self) -> bool:
        """Wait until the database answers; False where the host is to stop before."""
        away_since = None
        while not self._ends:
            try:
                async with await psycopg.AsyncConnection.connect(self.dsn, **self._asked):
                    pass
            except psycopg.Error as error:
                if away_since is None:
                    away_since = time.monotonic()
                    self.tell(f"the database is away, trying again: {self._told(error)}")
                await asyncio.sleep(self.rhythm.reconnects)
            else:
                if away_since is not None:
                    self.tell(f"the database is back after {time.monotonic() - away_since:.0f} s")
                return True
        return False

    async def _work(self, connector: PsycopgConnector) -> None:
        """Let workers answer, until one ends by itself, or something else asks for a new beginning."""
        begun = [
            asyncio.create_task(each)
            for each in (
                self._watch(),
                self._unlocked(connector),
                self._looking(),
                self._worker(self._recovering(connector), RECOVERY),
                self._worker(self._ringing(connector), SHIFTS, self.at_once),
            )
        ]
        ended, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
        for each in begun:
            each.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        for each in ended:
            each.result()  # raises what ended it

    async def _worker(self, app: App, queue: str, at_once: int = 1) -> None:
        """Answer one queue until cancelled, or until the connection breaks.

        It does not wait for shifts when it ends: threads go on without it, and the ledger has what they did.
        """
        listens = (
            queue == SHIFTS
        )  # that takes a connection: the recovery, always looked for, is not worth one
        await app.run_worker_async(
            queues=[queue],
            concurrency=at_once,
            fetch_job_polling_interval=self.rhythm.polls if listens else self.rhythm.looks,
            shutdown_graceful_timeout=self.rhythm.grace,
            listen_notify=listens,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=self.rhythm.sign_of_life,
            stalled_worker_timeout=self.rhythm.lost,
        )

    async def _watch(self) -> None:
        """Until the host is to stop, or the clock was set."""
        offset = self.clock() - time.monotonic()
        while not self._ends:
            await asyncio.sleep(LISTENS)
            if abs(self.clock() - time.monotonic() - offset) > self.rhythm.clock_jump:
                return

    # -- shifts

    def _ringing(self, connector: PsycopgConnector) -> App:
        app = App(connector=connector)

        @app.task(name=_SHIFT_TASK, queue=SHIFTS)
        async def answer(shift: int) -> None:
            if self._ends:  # fetched while the host was told: for another one, or for later
                await app.configure_task(_SHIFT_TASK, queue=SHIFTS).defer_async(shift=shift)
            else:
                await self.room.acquire()
                await asyncio.shield(self._begun(shift))

        return app

    async def _looking(self) -> None:
        """Take what waits and nobody rang for, as long as there is room."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.rhythm.glances)
            with self._surviving("what waits could not be looked for"):
                while not (self._ends or self.room.locked()) and await loop.run_in_executor(
                    self.threads, self.looks
                ):
                    await self.room.acquire()
                    self._begun(None)

    def _begun(self, shift: int | None) -> "asyncio.Future[None]":
        """A shift in a thread of its own, which no loss of the queue ends; there is room for it."""
        future = asyncio.get_running_loop().run_in_executor(self.threads, self.handle, shift)
        self.under_way.add(future)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future: "asyncio.Future[None]") -> None:
        self.under_way.discard(future)
        self.room.release()
        if not future.cancelled() and (error := future.exception()) is not None:
            self.failure = self.failure or error

    # -- recovery

    def _recovering(self, connector: PsycopgConnector) -> App:
        app = App(connector=connector)

        @app.periodic(cron=self.rhythm.recovers)
        @app.task(name=_RECOVERY_TASK, queue=RECOVERY, priority=FIRST, lock=RECOVERY, queueing_lock=RECOVERY)
        async def look(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's word for when it was due
            await self._finish_lost(app, SHIFTS)
            with self._surviving("what is dead could not be recovered"):
                loop = asyncio.get_running_loop()
                waiting = await loop.run_in_executor(
                    self.threads, lambda: list(islice(self.recover(), BATCH))
                )
                await self._ring_again(connector, waiting)

        return app

    async def _unlocked(self, connector: PsycopgConnector) -> None:
        """A recovery whose host died holds its lock: every host sees to that, for no recovery can."""
        app = App(connector=connector)
        while True:
            await self._finish_lost(app, RECOVERY)
            await asyncio.sleep(self.rhythm.unlocks)

    async def _finish_lost(self, app: App, queue: str) -> None:
        """Remove the jobs of dead workers, each by itself: one that fails keeps none of the others."""
        jobs, after = app.job_manager, self.rhythm.lost
        for job in await jobs.get_stalled_jobs(queue=queue, seconds_since_heartbeat=after):
            with suppress(ConnectorException):  # another host was quicker
                await jobs.finish_job(job, Status.FAILED, delete_job=True)

    async def _ring_again(self, connector: PsycopgConnector, waiting: list[int]) -> None:
        """Ring for those that wait with no job: a bell was lost, or its worker."""
        if not waiting:
            return
        rows = await connector.execute_query_all_async(_RUNG, queue=SHIFTS, shifts=waiting)
        rung = {row["shift"] for row in rows}
        lost = [shift for shift in waiting if shift not in rung]
        if lost:
            ringing = App(connector=connector).configure_task(_SHIFT_TASK, queue=SHIFTS)
            await ringing.batch_defer_async(*_jobs(lost))

    def _told(self, error: BaseException) -> str:
        """The first line of what it says, without the password."""
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return address.without_secrets(first, self.dsn)

    def _tell_once(self, what: str, error: BaseException) -> None:
        line = f"{what}: {self._told(error)}"
        if line != self.told.get(what):
            self.told[what] = line
            self.tell(line)

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """Trouble of one look is told, once, and the next look tries again; a bug ends the host."""
        try:
            yield
            self.told.pop(what, None)
        except (EarmarkError, psycopg.Error, ConnectorException) as error:
            self._tell_once(what, error)
        except Exception as error:  # noqa: BLE001 - Procrastinate would log it and go on
            self.failure = self.failure or error


# states are an enumeration, in order: what comes before success waits, or is under way
_RUNG: LiteralString = """
SELECT (args->>'shift')::bigint AS shift FROM procrastinate_jobs
WHERE queue_name = %(queue)s AND status < 'succeeded'
  AND (args->>'shift')::bigint = ANY(%(shifts)s)
"""
