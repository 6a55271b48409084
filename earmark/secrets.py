"""The last wall: the key and the session token are taken out of messages, whoever put them there.

Nothing of ours writes them down. A server may repeat them, a library may show them, a person may
have put them into an address.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from manifests.errors import UsageError

NAMES = ("AUDIOPOD_API_KEY", "AUDIOPOD_SESSION_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "PGPASSWORD")
ADDRESS = "EARMARK_LEDGER"
FILES = ("AUDIOPOD_API_KEY_FILE",)
IN_PLACE = "(key)"

SHORTEST = 8
"""Characters of a secret that is looked for; a shorter one is part of any text, and is none."""

FILE_LIMIT = 64 * 1024
"""Bytes of a file that holds a key."""


def secrets(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What must not be read anywhere, the longest first."""
    given = os.environ if environ is None else environ
    found = {given.get(name, "").strip() for name in NAMES}
    for name in FILES:
        if given.get(name):
            with suppress(UsageError):  # who needs the key tells why it cannot be read
                found.add(from_file(name, given[name]))
    if "://" in given.get(ADDRESS, ""):
        from runner.ledger.postgres.dsn import secrets_of

        found.update(secrets_of(given[ADDRESS]))
    return tuple(sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True))


def hidden(text: str, environ: Mapping[str, str] | None = None) -> str:
    """The text without the secrets of the environment."""
    for secret in secrets(environ):
        text = text.replace(secret, IN_PLACE)
    return text


def refuse_in(address: str, where: str) -> None:
    """Refuse an address that holds a secret: a manifest keeps addresses, and the service fetches them.

    Raises:
        UsageError: it does; the message does not show it.
    """
    if hidden(address) != address:
        raise UsageError(f"{where}: the address holds your key, which a manifest would keep: take it out")


def from_file(name: str, path: str) -> str:
    """The key in a file, without white space around it.

    Args:
        name: the variable that names the file.
        path: the file.

    Raises:
        UsageError: it cannot be read, or is no text, or far too large for a key.
    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(FILE_LIMIT + 1)
        if len(text) > FILE_LIMIT:
            raise UsageError(f"{name} names {path}, which is larger than {FILE_LIMIT // 1024} KiB: no key")
        return text.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text"
        raise UsageError(f"{name} names {path}, which cannot be read: {reason}") from error
