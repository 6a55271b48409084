"""Speaker separation: a track for each speaker, or only who spoke when (docs/api.md 13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from simulator import jobs, media
from simulator.books import Job
from simulator.calls import Call
from simulator.endpoints import Endpoint
from simulator.forms import Form
from simulator.orders import place
from simulator.purses import row_id
from simulator.refusals import invalid
from simulator.replies import Reply, Stream, json_reply
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.world import World

PREFIX = "/api/v1/speaker"
SERVICE_TYPE = "speaker_diarization"
JOB_TYPES = ("extraction", "diarization")
LONGEST_COUNT = 10
"""Digits."""
HEARD = 2
"""How many speakers are found where nobody says how many there are."""
TURN_SECONDS = 6
MOST_HEARD = 20
"""However many the caller says there are, no more are found."""


async def extract(call: Call) -> Reply:
    """One track for each speaker."""
    async with call.form() as form:
        query, field = _count(call, form)
        return await _start(call, form, "extraction", query or field)


async def diarize(call: Call) -> Reply:
    """Times only; a `num_speakers` in the form changes nothing, as the official client found."""
    async with call.form() as form:
        query, _ = _count(call, form)
        return await _start(call, form, "diarization", query)


def _count(call: Call, form: Form) -> tuple[int | None, int | None]:
    """How many speakers the caller says there are, in the query and in the form. Raises Refusal 422."""
    said = "num_speakers" in call.request.query_params
    query = call.number("num_speakers", HEARD, least=1) if said else None
    text = form.text("num_speakers")
    if text is None:
        return query, None
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST_COUNT and int(text) > 0):
        raise invalid("Input should be a whole number, 1 or more", "body", "num_speakers")
    return query, int(text)


async def _start(call: Call, form: Form, job_type: str, speakers: int | None) -> Reply:
    recording = await jobs.one_input(call, form)
    options = {} if speakers is None else {"num_speakers": speakers}
    tracks = (
        [f"speaker_{number}.wav" for number in range(_heard(options))] if job_type == "extraction" else []
    )
    outputs = (*tracks, f"{job_type}.rttm")
    job = place(call, recording, SERVICE_TYPE, variant=job_type, options=options, outputs=outputs)
    return json_reply(body(call, job))


def _heard(options: Mapping[str, Any]) -> int:
    """How many speakers are found."""
    return min(MOST_HEARD, int(options.get("num_speakers", HEARD)))


def body(call: Call, job: Job) -> dict[str, Any]:
    """A job as its status shows it."""
    result = {"result": _found(call, job)} if jobs.has_result(job) else {}
    return _head(call, job, listed=False) | result


def _head(call: Call, job: Job, *, listed: bool) -> dict[str, Any]:
    name = jobs.kept_name(call.world.scenario, job, listed=listed)
    return {
        "id": job.id,
        "job_type": job.order.variant,
        "status": jobs.status_word(call, job),
        "filename": name,
        "display_name": name,
        "user_id": row_id("user", 0),
        "task_id": row_id("speakers", job.id),
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }


def _found(call: Call, job: Job) -> dict[str, Any]:
    """Speakers and files of a job that is done, with fresh addresses."""
    extraction = job.order.variant == "extraction"
    speakers = range(_heard(job.order.options))
    return {
        "speakers": [_speaker(call, job, number, with_track=extraction) for number in speakers],
        "files": [file | {"download_url": _address(call, job, file)} for file in _files(job)],
        "rttm_path": _path(job, f"{job.order.variant}.rttm"),
    }


def _speaker(call: Call, job: Job, number: int, *, with_track: bool) -> dict[str, Any]:
    speaker = {"id": number, "label": _label(number)}
    if not with_track:
        return speaker
    track = f"speaker_{number}.wav"
    return speaker | {
        "audio_path": _path(job, track),
        "download_url": media.address(call, job, track),
        "audio_stats": {"rms_db": -12.3, "peak": 0.85},
    }


def _files(job: Job) -> Iterator[dict[str, str]]:
    """The result files, without addresses."""
    for number, name in enumerate(job.order.outputs):
        if name.endswith(".rttm"):
            yield {"type": "rttm", "path": _path(job, name)}
        else:
            yield {"type": "audio", "speaker": _label(number), "path": _path(job, name)}


def _address(call: Call, job: Job, file: dict[str, str]) -> str:
    return media.address(call, job, file["path"].rpartition("/")[2])


def _path(job: Job, name: str) -> str:
    return f"processed/{job.id}/{name}"


def _label(number: int) -> str:
    return f"SPEAKER_{number}"


async def status(call: Call) -> Reply:
    """A job, with fresh addresses of its files once it is done."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first, in an envelope; the files have no addresses here."""
    wanted = jobs.choice(call.request.query_params.get("job_type"), JOB_TYPES, "query", "job_type")
    found = [job for job in jobs.listable(call) if wanted in (None, job.order.variant)]
    shown = jobs.window(call, found, "skip")
    more = bool(shown) and shown[-1] is not found[-1]
    return json_reply({"items": [_item(call, job) for job in shown], "hasMore": more, "total": len(found)})


def _item(call: Call, job: Job) -> dict[str, Any]:
    files = {"outputFiles": list(_files(job))} if jobs.has_result(job) else {}
    return _head(call, job, listed=True) | files


def _result(world: World, job: Job, name: str) -> Result | None:
    if name not in job.order.outputs or not jobs.has_result(job):
        return None
    if name.endswith(".rttm"):
        text = rttm(job)
        return Result("text/plain; charset=utf-8", Stream(len(text), lambda: iter((text,))))
    return Result("audio/wav", wav(f"{job.order.sha256} {name}", jobs.result_seconds(world, job)))


def rttm(job: Job) -> bytes:
    """Who speaks when, in turns of a few seconds, as diarization tools write it. Times in seconds."""
    count, length = _heard(job.order.options), float(job.order.measured)
    lines = (
        f"SPEAKER {job.id} 1 {start:.3f} {min(TURN_SECONDS, length - start):.3f} <NA> <NA> "
        f"{_label(turn % count)} <NA> <NA>\n"
        for turn, start in enumerate(range(0, ceil(length), TURN_SECONDS))
    )
    return "".join(lines).encode()


SERVICE = Service(
    "speakers",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/extract", "submit:speakers", extract),
        Endpoint("POST", f"{PREFIX}/diarize", "submit:speakers", diarize),
        Endpoint("GET", f"{PREFIX}/jobs", "list:speakers", listed),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}", "status:speakers", status),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:speakers", jobs.delete),
    ),
    _result,
)
