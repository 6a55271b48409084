"""Hosts that answer the bell, each in a thread of its own, for tests of the queue."""

import threading
import time
from contextlib import ExitStack, contextmanager

import psycopg

from runner.executors import procrastinate_door as door
from runner.executors.doorbell import Rhythm, nothing

SOON = 20.0
"""Seconds within which anything must happen that a test waits for."""

QUICK = Rhythm(
    recovers="* * * * * *", looks=0.1, sign_of_life=1.0, patience=1.0, reconnects=0.2, grace=0.5, glances=0.2
)


def eventually(condition, within=SOON):
    """Wait until something holds, or fail."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


class Host:
    """A host at the bell: what it began, what it ended, what it told."""

    def __init__(self, dsn, *, recover=list, looks=nothing, at_once=1, clock=time.time):
        self.began, self.ended, self.told, self.looks = [], [], [], 0
        self.stop, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.failure = None
        self._recover, self._raises = recover, {}
        self._thread = threading.Thread(target=self._serve, args=(dsn, looks, at_once, clock), daemon=True)
        self._thread.start()

    def fails_at(self, shift, error):
        """Raise this when that shift is begun."""
        self._raises[shift] = error

    def holds(self):
        """From now on shifts do not end."""
        self.go_on.clear()

    def leaves(self, within=SOON):
        """Stop, and wait for the end."""
        self.stop.set()
        self.is_gone(within)

    def is_gone(self, within=SOON):
        """Wait for the end."""
        self._thread.join(within)
        assert not self._thread.is_alive(), "the host does not end"

    def _handle(self, shift):
        self.began.append(shift)
        if shift in self._raises:
            raise self._raises[shift]
        assert self.go_on.wait(120)
        self.ended.append(shift)

    def _look(self):
        self.looks += 1
        return self._recover()

    def _serve(self, dsn, looks, at_once, clock):
        try:
            door.serve(
                dsn,
                self._handle,
                self._look,
                self.stop,
                looks=looks,
                at_once=at_once,
                tell=self.told.append,
                clock=clock,
                rhythm=QUICK,
            )
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.failure = error


@contextmanager
def hosts(dsn, count=1, **given):
    """Some hosts; they are gone at the end."""
    with ExitStack() as stack:
        made = [Host(dsn, **given) for _ in range(count)]
        for host in made:
            stack.callback(host.leaves)
            stack.callback(host.go_on.set)
        yield made if count > 1 else made[0]


def ring(dsn, *shifts):
    """Ring for shifts in a transaction of its own."""
    with psycopg.connect(dsn) as connection:
        door.defer(connection, shifts)


def rows(dsn, statement, *values):
    """What a statement gives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def jobs(dsn, queue=door.SHIFTS):
    """What the jobs of a queue carry."""
    found = rows(dsn, "SELECT args FROM procrastinate_jobs WHERE queue_name = %s ORDER BY id", queue)
    return [args for (args,) in found]
