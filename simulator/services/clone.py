"""Voices: cloning one from a sample, and the list of all (docs/api.md 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simulator import jobs, voices
from simulator.calls import Call
from simulator.clock import iso_z
from simulator.endpoints import Endpoint
from simulator.forms import Form
from simulator.orders import Recording, measured, place
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, json_reply, no_content
from simulator.services.interface import Service
from simulator.voices import Voice

PREFIX = "/api/v1/voice"
SERVICE_TYPE = "voice_cloning"
MOST_CHARACTERS = 100
"""Of a name."""
SHORTEST, LONGEST = 5, 30
"""Seconds of a sample (docs/api.md 5.4)."""
CUSTOM, STANDARD = "CUSTOM", "STANDARD"
"""The `voice_type` of cloned voices, and of public ones."""
STARTED = "2024-01-15T10:30:00Z"
"""When the public voices were made."""

_FLAGS = {"true": True, "false": False}


async def create(call: Call) -> Reply:
    """Clone a voice from one sample."""
    async with call.form() as form:
        name = form.text("name")
        if name is None or len(name) > MOST_CHARACTERS:
            raise invalid(f"A name of 1 to {MOST_CHARACTERS} characters is required", "body", "name")
        options = _options(form)
        sample = await _sample(call, form)
        free = call.world.scenario.clone_price == "free"
        # The name is what the list shows of a voice, and the only label that a client can give it.
        job = place(call, replace(sample, name=name), SERVICE_TYPE, options=options, free=free)
        voice = voices.cloned(job)
        call.world.names[voices.CLONE, voice.uuid] = job.id
        return json_reply(body(call, voice))


def _options(form: Form) -> dict[str, Any]:
    options = {name: form.text(name) for name in ("description", "is_public", "denoise")}
    for name in ("is_public", "denoise"):
        jobs.choice((options[name] or "false").lower(), tuple(_FLAGS), "body", name)
    return {name: value for name, value in options.items() if value is not None}


async def _sample(call: Call, form: Form) -> Recording:
    uploads = [upload for upload in form.uploads if upload.field == "file"]
    if not uploads:
        raise invalid("Field required", "body", "file")
    if len(uploads) > 1:
        raise Refusal(400, "invalid_input", "Send one sample for each voice")
    sample = await measured(call, uploads[0])
    if sample.has_video:
        raise Refusal(400, "INVALID_AUDIO_FORMAT", "A sample is an audio file, this is a video")
    if not SHORTEST <= sample.seconds <= LONGEST:
        raise Refusal(400, "invalid_sample", f"A sample lasts {SHORTEST} to {LONGEST} seconds")
    return sample


def body(call: Call, voice: Voice) -> dict[str, Any]:
    """A voice as status and list show it."""
    job = voice.job
    about: dict[str, Any] = {"id": voice.id, "uuid": voice.uuid, "name": voice.name}
    if job is None:
        return about | {
            "description": f"The public voice {voice.name}",
            "voice_type": STANDARD,
            "status": "COMPLETED",
            "is_public": True,
            "error_message": None,
            "created_at": STARTED,
            "processed_at": STARTED,
            "file_path": None,
        }
    done = job.status == "COMPLETED"
    return about | {
        "description": job.order.options.get("description", ""),
        "voice_type": CUSTOM,
        "status": jobs.status_word(call, job),
        "is_public": _FLAGS[job.order.options.get("is_public", "false").lower()],
        "error_message": jobs.error_message(job),
        "created_at": iso_z(job.created_at),
        "processed_at": iso_z(job.ended_at) if done else None,
        "file_path": f"/voices/custom/voice_{voice.id}.wav" if jobs.has_result(job) else None,
    }


async def status(call: Call) -> Reply:
    """A voice, by its number or its UUID."""
    return json_reply(body(call, voices.find(call, str(call.request.path_params["job_id"]))))


async def listed(call: Call) -> Reply:
    """A page of voices: the cloned ones, newest first, and then the public ones."""
    query = call.request.query_params
    flag = jobs.choice(query.get("include_public", "true").lower(), tuple(_FLAGS), "query", "include_public")
    kind = jobs.choice(query.get("voice_type"), (CUSTOM, STANDARD), "query", "voice_type")
    found = list(_chosen(call, kind, include_public=_FLAGS[str(flag)]))
    page = [body(call, voice) for voice in jobs.window(call, found, "skip")]
    if call.world.scenario.voice_list == "array":
        return json_reply(page)
    more = call.number("skip", 0) + len(page) < len(found)
    return json_reply({"voices": page, "total": len(found), "hasMore": more})


def _chosen(call: Call, kind: str | None, *, include_public: bool) -> Iterator[Voice]:
    if kind != STANDARD:
        yield from voices.all_cloned(call)
    if kind != CUSTOM and include_public:
        yield from voices.PUBLIC


async def delete(call: Call) -> Reply:
    """Delete a cloned voice, by its number or its UUID: 204."""
    voice = voices.find(call, str(call.request.path_params["job_id"]))
    if voice.job is None:
        raise voices.no_voice()
    call.world.books.delete(voice.job, call.now)
    return no_content()


SERVICE = Service(
    voices.CLONE,
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/voice-profiles", "submit:clone", create),
        Endpoint("GET", f"{PREFIX}/voice-profiles", "list:clone", listed),
        Endpoint("GET", f"{PREFIX}/voices/{{job_id}}/status", "status:clone", status),
        Endpoint("DELETE", f"{PREFIX}/voices/{{job_id}}", "delete:clone", delete),
    ),
)
