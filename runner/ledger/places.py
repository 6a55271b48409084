"""Where the ledger of a wallet is: in a file of this machine, or in a database that many hosts share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from manifests.errors import MachineError
from runner.ledger.postgres import dsn as address
from runner.ledger.sqlite.opening import ledger_path

if TYPE_CHECKING:
    from runner.ledger.interface import Ledger
    from runner.ledger.postgres.ledger import PostgresLedger

OVERRIDE = "EARMARK_LEDGER"


@dataclass(frozen=True, slots=True)
class Server:
    """A database; its address holds a password, and is never shown whole."""

    dsn: str = field(repr=False)

    def __str__(self) -> str:
        return address.shown(self.dsn)


Place: TypeAlias = Path | Server


def first_place(base_url: str, env: Mapping[str, str]) -> Place:
    """The ledger of the first wallet that was used at an address, or what `EARMARK_LEDGER` names.

    Raises:
        MachineError: that names neither a file nor a PostgreSQL server.
    """
    override = env.get(OVERRIDE, "")
    if address.is_address(override):
        return Server(override)
    if address.is_almost(override):
        raise MachineError(
            f"{OVERRIDE} is no address of a server as it stands: write it as"
            " postgresql://user@host:5432/database (for a file of that name, put ./ before it)"
        )
    scheme, separator, _ = override.partition("://")
    if separator:
        raise MachineError(
            f"{OVERRIDE} names a {scheme}:// address: it takes a file's path, or"
            " postgresql://user@host:5432/database"
        )
    return ledger_path(base_url, env)


def is_there(place: Place) -> bool:
    """Whether there may be a ledger at a place; of a server only a connection tells."""
    return place.exists() if isinstance(place, Path) else True


def open_ledger(place: Place, clock: Callable[[], float], purpose: str = "run") -> "Ledger":
    """The ledger at a place, to be written; one in a file is made where there is none.

    Raises:
        MachineError: it cannot be used.
    """
    if isinstance(place, Path):
        from runner.ledger.sqlite.ledger import SqliteLedger

        return SqliteLedger(place, clock)
    return _server_ledger()(place.dsn, clock, purpose=purpose)


def look_into(place: Place, clock: Callable[[], float]) -> "Ledger":
    """The ledger at a place as it is at one moment; no method that writes works.

    Raises:
        NoLedgerYet: there is nothing in it.
        MachineError: it cannot be read.
    """
    if isinstance(place, Path):
        from runner.ledger.sqlite.ledger import SqliteLedger

        return SqliteLedger.reading(place, clock)
    return _server_ledger().reading(place.dsn, clock)


def _server_ledger() -> "type[PostgresLedger]":
    need_driver()
    from runner.ledger.postgres.ledger import PostgresLedger

    return PostgresLedger


def need_driver() -> None:
    """Make sure that PostgreSQL's driver is here.

    Raises:
        MachineError: it is not; with the command that installs it.
    """
    try:
        import psycopg  # noqa: F401 - the other imports need it
    except ImportError as error:
        raise MachineError(
            f"{OVERRIDE} names a PostgreSQL server, for which a part of Earmark is missing ({error}):"
            " `pip install 'earmark-audio[distributed]'`"
        ) from error
