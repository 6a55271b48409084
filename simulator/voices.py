"""The voices that speak and sing: a few public ones, and those that were cloned (docs/api.md 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator import jobs
from simulator.books import Job
from simulator.calls import LONGEST_NUMBER, Call
from simulator.purses import row_id
from simulator.refusals import Refusal

CLONE = "clone"
"""The service whose jobs are voices."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice; a cloned one is a job of the service `clone` and has its number."""

    id: int
    uuid: str
    name: str
    job: Job | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it can be used."""
        return self.job is None or self.job.status == "COMPLETED"


PUBLIC = tuple(
    Voice(number, row_id("public voice", number), name)
    for number, name in ((101, "aura"), (102, "ember"), (103, "willow"))
)
"""Voices that everybody may use and nobody may delete; docs/simulator.md lists them."""


def cloned(job: Job) -> Voice:
    """The voice that a job of the service `clone` makes."""
    return Voice(job.id, row_id("cloned voice", job.id), job.order.name, job)


def all_cloned(call: Call) -> Iterator[Voice]:
    """The cloned voices that a list shows by now, newest first."""
    return (cloned(job) for job in jobs.listed_by_now(call))


def find(call: Call, text: str) -> Voice:
    """The voice with a number, a UUID, or the name of a public one. Raises Refusal 404."""
    for voice in PUBLIC:
        if text in {str(voice.id), voice.uuid, voice.name}:
            return voice
    number = call.world.names.get((CLONE, text.lower()))
    if number is None and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
        number = int(text)
    job = None if number is None else call.world.books.jobs.get((CLONE, number))
    if job is None or job.deleted_at is not None:
        raise no_voice()
    return cloned(job)


def usable(call: Call, voice: Voice) -> str | None:
    """Why a job with this voice will fail, if it will. Raises Refusal 400 where it is not even begun."""
    if voice.is_ready:
        return None
    message = f"Voice {voice.id} is not ready"
    if call.world.scenario.unready_voice == "refuse":
        raise Refusal(400, "voice_not_ready", message)
    return message


def no_voice() -> Refusal:
    """A voice that is unknown, deleted or somebody else's (docs/api.md 5.2)."""
    return Refusal(404, "voice_not_found", "Voice not found or access denied")
