"""Karaoke videos (docs/api.md 14): what the official client relies on, since no page tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator import jobs, media
from simulator.addresses import fetched
from simulator.books import Job
from simulator.calls import Call, whole
from simulator.encodings import video
from simulator.endpoints import Endpoint
from simulator.orders import Recording, measured, place
from simulator.refusals import Refusal, invalid
from simulator.replies import Reply, json_reply
from simulator.services.interface import Result, Service
from simulator.world import World

PREFIX = "/api/v2/video"
SERVICE_TYPE = "karaoke_generation"
RATIOS = ("16:9", "9:16", "1:1")
SCENES = ("flux", "veo3", "static")
VIDEO_TYPES = ("karaoke", "music_video", "lyric_video")
MOST_SHIFT = 12
OUTPUT = "video.mp4"
PAGE = 20


async def upload(call: Call) -> Reply:
    """A video from a file."""
    async with call.form() as form:
        sent = {name: form.text(name) for name in (*_CHOICES, "key_shift", "webhook_url")}
        shift = sent["key_shift"]
        options = _options({**sent, "key_shift": None if shift is None else _number(shift)})
        files = [file for file in form.uploads if file.field == "file"]
        if not files:
            raise invalid("Field required", "body", "file")
        if len(files) > 1:
            raise Refusal(400, "invalid_input", "Send one file for each request")
        return _start(call, await measured(call, files[0]), options)


async def by_address(call: Call) -> Reply:
    """A video from what lies at an address; JSON, not a form."""
    data = await call.json()
    options, url = _options(data), data.get("audio_url")
    if not isinstance(url, str) or not url:
        raise invalid("Input should be a valid address", "body", "audio_url")
    return _start(call, await fetched(call, url), options)


_CHOICES = {"aspect_ratio": RATIOS, "scene_generation": SCENES}


def _number(text: str) -> Any:
    """`key_shift` comes as text in a form; what is no number stays text, to be refused."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= len("12") else text


def _options(data: dict[str, Any]) -> dict[str, Any]:
    """The options among the fields, checked. Raises Refusal 422."""
    wanted = (*_CHOICES, "key_shift", "style", "webhook_url")
    options = {name: data[name] for name in wanted if data.get(name) is not None}
    for name, value in options.items():
        if not _fits(name, value):
            raise invalid("Input is not valid", "body", name)
    return options | ({"key_shift": whole(options["key_shift"])} if "key_shift" in options else {})


def _fits(name: str, value: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name == "key_shift":
        number = whole(value)
        return number is not None and abs(number) <= MOST_SHIFT
    if name == "style":
        return isinstance(value, dict)
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _start(call: Call, recording: Recording, options: dict[str, Any]) -> Reply:
    job = place(call, recording, SERVICE_TYPE, options=options, outputs=(OUTPUT,))
    return json_reply(body(call, job))


def body(call: Call, job: Job) -> dict[str, Any]:
    """A job as status and list show it: the id is text, the words are lower case, no name is kept.

    The address of the video is in the answer of `download` only.
    """
    return {
        "id": str(job.id),
        "type": "karaoke",
        "status": jobs.status_word(call, job, lower=True),
        "progress": jobs.progress(call, job),
        "error": jobs.error_message(job),
        **jobs.times(job),
    }


async def status(call: Call) -> Reply:
    """A job."""
    return json_reply(body(call, call.job()))


async def addresses(call: Call) -> Reply:
    """A fresh address of the video."""
    job = call.job()
    if job.status != "COMPLETED":
        raise Refusal(404, "not_ready", "The video is not ready")
    jobs.check_retention(call, job)
    return json_reply({"video_url": media.address(call, job, OUTPUT)} if jobs.has_result(job) else {})


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first; the envelope is our guess."""
    wanted = jobs.choice(call.request.query_params.get("type"), VIDEO_TYPES, "query", "type")
    found: Iterator[Job] = jobs.listed_by_now(call) if wanted in (None, "karaoke") else iter(())
    shown = jobs.window(call, found, "offset", size=PAGE)
    return json_reply({"jobs": [body(call, job) for job in shown]})


def _result(world: World, job: Job, name: str) -> Result | None:
    if name not in job.order.outputs or not jobs.has_result(job):
        return None
    return Result(*video(job.order.sha256, jobs.result_seconds(world, job)))


SERVICE = Service(
    "karaoke",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/karaoke", "submit:karaoke", by_address),
        Endpoint("POST", f"{PREFIX}/karaoke/upload", "submit:karaoke", upload),
        Endpoint("GET", f"{PREFIX}/", "list:karaoke", listed),
        Endpoint("GET", f"{PREFIX}/{{job_id}}", "status:karaoke", status),
        Endpoint("GET", f"{PREFIX}/{{job_id}}/download", "result:karaoke", addresses),
        Endpoint("DELETE", f"{PREFIX}/{{job_id}}", "delete:karaoke", jobs.delete),
    ),
    _result,
)
