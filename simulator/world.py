"""Everything that one running simulator knows, in one place."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from math import ceil
from pathlib import Path

from simulator import prices
from simulator.bookkeeper import Bookkeeper, Rules
from simulator.books import Books
from simulator.clock import Clock
from simulator.errors import ScenarioError
from simulator.faults import Faults
from simulator.links import Links
from simulator.loading import changed
from simulator.measure import Measurer
from simulator.refusals import Refusal, rate_limited
from simulator.scenario import Event, Fault, Scenario

MINUTE = 60.0


class World:
    """The scenario as it stands now, the books, and what has to be remembered between requests."""

    def __init__(
        self, scenario: Scenario, wallet_cents: int, clock: Clock, folder: Path, kinds: frozenset[str]
    ) -> None:
        self._kinds = kinds
        self.check_places(scenario.faults)
        self.scenario = scenario
        self.clock = clock
        self.folder = folder
        self.books = Bookkeeper()
        self.faults = Faults(scenario.faults, scenario.seed)
        self.measurer = Measurer()
        self.links = Links(scenario.seed)
        self.names: dict[tuple[str, str], int] = {}
        """Other names of a service's jobs, such as the UUID of a voice, and their numbers."""
        self._started = clock.now()
        self._events = list(scenario.events)
        self._revoked = set(scenario.revoked_keys)
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self.books.credits.add(scenario.credits)
        self._apply()
        if wallet_cents:
            self.books.wallet.top_up(wallet_cents, self._started)

    def now(self) -> float:
        """The time by this simulator's clock, with everything that was due by then done."""
        now = self.clock.now()
        self.books.advance(now)
        due = [event for event in self._events if self._is_due(event, now)]
        for event in due:
            self._events.remove(event)
            self._happen(event, now)
        return now

    def snapshot(self) -> Books:
        """The books as of now."""
        self.now()
        return replace(self.books.snapshot(), struck=dict(self.faults.struck))

    def add(self, *what: Fault | Event) -> None:
        """Script more faults and events, from now on. Raises ScenarioError for a fault at no place."""
        self.check_places([one for one in what if isinstance(one, Fault)])
        for one in what:
            if isinstance(one, Fault):
                self.faults.add(one)
            else:
                self._events.append(one)

    def check_places(self, faults: Iterable[Fault]) -> None:
        """Raises ScenarioError for a fault that could never strike, since no request is of its kind."""
        for fault in faults:
            if not any(fnmatchcase(kind, fault.at) for kind in self._kinds):
                raise ScenarioError(f"no request is {fault.at!r}; there are {', '.join(sorted(self._kinds))}")

    def change(self, switches: dict[str, object]) -> None:
        """Set switches anew. Raises ScenarioError for an unknown one."""
        self.scenario = changed(self.scenario, switches)
        self._apply()

    # Keys and limits.

    def check_key(self, key: str | None) -> None:
        """Raises Refusal 401 for a key that is missing or unknown, 403 for one that was revoked."""
        if key in self._revoked:
            raise Refusal(403, "key_revoked", "This API key was revoked")
        if key is None or not key.startswith("ap_") or key not in self.scenario.keys:
            raise Refusal(401, "unauthorized", "Invalid API key")

    def check_session(self, token: str) -> None:
        """Raises Refusal 401 for a session token that is unknown, or whose time is over."""
        if token in self._revoked:
            raise Refusal(401, "token_expired", "The session has expired")
        if token not in self.scenario.session_tokens:
            raise Refusal(401, "unauthorized", "Invalid session token")

    def refuse_key(self) -> None:
        """Raises Refusal unless the scenario lets keys do what needs a session (docs/api.md 16 and 19)."""
        match self.scenario.denoise_by_key:
            case 401:
                raise Refusal(401, "unauthorized", "A session token is needed")
            case 402:
                raise Refusal(402, "insufficient_credits", "Keys have no credits to spend", shape="text")
            case 403:
                raise Refusal(403, "session_required", "Noise reduction is not enabled for API keys")
            case "allowed":
                return

    def check_rate(self, key: str, path: str) -> None:
        """Raises Refusal 429 when this key asked this path too often in the last minute."""
        limit = self.scenario.rate_per_minute
        if limit is None:
            return
        now = self.clock.now()
        calls = self._calls.setdefault((key, path), deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= limit:
            raise rate_limited(max(1, ceil(calls[0] + MINUTE - now)), self.scenario.rate_retry_form, now)
        calls.append(now)

    # Prices.

    def rate(self, service_type: str) -> prices.Rate:
        """The price of a service now. Raises KeyError for an unknown one."""
        rate = prices.CREDIT_RATES.get(service_type) or prices.RATES[service_type]
        own = self.scenario.prices.get(service_type)
        if own is None:
            return rate
        return prices.Rate(Fraction(own).limit_denominator(10_000), rate.description, rate.credits_per_minute)

    def cents(self, service_type: str, seconds: int, multiplier: Fraction = Fraction(1)) -> int:
        """What so many seconds cost now, in cents."""
        rate = self.rate(service_type).cents_per_minute
        return prices.job_cents(seconds, rate, multiplier, binary=self.scenario.binary_fractions)

    # What happens by itself.

    def _apply(self) -> None:
        switches = self.scenario
        self.books.rules = Rules(switches.charge_at_submit, switches.credits_fallback)

    def _is_due(self, event: Event, now: float) -> bool:
        by_time = event.after_seconds is not None and now >= self._started + event.after_seconds
        by_count = event.after_submits is not None and len(self.books.submits) >= event.after_submits
        return by_time or by_count or (event.after_seconds is None and event.after_submits is None)

    def _happen(self, event: Event, now: float) -> None:
        act: dict[str, Callable[[], object]] = {
            "price": lambda: self.change(
                {"prices": {**self.scenario.prices, event.service_type: event.cents}}
            ),
            "plan": lambda: self.change({"plan": event.plan}),
            "drain": lambda: self.books.drain(int(event.cents), now),
            "top_up": lambda: self.books.wallet.top_up(int(event.cents), now),
            "credits": lambda: self.books.credits.add(event.credits),
            "revoke_key": lambda: self._revoked.add(event.key),
        }
        act[event.do]()


def token_in(name: str, pattern: str) -> str | None:
    """The client's token in a file name, if there is one."""
    found = re.search(pattern, name)
    return found.group() if found else None
