"""Asking the wallet, where a key is set."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from earmark.secrets import from_file
from earmark.wallet_lookup import PATIENCE, Lookup, WalletView
from manifests.errors import UsageError

if TYPE_CHECKING:
    from runner.api.client import AudioPod
    from runner.api.heard import Hear
    from runner.tempo import Tempo

KEY = "AUDIOPOD_API_KEY"
KEY_FILE = "AUDIOPOD_API_KEY_FILE"
BASE_URL = "AUDIOPOD_BASE_URL"
SESSION = "AUDIOPOD_SESSION_TOKEN"

REPEATING = 2.0
"""Seconds over which a plan repeats a read: one lost packet is no reason to show no balance, and a
plan is complete without it."""


def lookup_of(environ: Mapping[str, str]) -> Lookup | None:
    """A way to ask the wallet; None where no key is set."""
    if not (environ.get(KEY) or environ.get(KEY_FILE)):
        return None
    return lambda: ask(environ)


def ask(environ: Mapping[str, str], patience: float = REPEATING) -> WalletView:
    """Read the balance and the live prices; `patience` is in seconds over all repeats of one read.

    Raises:
        EarmarkError: no readable key, a bad address, or no answer about the balance.
    """
    from runner.api.address import DEFAULT_BASE, Base
    from runner.api.errors import ApiError
    from runner.api.http import Http
    from runner.api.reads import Reads
    from runner.api.service_types import listed
    from runner.api.wallet import Wallet

    with Http(Base.parse(environ.get(BASE_URL) or DEFAULT_BASE), key_of(environ)) as http:
        wallet = Wallet(Reads(http, patience=patience, obeyed=0))  # nobody waits a minute to see a balance
        balance = wallet.balance()
        try:
            rates = wallet.rates()
        except ApiError:  # the balance is worth knowing all the same; `run` reads the prices again
            return WalletView(balance.balance, None, balance.low)
        return WalletView(balance.balance, rates, balance.low, listed(wallet))


def account(
    environ: Mapping[str, str],
    patience: float = PATIENCE,
    tempo: "Tempo | None" = None,
    hear: "Hear | None" = None,
) -> "AudioPod":
    """The client for calls that need a key.

    Args:
        environ: names key and address.
        patience: seconds over all repeats of one read.
        tempo: how often reads begin; None for no limit but what 429 teaches.
        hear: told of each request, from any thread.

    Raises:
        KeyRefused: there is no key.
        UsageError: a key file that cannot be read, or a bad address.
    """
    from runner.api.client import AudioPod
    from runner.api.errors import KeyRefused

    key = set_key(environ)
    if not key:
        raise KeyRefused(f"no key: set {KEY} (or {KEY_FILE}) to the key of your account")
    session = environ.get(SESSION, "").strip() or None
    return AudioPod(
        environ.get(BASE_URL, ""), key, session=session, patience=patience, tempo=tempo, hear=hear
    )


def anyone(environ: Mapping[str, str], patience: float = PATIENCE) -> "AudioPod":
    """The client for prices and estimates, which need no key; `patience` as in `account`."""
    from runner.api.client import AudioPod

    return AudioPod(environ.get(BASE_URL, ""), None, patience=patience)


def is_local(environ: Mapping[str, str]) -> bool:
    """Whether the service runs on this machine, as the simulator does."""
    from runner.api.address import DEFAULT_BASE, Base

    try:
        return Base.parse(environ.get(BASE_URL) or DEFAULT_BASE).local
    except UsageError:  # who asks the service tells it
        return False


def set_key(environ: Mapping[str, str]) -> str:
    """The key of the environment; empty where none is set.

    Raises:
        UsageError: the file cannot be read.
    """
    return key_of(environ) if environ.get(KEY) or environ.get(KEY_FILE) else ""


def key_of(environ: Mapping[str, str]) -> str:
    """The key of the environment; the variable wins over the file.

    Raises:
        UsageError: the file cannot be read.
    """
    key = environ.get(KEY, "").strip()
    if key:
        return key
    return from_file(KEY_FILE, environ.get(KEY_FILE, ""))
