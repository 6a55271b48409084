"""Reconciling: look at the service, clear what is proved, write down what a person decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from earmark.screens.money import amount
from manifests import catalogue
from manifests.errors import UsageError
from runner import reconcile
from runner.api.errors import Gone
from runner.api.interface import Job, JobApi
from runner.collect import recover
from runner.evidence import Seen, Sighting, evidence, look
from runner.ledger.interface import Ledger
from runner.lines import Line
from runner.locks import Locks
from runner.reconcile import Choice, Doubt


@dataclass(frozen=True, slots=True)
class Case:
    """A doubt with what may be its job."""

    doubt: Doubt
    evidence: Sequence[Sighting]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said about one doubt."""

    choice: Choice
    doubt: Doubt
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Decisions as they were typed: files, and for an adoption `FILE=JOB`."""

    adopt: Sequence[str] = ()
    send_again: Sequence[str] = ()
    give_up: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.adopt or self.send_again or self.give_up)


@dataclass(slots=True)
class Session:
    """One session of reconciling, with the locks of all manifests whose attempts it may change."""

    manifest_id: str
    lines: Sequence[Line]
    ledger: Ledger
    locks: Locks
    api: JobApi
    cleared: list[tuple[Doubt, Job]] = field(default_factory=list)
    told: list[tuple[Decision, str]] = field(default_factory=list)  # decisions with a sentence each
    _seen: Seen = field(default_factory=lambda: Seen({}, ()))

    def look(self) -> None:
        """Look at the service, and clear what is proved.

        Raises:
            ApiError: no answer.
        """
        doubts = self.doubts()
        if not doubts:
            return
        names = {doubt.attempt.service for doubt in doubts}
        services = {name: catalogue.load().service(name) for name in names}
        self._seen = look(self.api, doubts, services, self._known(names))
        for doubt, job in reconcile.proofs(doubts, self._seen.jobs):
            if reconcile.clear(self.ledger, doubt, job):
                self.cleared.append((doubt, job))

    def doubts(self) -> list[Doubt]:
        """All that is unclear now."""
        return reconcile.doubts_of(self.ledger, self.manifest_id, self.lines)

    def cases(self) -> list[Case]:
        """All that is unclear now, with its evidence from the last look."""
        doubts = self.doubts()
        known = self._known({doubt.attempt.service for doubt in doubts})
        left = [each for each in self._seen.sightings if each.job_id not in known.get(each.service, ())]
        return [Case(doubt, evidence(doubt, left)) for doubt in doubts]

    def decide(self, decision: Decision) -> str:
        """Write a decision down; a sentence about what follows from it.

        Raises:
            UsageError: the service knows no such job.
            NotAdoptable: it is another purchase's.
        """
        sentence = self._written(decision)
        self.told.append((decision, sentence))
        return sentence

    def _written(self, decision: Decision) -> str:
        doubt = decision.doubt
        match decision.choice:
            case Choice.ADOPT:
                job = self._job(doubt, decision.job_id)
                reconcile.adopt(self.ledger, doubt, job)
                return f"job {job.job_id} is taken for it{_odd(doubt, job)}; a run or fetch brings its result"
            case Choice.SEND_AGAIN:
                reconcile.send_again(self.ledger, doubt)
                ceiling, held = amounts(doubt)
                return f"the next run sends it again: {held} stays set aside, up to {ceiling} more"
            case Choice.GIVE_UP:
                reconcile.give_up(self.ledger, doubt)
                return f"{amounts(doubt)[1]} counts as spent; it is not bought again by itself"

    def _job(self, doubt: Doubt, job_id: str) -> Job:
        try:
            return self.api.job(doubt.attempt.service, job_id)
        except Gone as error:
            raise UsageError(f"the service knows no {doubt.attempt.service} job {job_id}: {error}") from error

    def _known(self, services: Iterable[str]) -> Mapping[str, set[str]]:
        return {name: self.ledger.job_ids(name) for name in services}


def take_locks(ledger: Ledger, locks: Locks, manifest_id: str) -> None:
    """Lock the manifest, and every other one whose lost attempts its items wait for.

    Raises:
        Busy: a run of one of them is under way.
    """
    locks.take(manifest_id)
    recover(ledger, manifest_id)
    for other in {attempt.manifest_id for attempt in ledger.unclear_attempts(manifest_id)}:
        locks.take(other)


def decisions(wishes: Wishes, doubts: Sequence[Doubt], cleared: Iterable[Doubt] = ()) -> list[Decision]:
    """What was typed, bound to doubts; nothing is written before all of it is understood.

    Args:
        wishes: as typed.
        doubts: about which something can be decided.
        cleared: by proof just now; what was typed about them is no longer needed.

    Raises:
        UsageError: a name that is not in doubt, or is twice; or no job number.
    """
    typed = [(*_job_of(text), Choice.ADOPT) for text in wishes.adopt]
    typed += [(name, "", Choice.SEND_AGAIN) for name in wishes.send_again]
    typed += [(name, "", Choice.GIVE_UP) for name in wishes.give_up]
    proved = {name for doubt in cleared for name in (doubt.file, doubt.attempt.token)}
    open_ = {name for doubt in doubts for name in (doubt.file, doubt.attempt.token)}
    found = [
        Decision(choice, named(name, doubts, choice), job_id)
        for name, job_id, choice in typed
        if name in open_ or name not in proved
    ]
    for decision in found:
        if sum(each.doubt is decision.doubt for each in found) > 1:
            raise UsageError(f"two decisions about {decision.doubt.file}: name it once")
    return found


def _job_of(text: str) -> tuple[str, str]:
    """The name and the job number in `FILE=JOB`; a file's name may hold more of these signs."""
    name, _, job_id = text.rpartition("=")
    if not (name and job_id.strip()):
        raise UsageError(f"--adopt {text}: write FILE=JOB, such as talks/ep1.mp3=1044")
    return name, job_id.strip()


def named(name: str, doubts: Sequence[Doubt], choice: Choice) -> Doubt:
    """The doubt that a file or a token names, among those about which this can be decided.

    Raises:
        UsageError: none, or several.
    """
    matching = [each for each in doubts if name in (each.file, each.attempt.token)]
    possible = [each for each in matching if choice in each.choices]
    waiting = [each for each in possible if not each.decided] or possible
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        tokens = ", ".join(f"{each.attempt.token} ({each.product})" for each in waiting)
        raise UsageError(f"{name} is in doubt more than once; name one by its token: {tokens}")
    if matching:
        raise UsageError(f"{name}: `{choice.value}` is not possible any more, it was {_past(matching[0])}")
    files = ", ".join(dict.fromkeys(each.file for each in doubts)) or "nothing"
    raise UsageError(f"{name} is not in doubt; in doubt: {files}")


def _past(doubt: Doubt) -> str:
    return "sent again" if doubt.attempt.superseded else "given up"


def _odd(doubt: Doubt, job: Job) -> str:
    """What a person should look at twice."""
    seconds = None if job.ms is None else -(-job.ms // 1000)
    if doubt.fits(seconds):
        return ""
    return f" (look twice: it has {seconds:,} s, the file has {doubt.shortest:,} to {doubt.longest:,} s)"


def amounts(doubt: Doubt) -> tuple[str, str]:
    """The most that a doubt's job can cost, and what is set aside for it, in what pays it."""
    currency = doubt.attempt.currency
    return amount(doubt.attempt.ceiling, currency), amount(doubt.amount, currency)
