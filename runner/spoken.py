"""Proof by words: a service without a list whose jobs show the text that was sent (docs/api.md 6 and 9)."""

from manifests import catalogue
from runner.api.interface import Job


def shows_words(service: str) -> bool:
    """Whether a service's jobs show the words that were sent, and it has no list to find them in."""
    known = catalogue.load().service(service)
    return known.watch == "single" and "text" in known.accepts


def said_the_same(job: Job, words: str) -> bool:
    """Whether a job was made of these words, told by their digest."""
    return bool(words) and job.text_sha256 == words
