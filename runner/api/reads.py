"""Reads, repeated until they answer or patience ends; never used for anything that could be paid for."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential, wait_random

from runner.api import answers, verdicts
from runner.api.errors import ApiError, ServiceDown, TooManyCalls
from runner.api.http import Http, Params
from runner.tempo import LEAST_READS, Tempo

Sleep = Callable[[float], object]
"""Waits that many seconds; an answer that is true (as `threading.Event.wait` gives) means: stop waiting."""

FIRST_WAIT = 0.5
LONGEST_WAIT = 15.0
JITTER = 1.0
"""Seconds: doubled from the first to the longest, and up to the jitter more, so that callers spread."""

OBEYED = 120.0
"""Seconds of `Retry-After` that one read waits for on top of its patience: limits of calls count by
the minute (docs/api.md 5.3), and giving up before the named time would only ask again too early."""

TOO_MANY = 429

T = TypeVar("T")


class _WokenError(Exception):
    """The wait was ended from outside."""


class Reads:
    """GETs that are repeated on 429, 5xx and lost connections, as long as patience lasts."""

    def __init__(
        self,
        http: Http,
        *,
        patience: float,
        obeyed: float = OBEYED,
        sleep: Sleep = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        tempo: Tempo | None = None,
    ) -> None:
        """Calls over `http`.

        Args:
            http: the clients.
            patience: seconds over all repeats of one read.
            obeyed: seconds that the service may ask for on top, by `Retry-After`.
            sleep: waits; a true answer ends the repeating.
            clock: seconds, monotonic.
            tempo: how often calls begin, shared by all reads that count together; None: by this one alone.
        """
        self.http = http
        self._tempo = tempo or Tempo(floor=LEAST_READS)
        self._patience = patience
        self._obeyed = obeyed
        self._sleep = sleep
        self._clock = clock
        self._turns = threading.local()  # seconds that this thread's reads waited for their turns

    def json(self, path: str, params: Params | None = None) -> object:
        """The JSON value at a path of the service.

        Raises:
            ApiError: no readable answer, or a refusal.
        """
        return self.repeat(lambda: self._json(path, params))

    def repeat(self, action: Callable[[], T]) -> T:
        """Do it until it does not raise `ServiceDown` or `TooManyCalls`, or until patience ends.

        What the service itself asks to be waited is not counted against patience, within bounds; nor is the
        time until a call's turn comes, which is of our own making.

        Raises:
            ApiError: the last one.
        """
        started, turns = self._clock(), self._waited
        last: list[BaseException | None] = []
        asked = 0.0

        def impatient(state: RetryCallState) -> bool:
            nonlocal asked
            asked += _asked(state)
            spent = self._clock() - started - (self._waited - turns) + state.upcoming_sleep
            return spent > self._patience + min(asked, self._obeyed)

        def remember(state: RetryCallState) -> None:
            last[:] = [state.outcome.exception() if state.outcome else None]

        retrying = Retrying(
            retry=retry_if_exception_type((ServiceDown, TooManyCalls)),
            wait=_wait,
            stop=impatient,
            sleep=self._nap,
            before_sleep=remember,
            reraise=True,
        )
        try:
            return retrying(action)
        except _WokenError:
            assert isinstance(last[0], ApiError)
            raise last[0] from None

    def await_turn(self) -> None:
        """Wait until a call may begin; what ends all waiting ends this, too, and the call is made."""
        now = self._clock()
        wait = self._tempo.book(now) - now
        if wait > 0:
            self._sleep(wait)
            self._turns.seconds = self._waited + wait

    @property
    def _waited(self) -> float:
        return float(getattr(self._turns, "seconds", 0.0))

    def _json(self, path: str, params: Params | None) -> object:
        self.await_turn()
        answer = self.http.get(path, params)
        if answer.status == TOO_MANY:
            self._tempo.halve(self._clock())
        if not answer.ok:
            raise verdicts.refusal(answer, path, self.http.now(), self.http.variable)
        try:
            return answers.json_value(answer.body)
        except answers.UnreadableError as error:
            raise ServiceDown(f"{path}: the answer is {error}") from None

    def _nap(self, seconds: float) -> None:
        if self._sleep(seconds):
            raise _WokenError


_GROWING = wait_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT) + wait_random(0, JITTER)


def _wait(state: RetryCallState) -> float:
    """A growing wait, or what the service asks for where that is longer: it may ask for 0."""
    return max(_GROWING(state), _asked(state))


def _asked(state: RetryCallState) -> float:
    """The seconds of `Retry-After`; 0 where there is none."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, (ServiceDown, TooManyCalls)) else None
    return asked or 0.0
