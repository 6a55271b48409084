"""All checks side by side, within a deadline: what does not answer in time is told, and not waited for."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from earmark.doctor.values import Checked, Finding, Standing, bad
from manifests.errors import EarmarkError
from manifests.exits import Exit

DEADLINE_SECONDS = 10.0
"""For all of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that are made one after the other, and what is said of those that did not answer in time."""

    names: Sequence[str]
    look: Callable[[], Iterable[Finding]]
    late: Callable[[str, float], Finding]


def late_machine(name: str, seconds: float) -> Finding:
    """A disk that does not answer holds a run up, too."""
    words = f"no answer within {seconds:g} s: a disk of this machine hangs, or is a network's"
    return bad(name, words, "look at the disks that the lines above name", Exit.MACHINE)


def checked(
    groups: Sequence[Group],
    order: Sequence[str],
    seconds: float = DEADLINE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Checked:
    """What all groups find, in the order that is given.

    Args:
        groups: each looks in a thread of its own.
        order: of the checks' names.
        seconds: for all of them.
        clock: seconds, monotonic.
    """
    answers: queue.SimpleQueue[Finding | None] = queue.SimpleQueue()
    for group in groups:
        # daemons: what hangs must not keep the command from ending
        threading.Thread(target=_look, args=(group, answers), daemon=True).start()
    until = clock() + seconds
    found = list(_in_time(answers, len(groups), until, clock))
    known = {each.check for each in found}
    missing = [group.late(name, seconds) for group in groups for name in group.names if name not in known]
    place = {name: number for number, name in enumerate(order)}
    return Checked(tuple(sorted([*found, *missing], key=lambda each: place.get(each.check, len(place)))))


def _look(group: Group, answers: "queue.SimpleQueue[Finding | None]") -> None:
    """Pass on what a group finds, and None at its end; what fails in an unexpected way is a finding, too."""
    seen: set[str] = set()
    try:
        for each in group.look():
            seen.add(each.check)
            answers.put(each)
    except EarmarkError as error:
        answers.put(_failed(group, seen, str(error), error.exit_code))
    except OSError as error:
        answers.put(_failed(group, seen, f"this machine says: {error}", Exit.MACHINE))
    except Exception as error:  # noqa: BLE001 - the other checks are worth knowing all the same
        words = f"a bug in Earmark, please report it: {type(error).__name__}: {error}"
        answers.put(_failed(group, seen, words, Exit.BUG))
    finally:
        answers.put(None)


def _failed(group: Group, seen: Iterable[str], words: str, code: Exit) -> Finding:
    name = next((name for name in group.names if name not in set(seen)), group.names[-1])
    return Finding(name, Standing.BAD, words, exit=code)


def _in_time(
    answers: "queue.SimpleQueue[Finding | None]", running: int, until: float, clock: Callable[[], float]
) -> Iterator[Finding]:
    while running:
        try:
            answer = answers.get(timeout=max(0.0, until - clock()))
        except queue.Empty:
            return
        if answer is None:
            running -= 1
        else:
            yield answer
