"""What the service says: whether it is there, takes the key, has the same time, and which prices."""

import socket
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from earmark.doctor.values import Finding, bad, look, ok
from earmark.screens.words import rate_text
from earmark.secrets import hidden
from earmark.terminal import printable
from earmark.wallet_ends import BASE_URL, KEY, KEY_FILE, key_of, set_key
from earmark.wallet_lookup import moved
from manifests import catalogue
from manifests.catalogue import Product
from manifests.errors import EarmarkError
from manifests.exits import Exit
from manifests.money import Rate, show
from runner.api.address import DEFAULT_BASE, Base, is_loopback
from runner.api.deadlines import Deadlines
from runner.api.errors import ApiError, KeyRefused
from runner.api.http import Http, checked_key
from runner.api.reads import Reads
from runner.api.service_types import listed
from runner.api.verdicts import Answer, refusal
from runner.api.wallet import ROOT, Wallet

NAMES = ("address", "service", "clock", "prices", "key", "wallet")
"""Of the checks here."""

CONNECT_SECONDS, READ_SECONDS = 3.0, 4.0
"""For a connection, and for each answer: what takes longer is told as no answer."""

CLOCK_SECONDS = 60
"""Two clocks may differ by so much: bills are told apart by their times."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Ends:
    """How the outside is reached; tests put fakes here."""

    resolve: Callable[[str, int], object] = lambda host, port: socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    connect: Callable[[str, int], None] = lambda host, port: socket.create_connection(
        (host, port), CONNECT_SECONDS
    ).close()
    clock: Callable[[], float] = time.time  # seconds since 1970
    monotonic: Callable[[], float] = time.monotonic


def checks(environ: Mapping[str, str], ends: Ends = Ends()) -> Iterator[Finding]:
    """All of them, one after the other: without an answer the rest is not asked."""
    key = _key(environ)
    try:
        base = Base.parse(environ.get(BASE_URL) or DEFAULT_BASE)
    except EarmarkError as error:
        yield bad("address", hidden(str(error), environ), f"mend {BASE_URL}", Exit.USAGE)
        yield look("service", "not asked: the address is wrong")
        yield from _unasked(key, "the address is wrong")
        return
    where = "" if environ.get(BASE_URL) else ", the service's own"
    yield ok("address", f"{printable(base.url)}{where}", url=base.url)
    down = yield from _service(base, ends)
    if down:
        yield from _unasked(key, "the service does not answer")
        return
    yield from _account(base, environ, key)


def _key(environ: Mapping[str, str]) -> Finding:
    """Whether there is a key, and where; never what it is."""
    if not (environ.get(KEY, "").strip() or environ.get(KEY_FILE)):
        remedy = f"export {KEY}=ap_...   (plans need none)"
        return bad("key", f"none: {KEY} is not set", remedy, Exit.KEY)
    try:
        checked_key(key_of(environ))
    except EarmarkError as error:
        return bad("key", str(error), f"set {KEY} again", error.exit_code)
    where = KEY if environ.get(KEY, "").strip() else f"{KEY_FILE}, {printable(environ[KEY_FILE])}"
    both = f" ({KEY_FILE} is set, too, and not looked at)" if where == KEY and environ.get(KEY_FILE) else ""
    return ok("key", f"set by {where}{both}", set_by=where.partition(",")[0])


def _unasked(key: Finding, why: str) -> Iterator[Finding]:
    """What is known without an answer."""
    yield key if key.exit else look("key", f"{key.words}; {why}, so nobody said whether it is taken")
    for name in ("clock", "prices", "wallet"):
        yield look(name, f"not known: {why}")


def _service(base: Base, ends: Ends) -> Generator[Finding, None, bool]:
    """Name, connection, answer, with their times; whether it is down is what the generator returns."""
    parts = urlsplit(base.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    proxied = _proxied(parts.scheme, host)
    times: list[str] = []
    if not proxied:
        for what, step in (("name", ends.resolve), ("connection", ends.connect)):
            start = ends.monotonic()
            try:
                step(host, port)
            except OSError as error:
                reason = error.strerror or str(error) or type(error).__name__
                words = f"no {what} for {printable(host)}:{port}: {reason}"
                yield bad("service", words, "look at the network, or at " + BASE_URL, Exit.SERVICE_DOWN)
                return True
            times.append(f"{what} {_ms(ends.monotonic() - start)}")
    start, sent = ends.monotonic(), ends.clock()
    try:
        with _http(base, None) as http:
            answer = http.get(f"{ROOT}/pricing")
    except EarmarkError as error:
        yield bad("service", str(error), "the same later, or look at the network", Exit.SERVICE_DOWN)
        return True
    times.append(f"answer {_ms(ends.monotonic() - start)}")
    through = " through a proxy" if proxied else ""
    if not answer.ok:
        why = refusal(answer, f"{ROOT}/pricing", ends.clock())
        remedy = f"the same later; is {BASE_URL} right?"
        yield bad("service", f"it answers{through}, but: {why}", remedy, Exit.SERVICE_DOWN)
        return True
    yield ok("service", f"answers{through}: {', '.join(times)}")
    yield _clock(answer, sent, ends.clock())
    return False


def _proxied(scheme: str, host: str) -> bool:
    """Whether calls go through the environment's proxy, as `runner.api.transport` decides."""
    proxies = urllib.request.getproxies()
    if scheme == "http" or is_loopback(host) or urllib.request.proxy_bypass(host):
        return False
    return bool(proxies.get("https") or proxies.get("all"))


def _clock(answer: Answer, sent: float, came: float) -> Finding:
    """The service's time against ours; it counts whole seconds."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return look("clock", "the service does not say what time it is")
    apart = max(0.0, sent - (theirs + 1), theirs - came)
    late = "behind" if theirs > came else "ahead of"
    if apart > CLOCK_SECONDS:
        remedy = "set the clock: bills are matched to jobs by their times"
        return bad(
            "clock", f"{apart:,.0f} s {late} the service's", remedy, Exit.MACHINE, seconds=round(apart)
        )
    return ok("clock", "as the service's" if apart <= 1 else f"{apart:.0f} s {late} the service's")


def _account(base: Base, environ: Mapping[str, str], key: Finding) -> Iterator[Finding]:
    """Prices, which need no key; then the key and its wallet."""
    with _http(base, None) as http:
        wallet = Wallet(Reads(http, patience=0, obeyed=0))
        try:
            rates, types = wallet.rates(), listed(wallet)
        except ApiError as error:
            yield look("prices", f"today's cannot be read: {error}")
        else:
            yield _prices(rates, types)
    if key.exit:
        yield key
        yield look("wallet", "not known without a key")
        return
    with _http(base, set_key(environ)) as http:
        yield from _wallet(Wallet(Reads(http, patience=0, obeyed=0)), key)


def _prices(rates: Mapping[str, Rate], types: frozenset[str]) -> Finding:
    known = catalogue.load()
    products = [Product(service, variant) for service in known.services for variant in service.variants]
    changed = moved([each for each in products if each.currency == "cents"], rates, types)
    if not changed:
        return ok("prices", f"as in the catalogue of {known.date}", catalogue=known.date)
    rows = [f"{each.product}: {_rate(each.live)}, not {_rate(each.planned)}" for each in changed]
    dearer = any(each.live is None or each.live > each.planned for each in changed)
    remedy = "`run` asks for --accept-prices where something is dearer" if dearer else ""
    words = f"{len(changed)} not those of the catalogue of {known.date}"
    return look("prices", words, remedy, rows, catalogue=known.date, moved=[each.product for each in changed])


def _rate(rate: Rate | None) -> str:
    return "no price" if rate is None else rate_text(rate)


def _wallet(wallet: Wallet, key: Finding) -> Iterator[Finding]:
    try:
        balance = wallet.balance()
    except KeyRefused as error:
        yield bad("key", f"{key.words}, and refused: {error}", "set the key of your account", Exit.KEY)
        yield look("wallet", "not known: the key is refused")
        return
    except ApiError as error:
        yield look("key", f"{key.words}; whether it is taken cannot be told")
        yield bad("wallet", f"the balance cannot be read: {error}", "the same later", Exit.SERVICE_DOWN)
        return
    yield ok("key", f"{key.words}, and taken", **key.details)
    shown = f"{show(balance.balance)} in it"
    if balance.low or not balance.balance:
        remedy = "earmark wallet topup --amount 25"
        yield look("wallet", f"{shown}, low", remedy, balance_cents=balance.balance)
    else:
        yield ok("wallet", shown, balance_cents=balance.balance)


def _http(base: Base, key: str | None) -> Http:
    return Http(base, key, limits=Deadlines(connect=CONNECT_SECONDS, read=READ_SECONDS))


def _ms(seconds: float) -> str:
    return f"{max(0, round(seconds * 1000)):,} ms"
