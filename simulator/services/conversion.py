"""Voice conversion: a recording, said or sung by another voice (docs/api.md 10)."""

from __future__ import annotations

import re
from typing import Any

from simulator import jobs, media, voices
from simulator.books import Job
from simulator.calls import Call
from simulator.endpoints import Endpoint
from simulator.orders import place
from simulator.purses import row_id
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, json_reply
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.world import World

PREFIX = "/api/v1/voice"
SERVICE_TYPE = "voice_conversion"
FOLDER = "outputs/converted"
"""Where results lie on the media host."""
RESULT = "voice_converted.wav"

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def convert(call: Call) -> Reply:
    """Give a recording another voice."""
    async with call.form() as form:
        uuid = form.text("voice_uuid")
        if uuid is None or not _UUID.fullmatch(uuid):
            raise invalid("Input should be a valid UUID", "body", "voice_uuid")
        voice = voices.find(call, uuid.lower())
        failure = voices.usable(call, voice)
        recording = await jobs.one_input(call, form)
        if recording.has_video:
            raise Refusal(400, "INVALID_AUDIO_FORMAT", "Voice conversion takes audio files, this is a video")
        # The name stays with the job, since the voice may be deleted later.
        options = {"voice_uuid": voice.uuid, "voice_id": voice.id, "voice_name": voice.name}
        job = place(call, recording, SERVICE_TYPE, options=options, failure=failure)
        call.world.names[job.service, _folder(job)] = job.id
        return json_reply(body(call, job))


def _folder(job: Job) -> str:
    return row_id("converted", job.id)


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it."""
    name, options = jobs.kept_name(call.world.scenario, job, listed=listed), job.order.options
    shown = jobs.has_result(job)
    data = {
        "id": job.id,
        "status": jobs.status_word(call, job),
        "progress": jobs.progress(call, job),
        "source_type": "FILE" if job.order.address is None else "URL",
        "original_filename": name,
        "source_path": None if name is None else f"temp/uploads/{_folder(job)}/{name}",
        "target_voice_uuid": options["voice_uuid"],
        "target_voice_name": options["voice_name"],
        "output_path": f"{FOLDER}/{_folder(job)}/{RESULT}" if shown else None,
        "conversion_metadata": {
            "voice_uuid": options["voice_uuid"],
            "voice_id": options["voice_id"],
            "duration": round(float(job.order.measured), 3),
        },
        "error_message": jobs.error_message(job),
        "task_id": row_id("conversion", job.id),
        "user_id": row_id("user", 0),
        **jobs.times(job),
    }
    if call.world.scenario.conversion_url:
        data["output_url"] = media.address(call, job, RESULT) if shown else None
    return data


async def status(call: Call) -> Reply:
    """A job, with the path of its result once it is done."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first."""
    return json_reply([body(call, job, listed=True) for job in jobs.page(call, "skip")])


def _result(world: World, job: Job, name: str) -> Result | None:
    if name != RESULT or not jobs.has_result(job):
        return None
    seed = f"{job.order.sha256} {job.order.options['voice_uuid']}"
    return Result("audio/wav", wav(seed, jobs.result_seconds(world, job)))


SERVICE = Service(
    "conversion",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/voice-convert", "submit:conversion", convert),
        Endpoint("GET", f"{PREFIX}/convert/jobs", "list:conversion", listed),
        Endpoint("GET", f"{PREFIX}/convert/{{job_id}}/status", "status:conversion", status),
        # What docs/api.md 10 calls the result trap: only the path is told, the media host takes it as it is.
        Endpoint(
            "GET",
            f"/media/{FOLDER}/{{job_id}}/{{name}}",
            "download:conversion",
            media.download_by_path,
            needs_key=False,
        ),
    ),
    _result,
)
