"""Reading jobs: one entry of a list, one status answer, the answer to a submit (docs/api.md 1)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from manifests.keys import find_tokens
from runner.api import answers
from runner.api.answers import Fields
from runner.api.interface import Job, JobStatus

_WORDS = {
    "COMPLETED": JobStatus.COMPLETED,
    "FAILED": JobStatus.FAILED,
    "ERROR": JobStatus.FAILED,
    "CANCELLED": JobStatus.CANCELLED,
    "CANCELED": JobStatus.CANCELLED,
}
"""Any other word means that the job is still running: giving up on a paid job costs more than waiting."""


def job_id(fields: Fields) -> str:
    """The id of a job: `id`, `job_id`, `job.id` or `job.job_id`; empty where there is none."""
    inner = fields.get("job")
    places = [fields, inner] if isinstance(inner, dict) else [fields]
    found = (answers.identifier(place.get(name)) for place in places for name in ("id", "job_id"))
    return next((each for each in found if each), "")


def submitted(value: object) -> str:
    """The id in the answer to a submit, also where that is a list of one job; empty where there is none.

    Of several jobs nobody knows which is ours: that stays in doubt, and is found by its token.

    Raises:
        UnreadableError: no JSON object.
    """
    fields = answers.mapping(_alone(value))
    listed = _alone(fields.get("jobs"))
    return job_id(fields) or (job_id(listed) if isinstance(listed, dict) else "")


def estimated(value: object) -> int | None:
    """The length that the service expects, in the answer to a submit; in ms, None where it is silent."""
    fields = _alone(value)
    shown = flat(fields).get("estimated_duration") if isinstance(fields, dict) else None
    return answers.milliseconds(shown)


def _alone(value: object) -> object:
    """The only entry of a list; anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def status(word: str) -> JobStatus:
    """What a status word means, in any case."""
    return _WORDS.get(word.strip().upper(), JobStatus.RUNNING)


NOT_ITS_NAME = frozenset({
    "voice_info", "voice_name", "target_voice_name", "input_text", "prompt", "caption", "lyrics",
})  # fmt: skip
"""Fields of a job in which a token proves nothing: a voice may be called after the clone that made it, and
words are anybody's."""


def job(fields: Fields, lengths: Iterable[str] = ()) -> Job | None:
    """The job in an entry; None where it has no id.

    Args:
        fields: the entry; the job may stand in it under `job`.
        lengths: where this service says how long the audio is, in seconds; dots lead inwards.
    """
    name = job_id(fields)
    if not name:
        return None
    known = flat(fields)
    word = answers.clean(answers.text(known.get("status")))
    return Job(
        job_id=name,
        status=status(word),
        tokens=frozenset(find_tokens(answers.texts(fields, NOT_ITS_NAME))),
        error=_error(known),
        ms=next((ms for ms in (answers.milliseconds(_at(known, path)) for path in lengths) if ms), None),
        created=answers.utc(known.get("created_at")),
        word=word,
        shown=bool(word),
        voices=frozenset(_voices(known)),
        text_sha256=_digest(known.get("input_text")),
    )


def listed(entry: Fields, lengths: Iterable[str] = ()) -> Job | None:
    """The job in an entry of a list; one that is done keeps the entry, which may show its results."""
    found = job(entry, lengths)
    if found is None or found.status is not JobStatus.COMPLETED:
        return found
    return replace(found, entry=entry)


def flat(fields: Fields) -> Fields:
    """A job's fields, which may stand under `job`; its own win over those around it.

    A `status` around it may be that of the call (`success`), with which the job would run for ever.
    """
    inner = fields.get("job")
    if not isinstance(inner, dict):
        return fields
    return {**fields, **{name: value for name, value in inner.items() if value is not None}}


def _error(fields: Fields) -> str:
    """Why a job failed: `error_message`, or `error` as a text or an object."""
    for name in ("error_message", "error", "failure_reason"):
        value = fields.get(name)
        if isinstance(value, dict):
            value = value.get("message")
        if answers.text(value):
            return answers.clean(value)
    return ""


def _voices(fields: Fields) -> Iterator[str]:
    """Everything that the voice of a job is called."""
    inner = fields.get("voice_info")
    places = (fields, "voice_id", "voice_uuid", "voice_name"), (inner, "id", "uuid", "name")
    for place, *names in places:
        shown = place if isinstance(place, dict) else {}
        yield from (text.lower() for name in names if (text := answers.identifier(shown.get(name))))


def _digest(text: object) -> str:
    """The digest of a text exactly as it is shown."""
    if not isinstance(text, str) or not text:
        return ""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _at(fields: Fields, path: str) -> object:
    value: object = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
