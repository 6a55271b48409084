"""Proof by words: a service without a list whose jobs show the text that was sent (docs/api.md 6 and 9)."""

from collections.abc import Mapping

from manifests import catalogue
from manifests.keys import CLONE
from runner.api.interface import Job


def shows_words(service: str) -> bool:
    """Whether a service's jobs show the words that were sent, and it has no list to find them in."""
    known = catalogue.load().service(service)
    return known.watch == "single" and "text" in known.accepts


def said_the_same(job: Job, words: str, voice: str) -> bool:
    """Whether a job was made of these words with this voice.

    Args:
        job: as its status shows it.
        words: the digest of the text.
        voice: as it was ordered; empty where only the clone that was to make it is known.
    """
    if not words or job.text_sha256 != words:
        return False
    return not (voice and job.voices) or voice.lower() in job.voices


def voice_in(service: str, fields: Mapping[str, object]) -> str:
    """The voice that submit options name; empty for a clone, whose voice has its own name at the service."""
    option = catalogue.load().service(service).voice
    named = str(fields.get(option.name, "")) if option else ""
    return "" if named.startswith(CLONE) else named
