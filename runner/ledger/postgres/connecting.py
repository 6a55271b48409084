"""A connection to the server, with errors that say what to do; and what makes one be lost."""

import re
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown

from manifests.errors import MachineError
from runner.ledger.postgres import dsn as address

Connection = psycopg.Connection[tuple[Any, ...]]

LOST = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
)
"""Told by a server whose connection ends with it."""

UNDONE = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
"""Two transactions were in each other's way; nothing of this one is kept, and it may be tried again."""


class NoServer(MachineError):
    """A server that cannot be reached, or does not let us in; trying again may help where `passing`."""

    def __init__(self, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.passing = passing


def connect(dsn: str, *, purpose: str, writes: bool) -> Connection:
    """Open a connection; each statement is a transaction of its own unless BEGIN was said.

    Raises:
        NoServer: with the server's words, the way out, and no password.
    """
    if address.is_unclear(dsn):
        raise NoServer(
            "the address in EARMARK_LEDGER cannot be read: within a user or a password write @ as %40,"
            " / as %2F, ? as %3F and # as %23",
            passing=False,
        )
    try:
        made = psycopg.connect(dsn, autocommit=True, **address.asked_for(dsn, purpose=purpose, writes=writes))
    except psycopg.Error as error:
        raise _refused(dsn, error) from None  # its frames hold the password
    made.adapters.register_dumper(int, Int8Dumper)  # one kind of number: a statement is prepared once
    made.adapters.register_dumper(str, _Text)
    made.adapters.register_loader("numeric", _Whole)
    return made


def close(connection: Connection) -> None:
    """Close it, whatever state it is in."""
    with suppress(psycopg.Error):
        connection.close()


def is_lost(connection: Connection, error: psycopg.Error) -> bool:
    """Whether a connection was lost, and nothing else went wrong."""
    return isinstance(error, LOST) or (
        isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and connection.closed
    )


class _Whole(Loader):
    """Sums of whole numbers, which the server makes wider ones: here a number has no width."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class _Text(StrDumperUnknown):
    """Text of the service may hold a character that the server keeps none of."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(keepable(obj))


def keepable(text: str) -> str:
    """Text without the one character that the server keeps none of."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


_WAYS_OUT = (
    # what the server or the driver says, what people do, whether it may pass by itself
    ("password authentication failed", "put the right password into EARMARK_LEDGER or ~/.pgpass", False),
    ("no password supplied", "put the password into EARMARK_LEDGER, PGPASSWORD or ~/.pgpass", False),
    ("no pg_hba.conf entry", "let this host and user in, in the server's pg_hba.conf", False),
    ("database .* does not exist", "make it with `createdb`, then `earmark ledger migrate`", False),
    ("role .* does not exist", "name a user that the server knows", False),
    ("certificate", "set sslmode and sslrootcert in EARMARK_LEDGER as the server needs", False),
    ("ssl", "set sslmode in EARMARK_LEDGER as the server needs, as in `?sslmode=require`", False),
    ("invalid", "write it as postgresql://user@host:5432/database", False),
    ("too many clients", "raise max_connections there, or start fewer workers", True),
    ("remaining connection slots", "raise max_connections there, or start fewer workers", True),
    ("starting up", "it is starting: the same command a little later", True),
    ("shutting down", "start it again, then the same command", True),
)
_AWAY = ("", "start it, or mend the address or the network; nothing is lost", True)


def _sentence(said: str) -> str:
    """What the driver says, in one line: without the question that it asks, and with one reason a place."""
    lines = [" ".join(line.split()).removesuffix(".") for line in said.splitlines()]
    return "; ".join(line for line in lines if line and not line.endswith("?"))


def _refused(dsn: str, error: psycopg.Error) -> NoServer:
    said = _sentence(address.without_secrets(str(error), dsn))
    _, way_out, passing = next((way for way in _WAYS_OUT if re.search(way[0], said.lower())), _AWAY)
    return NoServer(
        f"the ledger's server {address.shown(dsn)} cannot be used: {said}. Way out: {way_out}",
        passing=passing,
    )
