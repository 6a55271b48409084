"""Speech translation, also called dubbing (docs/api.md 11)."""

from __future__ import annotations

from typing import Any

from simulator import jobs, media, transcripts
from simulator.books import Job
from simulator.calls import Call
from simulator.encodings import video
from simulator.endpoints import Endpoint
from simulator.orders import place
from simulator.purses import row_id
from simulator.refusals import invalid, not_mounted
from simulator.replies import Reply, Stream, json_reply
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.world import World

PREFIX = "/api/v1/translation"
SERVICE_TYPE = "speech_translation"
TARGETS = tuple("en es fr de it pt pl tr ru nl cs ar zh-cn ja hu ko hi ka te ml ta".split())  # noqa: SIM905

AUDIO, VIDEO = "translated.wav", "translated.mp4"
TRANSCRIPTS = ("json", "srt", "txt")


async def translate(call: Call) -> Reply:
    """Speak a recording in another language."""
    async with call.form() as form:
        if not call.world.scenario.dubbing_mounted:
            raise not_mounted()
        target = jobs.choice(form.text("target_language"), TARGETS, "body", "target_language")
        if target is None:
            raise invalid("Field required", "body", "target_language")
        source = form.text("source_language")
        options = {"target_language": target} | ({} if source is None else {"source_language": source})
        recording = await jobs.one_input(call, form)
        outputs = (AUDIO, *([VIDEO] if recording.has_video else []), *map(_transcript, TRANSCRIPTS))
        job = place(call, recording, SERVICE_TYPE, options=options, outputs=outputs)
    return json_reply(body(call, job))


def _transcript(form: str) -> str:
    return f"transcript.{form}"


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it."""
    name = jobs.kept_name(call.world.scenario, job, listed=listed)
    source = "FILE" if job.order.address is None else "URL"
    return {
        "id": job.id,
        "status": jobs.status_word(call, job),
        "source_language": job.order.options.get("source_language"),
        "target_language": job.order.options["target_language"],
        "input_path": None if name is None else f"translations/inputs/{job.id}/{name}",
        "input_source": source,
        "original_filename": name,
        "display_name": name if job.status == "COMPLETED" else None,
        "task_id": row_id("dubbing", job.id),
        "parameters": {
            "source_type": source,
            "is_video": VIDEO in job.order.outputs,
            "duration": float(job.order.measured),
            "is_speech_translation": True,
        },
        **_results(call, job),
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }


def _results(call: Call, job: Job) -> dict[str, Any]:
    """The results' fields: with fresh addresses once the job is done."""
    if not jobs.has_result(job):
        return dict.fromkeys(("translated_audio_url", "video_output_url", "transcript_urls"))
    return {
        "translated_audio_url": media.address(call, job, AUDIO),
        "video_output_url": media.address(call, job, VIDEO) if VIDEO in job.order.outputs else None,
        "transcript_urls": {form: media.address(call, job, _transcript(form)) for form in TRANSCRIPTS},
    }


async def status(call: Call) -> Reply:
    """A job."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first."""
    return json_reply([body(call, job, listed=True) for job in jobs.page(call, "skip")])


def _result(world: World, job: Job, name: str) -> Result | None:
    if name not in job.order.outputs or not jobs.has_result(job):
        return None
    seed = f"{job.order.sha256} {job.order.options['target_language']}"
    if name == AUDIO:
        return Result("audio/wav", wav(seed, jobs.result_seconds(world, job)))
    if name == VIDEO:
        return Result(*video(seed, jobs.result_seconds(world, job)))
    form = name.rpartition(".")[2]
    text = transcripts.written(job, form)
    return Result(transcripts.CONTENT_TYPES[form], Stream(len(text), lambda: iter((text,))))


SERVICE = Service(
    "dubbing",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/translate/speech", "submit:dubbing", translate),
        Endpoint("GET", f"{PREFIX}/translations", "list:dubbing", listed),
        Endpoint("GET", f"{PREFIX}/translations/{{job_id}}", "status:dubbing", status),
        Endpoint("DELETE", f"{PREFIX}/translations/{{job_id}}", "delete:dubbing", jobs.delete_with_message),
    ),
    _result,
)
