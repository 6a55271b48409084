"""Transcription (docs/api.md 8)."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread

from simulator import jobs, transcripts
from simulator.addresses import fetched
from simulator.books import Job
from simulator.calls import Call, whole
from simulator.endpoints import Endpoint
from simulator.forms import Form
from simulator.orders import Recording, measured, place
from simulator.purses import row_id
from simulator.refusals import Refusal, invalid, plan_required
from simulator.replies import Reply, json_reply
from simulator.services.interface import Service

PREFIX = "/api/v1/transcription"
SERVICE_TYPE = "transcription"
PREMIUM_MODELS = ("premium", "premium-diarized")
MOST_SPEAKERS = 20
LONG_SECONDS = 600
"""Transcripts of longer recordings are written in a worker thread."""

_BOOLEANS = {"true": True, "false": False}


async def upload(call: Call) -> Reply:
    """Transcribe an uploaded file."""
    async with call.form() as form:
        options = _from_form(form)
        files = [file for file in form.uploads if file.field == "files"]
        if not files:
            raise invalid("Field required", "body", "files")
        if len(files) > 1:
            raise Refusal(
                400, "invalid_input", "Send one file for each request: how several are priced is not known"
            )
        return _start(call, await measured(call, files[0]), options)


async def by_address(call: Call) -> Reply:
    """Transcribe what lies at an address; JSON, not a form."""
    data = await call.json()
    options = _options({name: value for name, value in data.items() if value is not None})
    urls = data.get("source_urls")
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        raise invalid("Input should be a list with at least one address", "body", "source_urls")
    if len(urls) > 1:
        raise Refusal(
            400, "invalid_input", "Send one address for each request: how several are priced is not known"
        )
    return _start(call, await fetched(call, urls[0]), options)


def _start(call: Call, recording: Recording, options: dict[str, Any]) -> Reply:
    if options.get("model_type") in PREMIUM_MODELS:
        raise plan_required("The premium engine")
    job = place(call, recording, SERVICE_TYPE, options=options)
    return json_reply(
        {
            "job_id": job.id,
            "task_id": row_id("transcription", job.id),
            "status": jobs.status_word(call, job),
            "message": "Transcription job created",
            "estimated_credits": job.order.credits,
            "estimated_duration": float(job.order.measured),
            "source_urls": _addresses(job),
        }
    )


def _from_form(form: Form) -> dict[str, Any]:
    """The options of a form, in their own types."""
    fields: dict[str, Any] = {name: form.text(name) for name in _KINDS if form.text(name) is not None}
    for name, text in fields.items():
        if _KINDS[name] is bool:
            fields[name] = _BOOLEANS.get(text.lower(), text)
        elif _KINDS[name] is int and text.isascii() and text.isdecimal() and len(text) < 10:  # noqa: PLR2004
            fields[name] = int(text)
    return _options(fields)


_KINDS: dict[str, type] = {
    "language": str,
    "model_type": str,
    "enable_speaker_diarization": bool,
    "min_speakers": int,
    "max_speakers": int,
    "enable_word_timestamps": bool,
    "enable_confidence_scores": bool,
    "chunk_duration": int,
}


def _options(fields: dict[str, Any]) -> dict[str, Any]:
    """The options among the fields, checked. Raises Refusal 422."""
    options = {name: fields[name] for name in _KINDS if name in fields}
    options |= {name: whole(value) for name, value in options.items() if isinstance(value, float)}
    for name, value in options.items():
        _check(name, value)
    for name in ("min_speakers", "max_speakers"):
        if not 1 <= options.get(name, 1) <= MOST_SPEAKERS:
            raise invalid(f"Input should be from 1 to {MOST_SPEAKERS}", "body", name)
    if options.get("min_speakers", 1) > options.get("max_speakers", MOST_SPEAKERS):
        raise invalid("min_speakers is above max_speakers", "body", "min_speakers")
    return options


def _check(name: str, value: Any) -> None:
    """Raises Refusal 422 for an option of the wrong type."""
    kind = _KINDS[name]
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        raise invalid(f"Input should be a valid {kind.__name__}", "body", name)


def _addresses(job: Job) -> list[str]:
    return [] if job.order.address is None else [job.order.address]


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it; the transcript is in none of them."""
    options, done = job.order.options, jobs.has_result(job)
    return {
        "id": job.id,
        "user_id": row_id("user", 0),
        "status": jobs.status_word(call, job),
        "progress": jobs.progress(call, job),
        "source_urls": _addresses(job),
        "display_name": jobs.kept_name(call.world.scenario, job, listed=listed),
        "language": options.get("language"),
        "model_type": options.get("model_type", "standard"),
        "enable_speaker_diarization": options.get("enable_speaker_diarization", False),
        "min_speakers": options.get("min_speakers"),
        "max_speakers": options.get("max_speakers"),
        "total_duration": float(job.order.measured) if job.status == "COMPLETED" else None,
        "transcript_path": f"/transcripts/job_{job.id}.json" if done else None,
        "detected_language": transcripts.language(job) if done else None,
        "confidence_score": transcripts.CONFIDENCE if done else None,
        "estimated_credits": job.order.credits,
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }


async def status(call: Call) -> Reply:
    """A job."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first; which paging name is obeyed is a switch (docs/api.md 20, row 21)."""
    paging = call.world.scenario.transcription_paging
    names = ("offset", "skip") if paging == "both" else (paging,)
    ignored = {"offset": "skip", "skip": "offset", "both": None}[paging]
    return json_reply([body(call, job, listed=True) for job in jobs.page(call, *names, ignored=ignored)])


async def transcript(call: Call) -> Reply:
    """The transcript, in the format asked for."""
    return await _transcript(call, statistics=False)


async def transcript_with_statistics(call: Call) -> Reply:
    """The same under a second address, with statistics (docs/api.md 8)."""
    return await _transcript(call, statistics=True)


async def _transcript(call: Call, *, statistics: bool) -> Reply:
    job = call.job()
    form = str(
        jobs.choice(call.request.query_params.get("format", "json"), transcripts.FORMATS, "query", "format")
    )
    if not jobs.has_result(job):
        raise Refusal(404, "transcript_not_available", "The transcript is not available")
    jobs.check_retention(call, job)
    write = partial(transcripts.written, job, form, statistics=statistics)
    if job.order.measured > LONG_SECONDS:
        content = await to_thread.run_sync(write)
    else:
        content = write()
    return Reply(
        200,
        content,
        transcripts.CONTENT_TYPES[form],
        when_sent=lambda: call.note_download(job, form, len(content)),
    )


SERVICE = Service(
    "transcription",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/transcribe-upload", "submit:transcription", upload),
        Endpoint("POST", f"{PREFIX}/transcribe", "submit:transcription", by_address),
        Endpoint("GET", f"{PREFIX}/jobs", "list:transcription", listed),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}", "status:transcription", status),
        Endpoint("GET", f"{PREFIX}/status/{{job_id}}", "status:transcription", status),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:transcription", jobs.delete),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}/transcript", "result:transcription", transcript),
        Endpoint(
            "GET", f"{PREFIX}/transcript/{{job_id}}", "result:transcription", transcript_with_statistics
        ),
    ),
)
