"""The ends of a worker in the real world: ledger, bell, key, folders, signals, lines on stderr."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from earmark import run_ends
from earmark.crashing import crashing
from earmark.item_lines import ItemLines
from earmark.results_folder import folder_of
from earmark.run_by import run_by
from earmark.run_question import alarm
from earmark.wallet_choice import Whose
from earmark.worker_word import Word, tell
from manifests.errors import MachineError, UsageError, nearest_path
from manifests.exits import Exit
from manifests.stored import Location
from runner.api.interface import JobApi
from runner.executors.ringing import need_queue, ring
from runner.fleet.beating import Beating
from runner.fleet.place import Place
from runner.fleet.together import Together
from runner.fleet.worker import Tools, Worker
from runner.ledger import places
from runner.ledger.interface import Ledger
from runner.ledger.runs import RunBy
from runner.options import RunEnds
from runner.results import check_writable, sweep
from runner.told import Told


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    roots: Sequence[str] = ()
    output: str | None = None
    at_once: int = 4
    uploads: int = 8
    until_idle: bool = False
    verbose: int = 0
    whose: Whose = Whose.ASK


def serving(wanted: Wanted, environ: Mapping[str, str]) -> Exit:
    """Work until it is to end; the exit code.

    Raises:
        UsageError: a root does not exist, or the ledger is not one that hosts share.
        KeyRefused: there is no key, or the service does not take it.
        MachineError: the ledger, the queue or the results folder cannot be used.
    """
    roots = [_root(each) for each in wanted.roots]
    output = None if wanted.output is None else folder_of(wanted.output)
    server = _server(environ)
    need_queue()
    by = run_by(environ, Path("worker"), "")
    connect = _connections(server, by.host)
    together = Together(connect)
    api = run_ends.service(environ, together.reads)
    api()  # without a key nothing can be done at all
    if output is not None:
        check_writable(output)
        sweep(output, time.time())
    word = Word(until_idle=wanted.until_idle)
    with word.heeded(), run_ends.opened(environ, wanted.whose) as (ledger, _locks):
        ledger.host = by.host
        with _entered(ledger, by, wanted.roots) as worker_id, _beating(connect, worker_id, together) as pulse:
            uploads = max(1, wanted.uploads // wanted.at_once)
            worker = Worker(
                Place(worker_id, by, output, pulse, roots, uploads, rates=together.rates),
                Tools(connect, _ends_of(environ, api, together, wanted.verbose), ring, tell),
            )
            tell(f"{by.host} ({by.pid}) takes shifts from {server}; {_seen(wanted)}")
            return _served(worker, server, wanted.at_once, word)


def _served(worker: Worker, server: places.Server, at_once: int, word: Word) -> Exit:
    """Answer the bell until a signal, or until nothing is left where that was asked for."""
    from runner.executors import procrastinate_door

    run_ends.on_signals(lambda number: word.came(number, worker))
    watch = threading.Thread(target=word.watch, args=(worker,), name="word", daemon=True)
    watch.start()
    try:
        procrastinate_door.serve(
            server.dsn,
            worker.handle,
            worker.recover,
            word.stop,
            looks=worker.may_take,
            at_once=at_once,
            tell=tell,
        )
    finally:
        word.stop.set()
        worker.close()
    return word.exit


# -- what it needs -------------------------------------------------------------------------


def _root(named: str) -> Location:
    """A root that was named.

    Raises:
        UsageError: it is not there.
    """
    root = folder_of(named, "--root")
    if isinstance(root, Path) and not root.is_dir():
        raise UsageError(f"--root {named}: no such folder{nearest_path(named)}")
    return root


def _server(environ: Mapping[str, str]) -> places.Server:
    """The database that hosts share.

    Raises:
        UsageError: the ledger is a file.
    """
    place = run_ends.ledger_place(environ)
    if isinstance(place, places.Server):
        return place
    raise UsageError(
        "a worker needs a ledger that hosts share:"
        " set EARMARK_LEDGER to its address, as in postgresql://user@host:5432/database"
    )


def _connections(server: places.Server, host: str) -> Callable[[], Ledger]:
    def connect() -> Ledger:
        ledger = places.open_ledger(server, time.time, purpose="worker")
        ledger.host = host
        return ledger

    return connect


@contextmanager
def _entered(ledger: Ledger, by: RunBy, roots: Sequence[str]) -> Iterator[int]:
    """Among the ledger's hosts, until it leaves."""
    with ledger.transaction():
        worker_id = ledger.enter(by, roots)
    try:
        yield worker_id
    finally:
        with suppress(MachineError), ledger.transaction():  # else it is taken for lost, a little later
            ledger.leave(worker_id)


@contextmanager
def _beating(connect: Callable[[], Ledger], worker_id: int, together: Together) -> Iterator[Beating]:
    """Signs of life, from a connection of their own; what the service bears is told with them."""
    beating = Beating(connect, worker_id, rates=together.rates)
    beating.start()
    try:
        yield beating
    finally:
        beating.stop()
        together.close()


def _ends_of(
    environ: Mapping[str, str], api: Callable[[], JobApi], together: Together, verbose: int
) -> Callable[[Ledger, Callable[[Told], None]], RunEnds]:
    """The outside of each shift's run: one client and one look at files for all of them."""
    probes, reach = run_ends.probes(), crashing(environ)
    lines = ItemLines(nullcontext, verbose) if verbose else None

    def ends(ledger: Ledger, watch: Callable[[Told], None]) -> RunEnds:
        def told(news: Told) -> None:
            watch(news)
            if lines is not None:
                lines.watch(news)

        return RunEnds(
            api=api,
            ledger=ledger,
            locks=ledger.locks(),
            probes=probes,
            clock=ledger.hour,
            logged_in=run_ends.logged_in(environ),
            watch=told,
            alarm=alarm,
            join=run_ends.join,
            reach=reach,
            server=run_ends.server(environ),
            reader=together.reader,
        )

    return ends


def _seen(wanted: Wanted) -> str:
    files = f"files under {', '.join(wanted.roots)}" if wanted.roots else "files where each manifest has them"
    return f"{files}, results in {wanted.output or 'the folder of each run'}"
