"""The demo: the real commands against the simulator in this process, and its books against the ledger."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.amounts import CAP
from earmark.policy.caps import VARIABLES
from earmark.screens.words import size, some
from earmark.terminal import printable, quoted, write_out
from earmark.wallet_ends import BASE_URL, KEY, KEY_FILE
from manifests.errors import MachineError, UsageError
from manifests.exits import Exit
from manifests.money import Cents, plain, show
from manifests.text import read_manifest

if TYPE_CHECKING:
    from simulator.books import Books

MARK = ".earmark-demo"
"""The file that tells a folder of an earlier demo, which may be removed, from any other."""

SONGS = "songs"
"""The subfolder whose files are split into stems; all others are transcribed."""

CAPS = (CAP, *VARIABLES.values())
"""What somebody set for real money is no matter of a demo."""

WALLET = Cents(2000)
SHOWN = 4
"""Result files that are named at the end."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo; `job_seconds` is how long each job of the simulator takes."""

    folder: Path
    output: Path
    job_seconds: float

    def play(self) -> Exit:
        """All of it; the exit code of the first command that did not end with 0.

        Raises:
            UsageError: no such folder, or an output folder that is not the demo's own.
            MachineError: the simulator's libraries are missing.
        """
        if not self.folder.is_dir():
            raise UsageError(
                f"{self.folder}: no such folder; the demo needs recordings: earmark demo FOLDER"
                " (a checkout of Earmark has examples/)"
            )
        started = time.monotonic()
        afresh(self.output)
        import simulator
        from earmark.simulate_command import explained

        with (
            explained(0),
            simulator.serve(simulator.Scenario(job_seconds=self.job_seconds), wallet_cents=WALLET) as played,
        ):
            _say(
                f"AudioPod, played on this machine at {played.url}: no account, no network, no money.",
                f"Its wallet holds {show(WALLET)}. The same commands work on the real service.",
            )
            code = self._commands(played.url, played.key)
            if code != Exit.DONE:
                return code
            same = agree(played.books, self.output / "ledger.db")
        self._end(time.monotonic() - started)
        return Exit.DONE if same else Exit.SOME_FAILED

    def _commands(self, url: str, key: str) -> Exit:
        environ = environment(url, key, self.output / "ledger.db")
        for plan, manifest in self.plans():
            code = typed(plan, environ)
            if code == Exit.DONE:
                cap = read_manifest(manifest).ceiling
                code = typed(["run", str(manifest), "--max-spend", plain(cap)], environ)
            if code == Exit.DONE:
                code = typed(["earmark", "report", str(manifest), "-o", str(page_of(manifest))], environ)
            if code != Exit.DONE:
                return code
        return Exit.DONE

    def plans(self) -> list[tuple[list[str], Path]]:
        """The plans to make, each with its manifest: speech is transcribed, songs are split into stems."""
        speech, songs = self.output / "speech.yaml", self.output / "songs.yaml"
        listen = ["plan", str(self.folder), "--service", "transcription"]
        if not (self.folder / SONGS).is_dir():
            return [([*listen, "-o", str(speech)], speech)]
        listen += ["--set", "formats=json,txt,srt", "--exclude", f"{SONGS}/**", "-o", str(speech)]
        split = ["plan", str(self.folder / SONGS), "--service", "stems:six", "-o", str(songs)]
        return [(listen, speech), (split, songs)]

    def _end(self, seconds: float) -> None:
        results = self.output / "results"
        files = sorted(path for path in results.rglob("*") if path.is_file())
        _say(
            "",
            f"Results: {some(len(files), 'file')} in {printable(str(results))}/"
            f", {size(sum(path.stat().st_size for path in files))}; {seconds:.0f} s in all. Some of them:",
            *(f"  {printable(str(path))}" for path in files[:: max(1, len(files) // SHOWN)][:SHOWN]),
            f"Open in a browser what became of it: {' and '.join(self._pages())}",
            *on_path(),
            "Go on by yourself: earmark simulate, then plan and run in another terminal; earmark --help",
        )

    def _pages(self) -> list[str]:
        return [printable(str(page_of(manifest))) for _, manifest in self.plans()]


def on_path() -> Iterator[str]:
    """What a shell has to be told before it knows the programs, such as after `make demo`."""
    programs = Path(sys.prefix) / "bin"
    if shutil.which("earmark") is None and (programs / "earmark").exists():
        yield f"Let this shell find the programs: export PATH={quoted(str(programs))}:$PATH"


def page_of(manifest: Path) -> Path:
    """The HTML report of a manifest."""
    return manifest.with_suffix(".html")


def afresh(output: Path) -> None:
    """Make the output folder anew; only an earlier demo's is removed.

    Raises:
        UsageError: the folder holds something else.
        MachineError: it cannot be made.
    """
    if output.exists() and any(output.iterdir()) and not (output / MARK).exists():
        raise UsageError(
            f"{output} is not an earlier demo's folder, so it is left alone: name another with --output"
        )
    if output.exists():
        shutil.rmtree(output)
    try:
        output.mkdir(parents=True)
        (output / MARK).touch()
    except PermissionError as error:
        raise MachineError(f"{output} may not be made here: name another folder with --output") from error


def environment(url: str, key: str, ledger: Path) -> dict[str, str]:
    """This environment, talking to the simulator, with a ledger of the demo's own."""
    ours = {BASE_URL: url, KEY: key, "EARMARK_LEDGER": str(ledger.absolute())}
    others = {name: value for name, value in os.environ.items() if name not in (KEY_FILE, *CAPS)}
    return others | ours


def typed(words: Sequence[str], environ: Mapping[str, str]) -> Exit:
    """Show a command, have it done, and return its exit code."""
    _say("", "$ " + " ".join(quoted(word) for word in words))
    words = words[1:] if words[0] == "earmark" else words
    # -P: a planner.py in the user's folder must not take the place of ours.
    done = subprocess.run([sys.executable, "-P", "-m", "earmark", *words], env=environ, check=False)  # noqa: S603
    return Exit(done.returncode)


def agree(books: "Books", ledger: Path) -> bool:
    """Compare, job by job, what the simulator charged with what the ledger says; tell, and answer.

    Books in which nothing was charged prove nothing.
    """
    theirs, ours = charged(books), _settled(ledger)
    _say("")
    if theirs and theirs == ours:
        _say(
            f"Books: the simulator charged {some(len(theirs), 'job')} {show(sum(theirs.values()))} in all;"
            " the ledger says the same, job by job."
        )
        return True
    _say(*_differences(theirs, ours))
    return False


def charged(books: "Books") -> dict[tuple[str, str], int]:
    """What the simulator's books took for each job, by service and job number."""
    sums: Counter[tuple[str, str]] = Counter()
    for charge in books.charges:
        sums[charge.service, str(charge.job_id)] += charge.cents
    return dict(sums)


def _settled(path: Path) -> dict[tuple[str, str], int]:
    from runner.ledger.sqlite.ledger import SqliteLedger

    if not path.exists():
        return {}
    ledger = SqliteLedger.reading(path, time.time)
    try:
        return {job: int(cents) for job, cents in ledger.charges().items()}
    finally:
        ledger.close()


def _differences(theirs: Mapping[tuple[str, str], int], ours: Mapping[tuple[str, str], int]) -> Iterator[str]:
    yield "Books: the simulator and the ledger do NOT agree; please report it."
    for service, job in sorted(theirs.keys() | ours.keys()):
        charge, known = theirs.get((service, job)), ours.get((service, job))
        if charge != known:
            yield f"  {service} job {job}: charged {_amount(charge)}, the ledger says {_amount(known)}"


def _amount(cents: int | None) -> str:
    return "nothing" if cents is None else show(cents)


def _say(*lines: str) -> None:
    write_out("".join(f"{line}\n" for line in lines))
