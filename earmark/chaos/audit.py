"""The accounts compared: what was paid twice, what passed a cap, what was lost, and what does not add up."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.chaos.accounts import Attempt, LedgerView
from manifests.exits import Exit

if TYPE_CHECKING:
    from simulator import Books, Job

NO_ROOM = frozenset({Exit.REFUSED, Exit.STOPPED_AS_TOLD})
"""Ends of a run whose cap left too little for all: what is in doubt, or was sent again, keeps its money."""

TRIES = 3
"""Times that a failed item is tried (`run --max-tries`)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found; nothing of it should ever be there."""

    twice: tuple[str, ...] = ()
    over: int = 0  # cents
    lost: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether every promise held, and everything adds up."""
        return not (self.twice or self.over or self.lost or self.odd)

    def __add__(self, other: "Findings") -> "Findings":
        """Both together."""
        return Findings(
            tuple(dict.fromkeys(self.twice + other.twice)),
            max(self.over, other.over),
            tuple(dict.fromkeys(self.lost + other.lost)),
            tuple(dict.fromkeys(self.odd + other.odd)),
        )


def at_any_time(ledger: LedgerView, books: "Books") -> Findings:
    """What must hold while runs are under way; the ledger was read before the books."""
    twice = paid_twice(books) or tuple(_bought_twice(ledger, books))
    return Findings(twice, over_the_cap(ledger, books))


def at_rest(ledger: LedgerView, books: "Books") -> Findings:
    """What must hold between two runs."""
    odd = [*_uncounted(ledger, books), *_violations(books)]
    return at_any_time(ledger, books) + Findings(odd=tuple(odd))


def at_the_end(ledger: LedgerView, books: "Books", manifests: Collection[str]) -> Findings:
    """What must hold once the bad day is over and these manifests were run to their end, and fetched."""
    lost, unequal = _lost(ledger, books, manifests), _unequal(ledger, books)
    return at_rest(ledger, books) + Findings(lost=tuple(lost), odd=tuple(unequal))


def paid_twice(books: "Books") -> tuple[str, ...]:
    """Content, and tokens, that made more than one job that costs something."""
    tokens = [text for text in books.violations if text.startswith("token ")]
    return (*books.paid_twice(), *tokens)


def _bought_twice(ledger: LedgerView, books: "Books") -> Iterator[str]:
    """Purchases that made more than one job that costs something, whatever bytes and options they sent.

    Books tell equal bytes. A recording with other tags, or speech in the voice of another clone, is the same
    purchase: the ledger knows that.
    """
    part_of = {each.token: each.part for each in ledger.attempts}
    by_job = ledger.by_job
    parts: defaultdict[int, list[str]] = defaultdict(list)
    for job in books.jobs:
        ours = by_job.get((job.service, str(job.id)))
        part = ours.part if ours else part_of.get(job.order.token or "")
        if part is not None and (job.charged_cents or job.charged_credits or job.status == "RUNNING"):
            parts[part].append(f"{job.service} job {job.id}")
    for part, made in parts.items():
        if len(made) > 1:
            yield f"part {part} of the ledger was bought as {', '.join(made)}"


def over_the_cap(ledger: LedgerView, books: "Books") -> int:
    """Cents above any cap, by the books or by the ledger; what the service charged on top is its own act."""
    theirs: defaultdict[str, int] = defaultdict(int)
    on_top: defaultdict[str, int] = defaultdict(int)
    credits_: defaultdict[str, int] = defaultdict(int)
    for manifest, job in _attributed(ledger, books):
        theirs[manifest] += job.charged_cents + job.hold_cents
        on_top[manifest] += _on_top(job)
        credits_[manifest] += job.charged_credits + job.hold_credits
    over = [0]
    for name, cap in ledger.caps.items():
        over.append(max(theirs[name], cap.committed) - on_top[name] - cap.cap)
        over.append(max(credits_[name], cap.credits_committed) - cap.credits_cap)
    return max(over)


def _attributed(ledger: LedgerView, books: "Books") -> Iterator[tuple[str, "Job"]]:
    """Each job with the manifest that it counts against, where the ledger knows it."""
    tokens = {each.token: each for each in ledger.attempts}
    by_job = ledger.by_job
    for job in books.jobs:
        attempt = by_job.get((job.service, str(job.id))) or tokens.get(job.order.token or "")
        if attempt is not None:
            yield attempt.manifest, job


def _uncounted(ledger: LedgerView, books: "Books") -> Iterator[str]:
    """Money at the service that the ledger does not count, in all."""
    theirs = books.spent_cents + books.holds_cents
    ours = sum(cap.committed for cap in ledger.caps.values())
    unseen = sum(_on_top(job) for job in books.jobs)
    if theirs - unseen > ours:
        yield f"the service holds or took {theirs} c, the ledger counts {ours} c"


def _on_top(job: "Job") -> int:
    """What a job was charged on top, which the ledger learns from its bill only, if one comes."""
    return job.fate.extra_cents if job.charged_cents and job.status != "RUNNING" else 0


def _violations(books: "Books") -> list[str]:
    return [text for text in books.violations if not text.startswith("token ")]


def _unequal(ledger: LedgerView, books: "Books") -> Iterator[str]:
    """Jobs of which books and ledger tell different prices."""
    for job in books.jobs:
        ours = ledger.by_job.get((job.service, str(job.id)))
        theirs = job.charged_credits if ours and ours.currency == "credits" else job.charged_cents
        if ours is not None and ours.settled == "billed" and ours.charge != theirs:
            yield f"{job.service} job {job.id}: charged {theirs}, the ledger says {ours.charge}"


def _lost(ledger: LedgerView, books: "Books", manifests: Collection[str]) -> Iterator[str]:
    """Jobs that are done, and whose results are not where these manifests want them."""
    by_job = ledger.by_job
    for job in books.jobs:
        if job.status != "COMPLETED" or job.fate.hides_result:
            continue
        ours = by_job.get((job.service, str(job.id)))
        if ours is None:
            yield f"{job.service} job {job.id} is done, and the ledger does not know it"
            continue
        if not any(line.part == ours.part for line in ledger.lines):
            yield f"{job.service} job {job.id} is done, and no line of any manifest wants its result"
        for line in ledger.lines:
            wanted = line.part == ours.part and line.manifest in manifests
            if wanted and not (line.results and _there(line.results)):
                yield f"{line.file}: {job.service} job {job.id} is done, its result is not on disk"


def _there(paths: tuple[str, ...]) -> bool:
    return all(Path(path).is_file() for path in paths)


def unfinished(ledger: LedgerView, books: "Books", codes: Mapping[str, int]) -> Iterator[str]:
    """Lines of manifests that are neither saved nor ended for a reason.

    Args:
        ledger: as it stands.
        books: as they stand.
        codes: how the last run of each manifest ended.
    """
    newest = {each.part: each for each in ledger.attempts if not each.superseded}
    jobs = {(job.service, str(job.id)): job for job in books.jobs}
    for line in ledger.lines:
        job = _job_of(newest.get(line.part), jobs)
        code = codes.get(line.manifest)
        if code is not None and not at_its_end(line.state, line.tries, job, code):
            yield f"{line.file} was left {line.state}: {line.reason}"


def at_its_end(state: str, tries: int, job: "Job | None", code: int) -> bool:
    """Whether a part in this state is where it has to stay, after a run that ended with this code."""
    if code == Exit.DONE:
        return state == "saved"
    match state:
        case "saved" | "rejected" | "failed charged" | "planned":
            return True
        case "released":
            return tries >= TRIES or code in NO_ROOM
        case "submitted":
            # A word that nobody knows is taken for still running, also where it stands for an end.
            return job is not None and (job.status == "RUNNING" or job.fate.word is not None)
        case "finished" | "lost":
            return job is not None and job.fate.hides_result
        case _:
            return False


def _job_of(attempt: Attempt | None, jobs: Mapping[tuple[str, str], "Job"]) -> "Job | None":
    if attempt is None or attempt.job_id is None:
        return None
    return jobs.get((attempt.service, attempt.job_id))
