"""Purchases in doubt: proof that clears them, and what a person may decide where there is none.

Proof is the token of the attempt in the service's own job list. Anything else, such as a charge of
the right length at the right time, is evidence (`runner.evidence`): a person looks at it and says
what is to be done. Each decision is written into the ledger's history with its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from manifests.errors import EarmarkError
from manifests.exits import Exit
from manifests.keys import Token
from manifests.length import Basis, Grade
from manifests.money import Cents
from manifests.states import BOUGHT, IN_FLIGHT, State
from runner.api.interface import Job, JobStatus
from runner.ledger.interface import Ledger
from runner.ledger.rows import AttemptRow, Move
from runner.lines import Line, as_fields
from runner.spoken import said_the_same, shows_words, voice_in


class NotAdoptable(EarmarkError):
    """A job that cannot be the one whose answer was lost."""

    exit_code = Exit.USAGE


class Choice(StrEnum):
    """What a person may decide."""

    ADOPT = "adopt"
    SEND_AGAIN = "send again"
    GIVE_UP = "give up"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One attempt whose answer was lost, with the item that it was for."""

    attempt: AttemptRow
    file: str
    product: str
    shortest: int | None  # whole seconds that the service may have counted; None where the line is gone
    longest: int | None
    reason: str = ""  # what became of the answer
    words: str = ""  # the digest of the text that it was to speak
    voice: str = ""  # the voice that was to speak it

    @property
    def decided(self) -> bool:
        """Whether a person has decided already: it was sent again, or given up."""
        return self.attempt.superseded or self.attempt.state is State.GIVEN_UP

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be decided about it still."""
        if self.attempt.state is State.GIVEN_UP:
            return (Choice.ADOPT,)
        if self.attempt.superseded:
            return (Choice.ADOPT, Choice.GIVE_UP)
        return tuple(Choice)

    @property
    def amount(self) -> Cents:
        """What is set aside for it, or was counted as spent when it was given up."""
        return self.attempt.hold or self.attempt.charge or Cents(0)

    def fits(self, seconds: int | None) -> bool:
        """Whether a length is credible for its audio; an unknown one is."""
        if seconds is None or self.shortest is None or self.longest is None:
            return True
        return self.shortest <= seconds <= self.longest


def doubts_of(ledger: Ledger, manifest_id: str, lines: Iterable[Line]) -> list[Doubt]:
    """All that is unclear about a manifest's items, those that wait for a decision first."""
    rows = {row.part_id: row for row in reversed(ledger.items(manifest_id))}
    known = {line.key: line for line in lines}
    found = []
    for attempt in ledger.unclear_attempts(manifest_id):
        row = rows[attempt.part_id]
        shortest, longest = _range(known.get(row.line))
        reason = "" if attempt.superseded else row.reason
        words = row.sha256 if shows_words(attempt.service) else ""
        voice = voice_in(attempt.service, as_fields(row.options)) if words else ""
        found.append(Doubt(attempt, row.file, row.product, shortest, longest, reason, words, voice))
    return sorted(found, key=lambda doubt: doubt.decided)


def _range(line: Line | None) -> tuple[int | None, int | None]:
    """The whole seconds that a service may count for a line; it may round, and a tag may cost a moment.

    What is made may turn out shorter than was expected, and what somebody said of a length proves nothing.
    """
    if line is None or line.item.basis is Basis.STATED:
        return None, None
    known = line.item.basis is Basis.INPUT and line.item.grade is not Grade.ESTIMATED
    shortest = max(0, line.item.ms // 1000 - 1) if known else 0
    return shortest, -(-line.item.longest_ms // 1000) + 1


def proofs(doubts: Iterable[Doubt], jobs: Mapping[str, Iterable[Job]]) -> list[tuple[Doubt, Job]]:
    """The jobs that carry the token of a doubt, or were made of its words; `jobs` are lists by service."""
    wanted = list(doubts)
    by_token = {
        (service, token): job for service, listed in jobs.items() for job in listed for token in job.tokens
    }
    found = ((doubt, by_token.get(_proof_of(doubt)) or _same_words(doubt, wanted, jobs)) for doubt in wanted)
    return [(doubt, job) for doubt, job in found if job is not None]


def _same_words(doubt: Doubt, doubts: Sequence[Doubt], jobs: Mapping[str, Iterable[Job]]) -> Job | None:
    """The only job that was made of a doubt's words, where no other doubt has the same."""
    if sum(other.words == doubt.words for other in doubts) > 1:
        return None
    same = [
        job for job in jobs.get(doubt.attempt.service, ()) if said_the_same(job, doubt.words, doubt.voice)
    ]
    return same[0] if len(same) == 1 else None


def _proof_of(doubt: Doubt) -> tuple[str, Token]:
    return doubt.attempt.service, Token(doubt.attempt.token)


def is_anothers(doubt: Doubt, job: Job) -> bool:
    """Whether a job's own tokens say that it was made of other audio or other options."""
    wanted = Token(doubt.attempt.token).key_part
    return bool(job.tokens) and all(token.key_part != wanted for token in job.tokens)


# -- decisions; each inside a transaction of its own ---------------------------------------


def clear(ledger: Ledger, doubt: Doubt, job: Job) -> bool:
    """A job was found by the token; False where a person has to look, or where it has to end first.

    A number that another purchase has was adopted wrongly; a second job that still runs would have
    nobody to watch it.
    """
    if ledger.attempt_of_job(doubt.attempt.service, job.job_id) is not None:
        return False
    if _runs_unwatched(ledger, doubt, job):
        return False
    _take(ledger, doubt, job, "found by its token in the job list")
    return True


def _runs_unwatched(ledger: Ledger, doubt: Doubt, job: Job) -> bool:
    """Whether it is a second job that still runs: the part was sent again since, and is watched for that."""
    state, _ = ledger.part(doubt.attempt.part_id)
    return doubt.attempt.superseded and job.status is JobStatus.RUNNING and state in IN_FLIGHT | BOUGHT


def adopt(ledger: Ledger, doubt: Doubt, job: Job) -> None:
    """Take a job for the one whose answer was lost, by a person's word.

    Raises:
        NotAdoptable: it is another purchase's.
    """
    if is_anothers(doubt, job):
        raise NotAdoptable(
            f"job {job.job_id} was made of other audio or other options than {doubt.file}: its name says so"
        )
    owner = ledger.attempt_of_job(doubt.attempt.service, job.job_id)
    if owner is not None:
        raise NotAdoptable(
            f"job {job.job_id} is the result of another purchase of this ledger"
            f" (token {owner.token}): it cannot be that of {doubt.file} too"
        )
    if _runs_unwatched(ledger, doubt, job):
        raise NotAdoptable(
            f"job {job.job_id} still runs, and {doubt.file} was sent again since: adopt it when it has ended"
        )
    _take(ledger, doubt, job, f"job {job.job_id} adopted by hand")


def send_again(ledger: Ledger, doubt: Doubt) -> None:
    """Let the next run send it once more; what the first attempt may cost stays set aside."""
    with ledger.transaction():
        ledger.supersede(doubt.attempt.attempt_id, "to be sent again, by hand; it may cost twice")


def give_up(ledger: Ledger, doubt: Doubt) -> None:
    """Count it as spent, and never buy it again by itself."""
    with ledger.transaction():
        ledger.move(Move(doubt.attempt.attempt_id, State.GIVEN_UP, "given up by hand, counted as spent"))


_ENDS = {
    JobStatus.COMPLETED: State.FINISHED,
    JobStatus.FAILED: State.FAILED,
    JobStatus.CANCELLED: State.FAILED,
}


def _take(ledger: Ledger, doubt: Doubt, job: Job, reason: str) -> None:
    attempt_id = doubt.attempt.attempt_id
    with ledger.transaction():
        ledger.move(Move(attempt_id, State.SUBMITTED, reason, job.job_id))
        end = _ENDS.get(job.status)
        # A second job for the same audio has no item that a run would watch it for; its bill counts.
        if ledger.attempt(attempt_id).superseded and end is not None:
            ledger.move(Move(attempt_id, end, reason))
