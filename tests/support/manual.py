"""Typing what the manual shows: each console block of a page, in order, in one folder, against one simulator.

A page's `$ earmark simulate ...` starts the simulator of this process; the lines after it talk to it. A yaml
or toml block whose first line is `# NAME.yaml` is a file of that name. What is printed must be what the page
shows, but for what differs each time (`same`); a line of dots stands for any lines. Before a block may stand

    <!-- not run: why -->
    <!-- ctrl-c: once 8 jobs run -->       where the block shows ^C
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import simulator
from earmark import simulate_command
from earmark.amounts import amount
from runner.ledger.postgres.dsn import is_address
from support.bench import Bench, Ended
from support.pages import text_of

OURS = ("plan", "run", "earmark")
DOTS = "..."
HOME, LEDGER = "/home/ann/earmark", "/tmp/earmark-simulator-k3x8"
"""Where the manual's reader works."""

FASTER = 30.0
"""How many times as fast the simulator's clock runs while nobody is to press Ctrl-C."""

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_CHANGING = (
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "ID"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?Z?"), "TIME"),
    (re.compile(r"\b(at|since) \d\d:\d\d\b"), r"\1 TIME"),
    (re.compile(r"^( +)(?:\d+ h )?(?:\d+ min )?\d+ s(?=, )"), r"\1SECONDS"),
    (re.compile(r"/\S*/earmark-simulator-\w+"), "FOLDER"),
    (re.compile(r"\bjob \d+"), "job NUMBER"),
)


def same(line: str) -> str:
    """A line without what differs each time: addresses, ids, times of day, seconds that a run took."""
    for pattern, word in _CHANGING:
        line = pattern.sub(word, line)
    return line.rstrip()


@dataclass(frozen=True)
class Typed:
    """A command line of a block, and what the page shows below it."""

    line: str
    shown: list[str]
    number: int  # of the page's line


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    kind: str
    text: str
    mark: str
    number: int  # of the page's line at which its text begins

    @property
    def skipped(self) -> bool:
        return self.mark.startswith("not run: ")

    def typed(self) -> list[Typed]:
        found: list[Typed] = []
        for number, line in enumerate(self.text.splitlines(), self.number):
            if line.startswith("$ "):
                found.append(Typed(line.removeprefix("$ "), [], number))
            elif found:
                found[-1].shown.append(line)
        return found


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, with their marks."""
    text = text_of(page)
    return [
        Block(match["kind"], match["text"], match["mark"] or "", text.count("\n", 0, match.start("text")) + 1)
        for match in _BLOCK.finditer(text)
    ]


class Pace(simulator.SystemClock):
    """The machine's clock, run faster or stopped from some time on."""

    def __init__(self) -> None:
        self._since, self._at, self._speed = time.time(), time.time(), FASTER

    def now(self) -> float:
        return self._at + (time.time() - self._since) * self._speed

    def run(self, speed: float) -> None:
        self._at, self._since, self._speed = self.now(), time.time(), speed


@dataclass
class Reader:
    """Somebody who works through a page."""

    folder: Path
    page: str
    stack: ExitStack
    bench: Bench | None = None
    clock: Pace = field(default_factory=Pace)
    environ: dict[str, str] = field(default_factory=dict)
    code: int = 0
    told: bool = True  # whether the page shows the last exit code, where it is not 0
    checkout: str = ""  # of the last page for a top-up that was printed
    database: str = ""  # the address of an empty one, for a page that speaks of a server
    server: str = ""  # that server, as the page names it
    faults: list[str] = field(default_factory=list)
    lines: dict[int, list[str]] = field(default_factory=dict)  # what to show, by the page's line

    def work(self) -> None:
        """Type everything; what is not as the page shows it becomes a fault."""
        for block in blocks(self.page):
            if block.kind in ("yaml", "toml") and (
                name := re.match(r"# (\S+\.(?:ya?ml|toml))\n", block.text)
            ):
                (self.folder / name[1]).write_text(block.text)
            if block.kind == "console" and not block.skipped:
                for each in block.typed():
                    self._type(each, block.mark)
        if not self.told:
            self.faults.append(f"{self.page}: the last line ended with {self.code}")

    def _type(self, typed: Typed, mark: str) -> None:
        words = shlex.split(typed.line, comments=True)
        if not self.told and words != ["echo", "$?"]:
            self.faults.append(f"{self.page}:{typed.number}: what was typed before ended with {self.code}")
        before, self.code = self.code, 0
        if mark.startswith("ctrl-c") and "^C" not in typed.shown:
            self.faults.append(f"{self.page}:{typed.number}: the block is about {mark}, and shows no ^C")
        with self._pressing(mark) if "^C" in typed.shown else self._hurrying():
            out, err = (self._elsewhere(text) for text in self._done(words, typed.line, before))
        wanted = [same(line) for line in typed.shown if line != "^C"]
        while wanted and not wanted[-1]:
            wanted.pop()
        printed = [out.rstrip(), (err + out).rstrip(), (out + err).rstrip()]
        fitting = any(fits(wanted, [same(line) for line in text.splitlines()]) for text in printed)
        if not fitting or not any(line.strip() == DOTS for line in typed.shown):
            self.lines[typed.number] = [line.rstrip() for line in (out or err).rstrip().splitlines()]
        if not fitting:
            self.faults.append(
                f"{self.page}:{typed.number}: $ {typed.line}\nprinted\n{err}{out}and the page shows\n"
                + "\n".join(typed.shown)
            )
        self.told = not self.code or bool(re.search(rf"\bexit {self.code}\b", "\n".join(typed.shown)))

    def _done(self, words: list[str], line: str, before: int) -> tuple[str, str]:
        """What a line prints on its two streams."""
        if words == ["echo", "$?"]:
            return f"{before}\n", ""
        if words[:2] == ["earmark", "simulate"]:
            return self._simulate(words[2:]), ""
        if words[0] == "export":
            self._export(words[1:])
            return "", ""
        if words[0] == "curl":
            return self._curl(words[1:]), ""
        ended = self._ours(words) if self._is_ours(words) else self._shell(line)
        self.code = ended.code
        self.checkout = "".join(re.findall(r"/_sim/pay/(\S+)", ended.out)) or self.checkout
        return ended.out, ended.err

    def _elsewhere(self, text: str) -> str:
        """What is printed, with the places of the page's reader in place of the test's own."""
        if self.bench is not None:
            port = self.bench.sim.url.rpartition(":")[2]
            text = text.replace(
                f"{self.folder}/state/earmark/127.0.0.1_{port}/ledger.db", f"{LEDGER}/ledger.db"
            )
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{simulator.DEFAULT_PORT}")
        if self.server:
            shown = self.database.rpartition("@")[2]
            text = text.replace(shown, self.server)
        return text.replace(str(self.folder), HOME)

    def _is_ours(self, words: list[str]) -> bool:
        return words[0] in OURS and not set(words) & {"|", ">", "&&", ";"}

    def _ours(self, words: list[str]) -> Ended:
        assert self.bench is not None, "nothing to talk to: the page starts no simulator before"
        return self.bench.do(*words, **self.environ)

    def _shell(self, line: str) -> Ended:
        environ = {**(self.bench.environ if self.bench else os.environ), **self.environ}
        environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _simulate(self, words: list[str]) -> str:
        """Start the simulator that a command line names; what the command prints."""
        given = simulate_command.simulate.make_context("simulate", list(words)).params
        file = given["scenario"] and self.folder / given["scenario"]
        scenario = simulate_command._scenario(
            file, job_seconds=given["job_seconds"], credits=given["credits_"]
        )
        cents = amount("--wallet", given["wallet"])
        served = self.stack.enter_context(simulator.serve(scenario, wallet_cents=cents, clock=self.clock))
        self.bench = Bench(self.folder, served)
        self.bench.environ["COLUMNS"] = "100"
        shown = simulate_command._screen(
            served.url, scenario, cents, Path(LEDGER, "ledger.db"), quiet=given["quiet"]
        )
        return shown.replace("plan FOLDER", "plan examples/")

    def _export(self, words: list[str]) -> None:
        """Set variables; those that name the simulator are set already, to where it really is."""
        given = dict(word.split("=", 1) for word in words)
        known = simulate_command.environment("", "", Path())
        if self.database and is_address(given.get("EARMARK_LEDGER", "")):
            self.server = re.sub(r"^.*@|\?.*$", "", given["EARMARK_LEDGER"])
            self.environ["EARMARK_LEDGER"] = self.database
        self.environ |= {name: value for name, value in given.items() if name not in known}

    def _curl(self, words: list[str]) -> str:
        assert self.bench is not None
        method = "POST" if "POST" in words else "GET"
        place = re.sub(r"^http://127\.0\.0\.1:\d+", self.bench.sim.url, words[-1])
        place = re.sub(r"(?<=/_sim/pay/).*", self.checkout, place)
        with urlopen(Request(place, method=method), timeout=10) as answer:
            return str(answer.read().decode())

    @contextmanager
    def _hurrying(self) -> Iterator[None]:
        self.clock.run(FASTER)
        yield

    @contextmanager
    def _pressing(self, mark: str) -> Iterator[None]:
        """Press Ctrl-C once so many jobs are known; until then the simulator's time stands still."""
        match = re.fullmatch(r"ctrl-c: once (\d+) jobs? runs?", mark)
        assert match, f"{self.page}: a block with ^C says when: <!-- ctrl-c: once 8 jobs run -->"
        self.clock.run(0.0)
        over = threading.Event()
        pressing = threading.Thread(target=self._press, args=(int(match[1]), over.is_set))
        pressing.start()
        try:
            yield
        finally:
            over.set()
            pressing.join()

    def _press(self, jobs: int, over: Callable[[], bool]) -> None:
        assert self.bench is not None
        while not over():
            known = self.bench.ledger("SELECT count(job_id), count(*) - count(job_id) FROM attempts")
            if known == [(jobs, 0)]:
                os.kill(os.getpid(), signal.SIGINT)
                return
            time.sleep(0.02)


def fits(wanted: list[str], printed: list[str]) -> bool:
    """Whether lines are those of a page, in which a line of dots stands for any lines."""
    if not wanted:
        return not any(printed)
    if wanted[0].strip() == DOTS:
        return (
            any(fits(wanted[1:], printed[skipped:]) for skipped in range(len(printed) + 1)) or not wanted[1:]
        )
    return bool(printed) and wanted[0] == printed[0] and fits(wanted[1:], printed[1:])


def renewed(text: str, lines: dict[int, list[str]]) -> str:
    """A page's text with what was printed below its lines: all of one day, where one differs."""
    old = text.splitlines()
    for number in sorted(lines, reverse=True):
        end = number
        while not old[end].startswith(("$ ", "```")):
            end += 1
        blank = [""] if lines[number] and old[end].startswith("$ ") else []
        pressed = ["^C"] if "^C" in old[number:end] else []
        old[number:end] = [*pressed, *lines[number], *blank]
    return "\n".join(old) + "\n"
