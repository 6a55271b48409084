"""Stem separation (docs/api.md 7)."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from simulator import jobs, media
from simulator.books import Job
from simulator.calls import Call
from simulator.endpoints import Endpoint
from simulator.forms import Form
from simulator.orders import place
from simulator.purses import row_id
from simulator.refusals import Refusal, invalid, plan_required
from simulator.replies import Reply, json_reply
from simulator.scenario import Plan
from simulator.services.interface import Result, Service
from simulator.sounds import wav
from simulator.world import World

PREFIX = "/api/v1/stem-extraction"
SERVICE_TYPE = "stem_extraction"
PLANS: tuple[Plan, ...] = ("basic", "creator", "pro", "studio")

FOUR = ("vocals", "drums", "bass", "other")
SIX = (*FOUR, "guitar", "piano")
PRODUCER = ("vocals", "kick", "snare", "hihat", "bass", "guitar", "piano", "other")
STUDIO = (*PRODUCER, "toms", "cymbals", "synth", "strings")
MASTERING = (*STUDIO, "brass", "woodwinds", "backing_vocals", "percussion")
MODES: dict[str, tuple[Plan, tuple[str, ...]]] = {
    "single": ("basic", ()),
    "two": ("basic", ("vocals", "no_vocals")),
    "four": ("basic", FOUR),
    "six": ("basic", SIX),
    "producer": ("creator", PRODUCER),
    "studio": ("pro", STUDIO),
    "mastering": ("pro", MASTERING),
}
"""The wire values of `mode`, the plan that each needs, and its stems. Price-page names are none of them."""

SINGLE_STEMS = (*SIX, "instrumental")

HALF_MORE, DOUBLE = Fraction(3, 2), Fraction(2)
PACKAGES: dict[str, tuple[Fraction, tuple[str, ...]]] = {
    "karaoke": (HALF_MORE, ("lead_vocal", "backing_vocal", "instrumental")),
    "vocal_gender": (HALF_MORE, ("male_vocal", "female_vocal", "instrumental")),
    "instrument_isolator": (DOUBLE, ()),
}
"""The named packages, what they cost in base rates (docs/api.md 3.1), and the stems they give."""

CATALOG: dict[str, Fraction] = {
    **dict.fromkeys(("lead_vocal", "backing_vocal", "male_vocal", "female_vocal"), HALF_MORE),
    **dict.fromkeys(
        (
            *(
                "acoustic_guitar",
                "electric_guitar",
                "bass_guitar",
                "piano",
                "organ",
                "violin",
                "cello",
                "flute",
            ),
            *("saxophone", "trumpet", "drums", "kick", "snare", "synth", "strings", "harp"),
        ),
        DOUBLE,
    ),
}
"""Catalog stems for `single_stem`, and what they cost in base rates (docs/api.md 3.1)."""

PREMIUM_PLAN: Plan = "creator"
"""What packages and catalog stems need; the real threshold is not published."""


async def extract(call: Call) -> Reply:
    """Separate with a fixed mode, at the base rate."""
    async with call.form() as form:
        mode = jobs.choice(form.text("mode"), tuple(MODES), "body", "mode") or "four"
        stem = jobs.choice(form.text("stem"), SINGLE_STEMS, "body", "stem")
        if mode == "single" and stem is None:
            raise invalid("stem is required with mode single", "body", "stem")
        plan, stems = MODES[mode]
        _check_plan(call, plan, f"mode {mode}")
        if mode == "single":
            stems = (str(stem), f"no_{stem}")
        options = {"mode": mode} | ({"stem": stem} if mode == "single" else {})
        return await _start(call, form, mode, Fraction(1), options, stems)


async def extract_advanced(call: Call) -> Reply:
    """Separate with a package or a catalog stem."""
    async with call.form() as form:
        variant, multiplier, stems = _selection(call, form)
        options = {name: form.text(name) for name in _ADVANCED_FIELDS if form.text(name) is not None}
        return await _start(call, form, variant, multiplier, options, stems)


_ADVANCED_FIELDS = (
    *("method", "package", "target_instrument", "single_stem", "multi_stem_count", "custom_stems"),
    *("target_stems", "exclude_stems", "two_stems_mode"),
)


def _selection(call: Call, form: Form) -> tuple[str, Fraction, tuple[str, ...]]:
    """What was chosen: its name, its multiplier, its stems. Raises Refusal 422 for two choices."""
    chosen = [
        n for n in ("package", "single_stem", "multi_stem_count", "custom_stems") if form.text(n) is not None
    ]
    if len(chosen) > 1:
        raise invalid(f"Choose one of {' and '.join(chosen)}", "body", chosen[1])
    match chosen:
        case ["package"]:
            return _package(call, form)
        case ["single_stem"]:
            stem = str(jobs.choice(form.text("single_stem"), tuple(CATALOG), "body", "single_stem"))
            _check_plan(call, PREMIUM_PLAN, f"single_stem {stem}")
            return stem, CATALOG[stem], (stem, f"no_{stem}")
        case ["multi_stem_count"]:
            return "multi", Fraction(1), MASTERING[: _count(form)]
        case ["custom_stems"]:
            return "custom", Fraction(1), _stem_list(form, "custom_stems")
        case _:
            return "advanced", Fraction(1), _stem_list(form, "target_stems") or FOUR


def _package(call: Call, form: Form) -> tuple[str, Fraction, tuple[str, ...]]:
    package = str(jobs.choice(form.text("package"), tuple(PACKAGES), "body", "package"))
    _check_plan(call, PREMIUM_PLAN, f"package {package}")
    multiplier, stems = PACKAGES[package]
    if package == "instrument_isolator":
        target = jobs.choice(form.text("target_instrument"), (*SIX, *CATALOG), "body", "target_instrument")
        if target is None:
            raise invalid(
                "target_instrument is required with instrument_isolator", "body", "target_instrument"
            )
        stems = (target, f"no_{target}")
    return package, multiplier, stems


def _count(form: Form) -> int:
    text = str(form.text("multi_stem_count"))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= len(MASTERING)):
        raise invalid(f"Input should be from 1 to {len(MASTERING)}", "body", "multi_stem_count")
    return int(text)


def _stem_list(form: Form, name: str) -> tuple[str, ...]:
    """A list of stem names, sent as JSON text (docs/api.md 7)."""
    text = form.text(name)
    if text is None:
        return ()
    try:
        stems = json.loads(text)
    except ValueError:
        stems = None
    if not isinstance(stems, list) or not all(
        isinstance(stem, str) and stem in (*MASTERING, *CATALOG) for stem in stems
    ):
        raise invalid("Input should be a JSON array of stem ids", "body", name)
    return tuple(dict.fromkeys(stems))


def _check_plan(call: Call, needed: Plan, what: str) -> None:
    if PLANS.index(call.world.scenario.plan) < PLANS.index(needed):
        raise plan_required(what)


async def _start(
    call: Call,
    form: Form,
    variant: str,
    multiplier: Fraction,
    options: dict[str, Any],
    stems: tuple[str, ...],
) -> Reply:
    recording = await jobs.one_input(call, form)
    if recording.has_video:
        raise Refusal(400, "INVALID_AUDIO_FORMAT", "Stem separation takes audio files, this is a video")
    job = place(
        call, recording, SERVICE_TYPE, variant=variant, multiplier=multiplier, options=options, outputs=stems
    )
    return json_reply(body(call, job))


def body(call: Call, job: Job, *, listed: bool = False) -> dict[str, Any]:
    """A job as status and list show it."""
    name = jobs.kept_name(call.world.scenario, job, listed=listed)
    shown = jobs.has_result(job)
    return {
        "id": job.id,
        "status": jobs.status_word(call, job),
        "source_type": "FILE" if job.order.address is None else "URL",
        "input_path": None if name is None else f"inputs/stem_extraction/job{job.id}/{name}",
        "display_name": name,
        "stem_paths": {stem: f"stems/{job.id}/{stem}.wav" for stem in job.order.outputs} if shown else None,
        "quality_scores": {stem: _quality(job, stem) for stem in job.order.outputs} if shown else None,
        "download_urls": _addresses(call, job) if shown else None,
        "error_message": jobs.error_message(job),
        "task_id": row_id("stems", job.id),
        **jobs.times(job),
    }


def _quality(job: Job, stem: str) -> float:
    """A score from 0 to 1, the same in every run."""
    return round(0.4 + sum(f"{job.id}{stem}".encode()) % 60 / 100, 2)


def _addresses(call: Call, job: Job) -> dict[str, Any]:
    found: dict[str, Any] = {stem: media.address(call, job, f"{stem}.wav") for stem in job.order.outputs}
    if call.world.scenario.hollow_results:
        found |= {"residual": "", "mixture": None}
    return found


async def status(call: Call) -> Reply:
    """A job, with fresh addresses of its stems once it is done."""
    return json_reply(body(call, call.job()))


async def listed(call: Call) -> Reply:
    """A page of jobs, newest first."""
    return json_reply([body(call, job, listed=True) for job in jobs.page(call, "skip")])


async def modes(_call: Call) -> Reply:
    """The wire values of `mode`."""
    described = (
        {"mode": mode, "description": f"Needs plan {plan}", "stem_count": len(stems) or 2}
        for mode, (plan, stems) in MODES.items()
    )
    return json_reply({"modes": list(described)})


async def catalog(call: Call) -> Reply:
    """The catalog's stems, and whether this account may use them."""
    allowed = _allowed(call)
    entries = (
        {
            "id": stem,
            "label": stem.replace("_", " ").capitalize(),
            "group": "vocals" if multiplier == HALF_MORE else "instruments",
            "public_tier": PREMIUM_PLAN,
            "allowed": allowed,
            "excludable": multiplier != HALF_MORE,
        }
        for stem, multiplier in CATALOG.items()
    )
    return json_reply(list(entries))


async def packages(call: Call) -> Reply:
    """The named packages, and whether this account may use them."""
    allowed = _allowed(call)
    entries = (
        {
            "id": name,
            "label": name.replace("_", " ").capitalize(),
            "public_tier": PREMIUM_PLAN,
            "allowed": allowed,
        }
        for name in PACKAGES
    )
    return json_reply({"packages": list(entries)})


def _allowed(call: Call) -> bool:
    return PLANS.index(call.world.scenario.plan) >= PLANS.index(PREMIUM_PLAN)


def _result(world: World, job: Job, name: str) -> Result | None:
    stem = name.removesuffix(".wav")
    if stem not in job.order.outputs or not jobs.has_result(job):
        return None
    return Result("audio/wav", wav(f"{job.order.sha256} {stem}", jobs.result_seconds(world, job)))


SERVICE = Service(
    "stems",
    SERVICE_TYPE,
    (
        Endpoint("POST", f"{PREFIX}/api/extract", "submit:stems", extract),
        Endpoint("POST", f"{PREFIX}/extract/advanced", "submit:stems", extract_advanced),
        Endpoint("GET", f"{PREFIX}/modes", "catalog:stems", modes, needs_key=False),
        Endpoint("GET", f"{PREFIX}/catalog", "catalog:stems", catalog),
        Endpoint("GET", f"{PREFIX}/packages/available", "catalog:stems", packages),
        Endpoint("GET", f"{PREFIX}/status/{{job_id}}", "status:stems", status),
        Endpoint("GET", f"{PREFIX}/jobs", "list:stems", listed),
        Endpoint("DELETE", f"{PREFIX}/jobs/{{job_id}}", "delete:stems", jobs.delete),
    ),
    _result,
)
