"""Text to speech, paid by the length of what is said (docs/api.md 9)."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from hashlib import sha256
from typing import Any

from simulator import jobs, media, speech, voices
from simulator.books import Job
from simulator.calls import Call
from simulator.encodings import sound
from simulator.endpoints import Endpoint
from simulator.forms import Form
from simulator.orders import Recording, place
from simulator.purses import row_id
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, Stream, json_reply
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.voices import Voice
from simulator.world import World

PREFIX = "/api/v1/voice"
SERVICE_TYPE = "text_to_speech"
MOST_CHARACTERS = 20_000
FORMATS = ("mp3", "wav", "ogg")
SLOWEST, FASTEST = 0.25, 4.0
CREDITS_PER_CHARACTER = Fraction(1, 2)
"""What an account pays without a wallet (docs/api.md 20, row 16)."""

TIMESTAMPS = "timestamps.json"

_CHOICES = {"delivery_mode": ("stable", "balanced", "creative"), "timestamp_type": ("word", "character")}
_FIELDS = ("input_text", "audio_format", "speed", "language", "generation_params")


async def generate(call: Call) -> Reply:
    """Say a text with the voice that the path names."""
    async with call.form(label="input_text") as form:
        text = form.text("input_text")
        if text is None:
            raise invalid("Field required", "body", "input_text")
        if len(text) > MOST_CHARACTERS:
            raise Refusal(400, "text_too_long", f"The text is longer than {MOST_CHARACTERS} characters")
        jobs.choice(form.text("audio_format"), FORMATS, "body", "audio_format")
        _check_params(form)
        length = speech.seconds(text, _speed(form))
        voice = voices.find(call, str(call.request.path_params["voice"]))
        return json_reply(_submitted(call, _place(call, form, text, length, voice), voice))


def _place(call: Call, form: Form, text: str, length: Fraction, voice: Voice) -> Job:
    """What is held is the price of the expected length; what is charged, that of the real one."""
    switches = call.world.scenario
    content = text.encode()
    said = Recording(
        text, sha256(content).hexdigest(), len(content), length * Fraction(str(switches.speech_factor))
    )
    options = {name: form.text(name) for name in _FIELDS if form.text(name) is not None}
    return place(
        call,
        said,
        SERVICE_TYPE,
        options={"voice_id": voice.id, **options},
        credits_=math.ceil(len(text) * CREDITS_PER_CHARACTER),
        hold_seconds=length * Fraction(str(switches.estimate_factor)),
        failure=voices.usable(call, voice),
    )


def _speed(form: Form) -> Fraction:
    text = form.text("speed") or "1"
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not SLOWEST <= speed <= FASTEST:
        raise invalid(f"Input should be a number from {SLOWEST} to {FASTEST}", "body", "speed")
    return Fraction(str(speed))


def _check_params(form: Form) -> None:
    """Raises Refusal 422 for generation parameters that are no JSON object, or have no such value."""
    params = _params(form.text("generation_params"))
    if params is None:
        raise invalid("Input should be a JSON object", "body", "generation_params")
    for name, allowed in _CHOICES.items():
        value = params.get(name)
        if value is not None and value not in allowed:
            raise invalid(f"Input should be one of {', '.join(allowed)}", "body", "generation_params", name)
    if not isinstance(params.get("text_normalization", False), bool):
        raise invalid("Input should be a valid boolean", "body", "generation_params", "text_normalization")


def _params(text: str | None) -> dict[str, Any] | None:
    try:
        params = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return params if isinstance(params, dict) else None


def _estimate(call: Call, job: Job) -> float:
    """The length that the service expects, in seconds, which may not be the one that comes."""
    options = job.order.options
    length = speech.seconds(str(options["input_text"]), Fraction(str(float(options.get("speed", 1)))))
    return round(float(length) * call.world.scenario.estimate_factor, 3)


def _submitted(call: Call, job: Job, voice: Voice) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "status": jobs.status_word(call, job, lower=True),
        "message": "Voice generation job created",
        "voice_id": voice.id,
        "estimated_duration": _estimate(call, job),
        "credits_reserved": job.order.credits,
    }


async def status(call: Call) -> Reply:
    """A job, with a fresh address of what was said once it is done."""
    job = call.job()
    options, shown = job.order.options, jobs.has_result(job)
    data = {
        "id": job.id,
        "job_type": "single",
        "user_id": row_id("user", 0),
        "status": jobs.status_word(call, job, lower=True),
        "progress": jobs.progress(call, job),
        "input_text": options["input_text"],
        "target_language": options.get("language"),
        "voice_info": _voice_info(call, int(options["voice_id"])),
        "output_path": f"generated/{_name(job)}" if shown else None,
        "output_url": media.address(call, job, _name(job)) if shown else None,
        "estimated_duration": _estimate(call, job),
        "total_duration": _length(job) if job.status == "COMPLETED" else None,
        "credits_reserved": job.order.credits,
        "error_message": jobs.error_message(job),
        **jobs.times(job),
    }
    if _timestamp_type(job) is not None:
        data["timestamps_url"] = media.address(call, job, TIMESTAMPS) if shown else None
    return json_reply(data)


def _voice_info(call: Call, number: int) -> dict[str, Any]:
    """Number and name of the voice, though it may be gone by now."""
    try:
        return {"id": number, "name": voices.find(call, str(number)).name}
    except Refusal:
        return {"id": number}


def _name(job: Job) -> str:
    return f"{job.id}.{job.order.options.get('audio_format', FORMATS[0])}"


def _length(job: Job) -> float:
    return round(float(job.order.measured), 3)


def _timestamp_type(job: Job) -> str | None:
    return (_params(job.order.options.get("generation_params")) or {}).get("timestamp_type")


def _result(world: World, job: Job, name: str) -> Result | None:
    if not jobs.has_result(job):
        return None
    kind = _timestamp_type(job)
    if name == TIMESTAMPS and kind is not None:
        content = speech.timestamps(str(job.order.options["input_text"]), _length(job), kind)
        return Result("application/json", Stream(len(content), lambda: iter((content,))))
    if name != _name(job):
        return None
    seconds = jobs.result_seconds(world, job)
    seed = f"{job.order.sha256} {job.order.options['voice_id']}"
    content_type, body = sound(seed, seconds, name.rpartition(".")[2])
    return Result(content_type, wav(seed, seconds) if world.scenario.speech_is_wav else body)


SERVICE = Service(
    "tts",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/voices/{{voice}}/generate", "submit:tts", generate),
        Endpoint("GET", f"{PREFIX}/tts-jobs/{{job_id}}/status", "status:tts", status),
    ),
    _result,
)
