"""One virtual clock over many threads, of which exactly one runs at a time.

Each simulated process is a thread that runs the program's own blocking code; wherever that would wait, the
thread hands the baton to whatever comes next in time. What happens is decided by the heap alone, so that
the same seed tells the same story, however busy the machine is.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import TypeAlias

START = 1_000_000.0
"""Where virtual time begins, in seconds since 1970."""

Act: TypeAlias = Callable[[], None]


class Gone(BaseException):
    """The simulated process was killed: it unwinds, and nothing of it may act any more."""


class Sequencer:
    """The clock, and who runs."""

    def __init__(self) -> None:
        self.now = START
        self.switches = 0
        self.failure: BaseException | None = None
        self.current: Process | None = None  # that runs just now
        self._stopped = False
        self._heap: list[tuple[float, int, Act | tuple[Process, int]]] = []
        self._order = itertools.count()
        self._main = threading.Lock()
        self._main.acquire()
        self._alive: list[Process] = []

    def at(self, when: float, act: Act) -> None:
        """Let something happen at a moment; it must not wait."""
        heapq.heappush(self._heap, (max(when, self.now), next(self._order), act))

    def after(self, seconds: float, act: Act) -> None:
        """Let something happen after a while."""
        self.at(self.now + seconds, act)

    def spawn(self, name: str, body: Act) -> "Process":
        """A process that begins now."""
        process = Process(self, name, body)
        self._alive.append(process)
        self.resume(process, self.now, 0)
        return process

    def run(self, until: float = float("inf")) -> None:
        """Go on until nothing is left to happen, or until a moment; then all processes are ended.

        Raises:
            BaseException: whatever a process or an act met.
        """
        if until < float("inf"):
            self.at(until, self.stop)
        self._hand_on(None)
        self.end()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Nothing more happens after this moment: whoever runs goes on to its next wait, and no further."""
        self._stopped = True

    def end(self) -> None:
        """Unwind all processes: none of them acts any more."""
        met, self.failure, self._stopped = self.failure, None, False
        for process in list(self._alive):
            self._heap.clear()
            process.kill()
            self._hand_on(None)
        self.failure = met or self.failure

    @property
    def running(self) -> "Process":
        """The process that runs just now; asked by its own thread."""
        assert self.current is not None
        return self.current

    # -- for processes

    def resume(self, process: "Process", when: float, turn: int) -> None:
        """Let a process go on at a moment, if it still waits for this turn."""
        heapq.heappush(self._heap, (max(when, self.now), next(self._order), (process, turn)))

    def over(self, process: "Process", error: BaseException | None) -> None:
        """A process ended; its thread hands the baton on and is done."""
        self._alive.remove(process)
        if error is not None:
            self._fail(error)
        self._release(self._next())

    def hand_on(self, process: "Process") -> None:
        """Let others run until this process is the next one."""
        self._hand_on(process)

    def _hand_on(self, me: "Process | None") -> None:
        following = self._next()
        if following is me and me is not None:
            return
        if following is None and me is None:
            return
        self._release(following)
        (self._main if me is None else me.baton).acquire()

    def _release(self, following: "Process | None") -> None:
        self.switches += 1
        (self._main if following is None else following.baton).release()

    def _next(self) -> "Process | None":
        """Whoever runs next; None: the one who called `run`."""
        while self._heap and self.failure is None and not self._stopped:
            when, _, what = heapq.heappop(self._heap)
            if isinstance(what, tuple) and not what[0].waits_for(what[1]):
                continue  # it went on meanwhile
            self.now = max(self.now, when)
            if isinstance(what, tuple):
                process, turn = what
                if process.may_run(turn):
                    self.current = process
                    return process
                continue
            try:
                what()
            except BaseException as error:  # noqa: BLE001 - whichever thread runs it is not to blame
                self._fail(error)
        return None

    def _fail(self, error: BaseException) -> None:
        self.failure = self.failure or error


class Process:
    """A simulated process, or a thread of one: it runs, waits, is frozen, is killed."""

    def __init__(self, clock: Sequencer, name: str, body: Act) -> None:
        self.name, self.dead, self.ended = name, False, False
        self.frozen_until = 0.0
        self.baton = threading.Lock()
        self.baton.acquire()
        self._clock, self._body = clock, body
        self._turn, self._wakes = 0, True
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Wait so long, whatever happens."""
        self._wait(seconds, wakes=False)

    def wait(self, seconds: float) -> None:
        """Wait at most so long for `wake`."""
        self._wait(seconds, wakes=True)

    def wake(self) -> None:
        """Let it go on, if it waits."""
        if self._wakes and not self.ended:
            self._clock.resume(self, self._clock.now, self._turn)

    def freeze(self, until: float) -> None:
        """It does nothing until a moment, and notices nothing of that."""
        self.frozen_until = max(self.frozen_until, until)

    def kill(self) -> None:
        """It is gone: if it runs right now, at its next wait."""
        self.dead = True
        if not self.ended:
            self._clock.resume(self, self._clock.now, self._turn)

    @property
    def over(self) -> bool:
        """Whether nothing of it may act any more."""
        return self.dead or self.ended

    def linger(self) -> None:
        """Stand still here, if it is frozen right now."""
        if self.frozen_until > self._clock.now:
            self.sleep(self.frozen_until - self._clock.now)

    def check(self) -> None:
        """Nothing goes on in a process that is gone.

        Raises:
            Gone: it was killed.
        """
        if self.dead:
            raise Gone(self.name)

    def waits_for(self, turn: int) -> bool:
        """Whether it has not gone on since."""
        return turn == self._turn and not self.ended

    def may_run(self, turn: int) -> bool:
        """Whether it goes on now; what is frozen is put off."""
        if self.frozen_until > self._clock.now and not self.dead:
            self._clock.resume(self, self.frozen_until, turn)
            return False
        return True

    def _wait(self, seconds: float, *, wakes: bool) -> None:
        self.check()
        self._turn += 1
        self._wakes = wakes
        self._clock.resume(self, self._clock.now + seconds, self._turn)
        self._clock.hand_on(self)
        self._turn += 1
        self._wakes = False
        self.check()

    def _run(self) -> None:
        self.baton.acquire()
        self._turn, self._wakes = 1, False
        error: BaseException | None = None
        try:
            self.check()
            self._body()
        except Gone:
            pass
        except BaseException as met:  # noqa: BLE001 - told by whoever called `run`
            error = met
        self.ended = True
        self._clock.over(self, error)
