"""The address of a ledger on a server: how it is shown, and what the driver is told beside it."""

import os
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql://", "postgres://")

_ALMOST = re.compile(r"postgres(ql)?:|(\w+=\S*\s+)*(host|hostaddr|dbname|service)=", re.IGNORECASE)

CONNECT_SECONDS = 10
QUIET_SECONDS = 20
"""A line without an answer for so long counts as cut; what hangs on the server ends then, too."""

IDLE_SECONDS = 8
"""A host that is paused or gone amid a turn holds the others up no longer; turns last milliseconds. It is
so far below a lease that the others go on giving signs of life."""

LOCK_SECONDS = 60

_KEEPALIVE = {"idle": 10, "interval": 5, "count": 2}


def is_address(text: str) -> bool:
    """Whether this names a server, and no file."""
    return text.startswith(SCHEMES)


def is_almost(text: str) -> bool:
    """Whether a server was meant: a slash is missing, or it is `libpq`'s other form, with `=`."""
    return bool(_ALMOST.match(text))


def is_unclear(dsn: str) -> bool:
    """Whether a sign of the password takes part in the address: where it ends, nobody can tell."""
    parts = urlsplit(dsn)
    return parts.netloc.count("@") > 1 or "@" in parts.path + parts.query.split("=")[0] + parts.fragment


def shown(dsn: str) -> str:
    """The address as people may read it: without a password, a user or any option."""
    if is_unclear(dsn):
        return "postgresql://…"
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2] or dict(parse_qsl(parts.query)).get("host", "")
    return f"postgresql://{unquote(host)}{unquote(parts.path)}"


def secrets_of(dsn: str) -> tuple[str, ...]:
    """What must never be printed of it."""
    parts = urlsplit(dsn)
    _, _, typed = parts.netloc.rpartition("@")[0].partition(":")
    hidden = [typed, unquote(typed), *(value for name, value in parse_qsl(parts.query) if "password" in name)]
    return tuple(dict.fromkeys(each for each in hidden if each))


def without_secrets(text: str, dsn: str) -> str:
    """A text in which the password does not stand, whoever wrote it."""
    for secret in secrets_of(dsn):
        text = text.replace(secret, "***")
    return text


def asked_for(dsn: str, *, purpose: str, writes: bool) -> dict[str, Any]:
    """The driver's arguments for an address.

    Args:
        dsn: an address that `is_address`.
        purpose: shown by the server beside the connection; a few letters.
        writes: many short transactions, which others wait for; else one that looks at a moment.
    """
    given = {name for name, _ in parse_qsl(urlsplit(dsn).query)}
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives": 1,
        "tcp_user_timeout": QUIET_SECONDS * 1000,
        "application_name": f"earmark {purpose} {os.getpid()}",
        **{f"keepalives_{name}": value for name, value in _KEEPALIVE.items()},
    }
    arguments = {name: value for name, value in arguments.items() if name not in given}
    return {**arguments, "options": " ".join((*_own_options(dsn), *_options(writes=writes)))}


def _own_options(dsn: str) -> list[str]:
    return [value for name, value in parse_qsl(urlsplit(dsn).query) if name == "options"]


def _options(*, writes: bool) -> list[str]:
    """Settings of the session; each costs nothing where the server has the same."""
    settings: dict[str, object] = {
        "jit": "off",  # it made reads of a thousand rows ten times slower
        "client_min_messages": "warning",
        **{f"tcp_keepalives_{name}": value for name, value in _KEEPALIVE.items()},
    }
    if writes:
        settings |= {
            # plans are made while the tables are small, and kept: they must be right when those are large
            "enable_seqscan": "off",
            "tcp_user_timeout": f"{QUIET_SECONDS}s",  # a host that is gone amid a long answer, too
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "synchronous_commit": "on",
        }
    return [f"-c {name}={value}" for name, value in settings.items()]
