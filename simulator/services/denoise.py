"""Noise reduction, paid by account credits alone and opened by a session token (docs/api.md 16)."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from simulator import jobs, media
from simulator.books import Job
from simulator.calls import Call
from simulator.encodings import video
from simulator.endpoints import Endpoint
from simulator.orders import place
from simulator.purses import row_id
from simulator.refusals import Refusal
from simulator.replies import Reply, json_reply
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.world import World

PREFIX = "/api/v1/denoiser"
MODES = {
    "balanced": "denoise_audio",
    "studio": "denoise_audio_studio",
    "ultra": "denoise_audio_ultra",
}
"""The wire values of `quality_mode`, and what the credits call them."""
DEFAULT_MODE = "studio"
"""What is meant when nothing is sent, says the official client; the docs say `balanced`, half as dear."""

AUDIO, VIDEO = "clean.wav", "clean.mp4"


async def denoise(call: Call) -> Reply:
    """Clean a recording; a field `mode` of older clients is not looked at."""
    async with call.form() as form:
        sent = jobs.choice(form.text("quality_mode"), tuple(MODES), "body", "quality_mode")
        mode = sent or DEFAULT_MODE
        recording = await jobs.one_input(call, form)
        job = place(
            call,
            recording,
            MODES[mode],
            variant=mode,
            options={} if sent is None else {"quality_mode": sent},
            outputs=(AUDIO, VIDEO) if recording.has_video else (AUDIO,),
            paid_by="credits",
        )
    return json_reply(body(call, job))


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it; its `display_name` is another one when it is done."""
    name = jobs.kept_name(call.world.scenario, job, listed=listed)
    shown = f"{PurePosixPath(name).stem} (clean)" if name and job.status == "COMPLETED" else name
    return {
        "id": job.id,
        "status": jobs.status_word(call, job),
        "progress": jobs.progress(call, job),
        "input_path": None if name is None else f"/uploads/{job.id}/{name}",
        "is_video": VIDEO in job.order.outputs,
        "original_filename": name,
        "display_name": shown,
        "task_id": row_id("denoise", job.id),
        "output_url": _address(call, job, AUDIO),
        "video_output_url": _address(call, job, VIDEO),
        "stats": _stats(job) if jobs.has_result(job) else None,
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }


def _address(call: Call, job: Job, name: str) -> str | None:
    shown = jobs.has_result(job) and name in job.order.outputs
    return media.address(call, job, name) if shown else None


def _stats(job: Job) -> dict[str, float]:
    took = (job.ended_at or job.created_at) - job.created_at
    return {"noise_reduction_db": 15.2, "processing_time": took, "audio_duration": float(job.order.measured)}


async def status(call: Call) -> Reply:
    """A job, with fresh addresses of its results once it is done."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first."""
    return json_reply([body(call, job, listed=True) for job in jobs.page(call, "skip")])


async def cancel(call: Call) -> Reply:
    """Stop a job that still runs; its credits come back. Raises Refusal 400 for one that has ended."""
    job = call.job()
    if job.status != "RUNNING":
        raise Refusal(400, "not_cancellable", "Only a pending job can be cancelled")
    return json_reply(body(call, call.world.books.cancel(job, call.now)))


def _result(world: World, job: Job, name: str) -> Result | None:
    if name not in job.order.outputs or not jobs.has_result(job):
        return None
    seed, seconds = f"{job.order.sha256} {job.order.variant}", jobs.result_seconds(world, job)
    return Result(*video(seed, seconds)) if name == VIDEO else Result("audio/wav", wav(seed, seconds))


SERVICE = Service(
    "denoise",
    "denoise_audio",
    (
        Endpoint("POST", f"{PREFIX}/denoise", "submit:denoise", denoise, session="only"),
        Endpoint("GET", f"{PREFIX}/jobs", "list:denoise", listed, session="only"),
        Endpoint("GET", f"{PREFIX}/jobs/{{job_id}}", "status:denoise", status, session="only"),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:denoise", jobs.delete, session="only"),
        Endpoint("POST", f"{PREFIX}/jobs/{{job_id}}/cancel", "cancel:denoise", cancel, session="only"),
    ),
    _result,
)
