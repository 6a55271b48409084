"""The simulator speaks the API of docs/audiopod-openapi.yaml, as far as it plays it: schemathesis asks."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import load_all_checks, negative_data_rejection, positive_data_acceptance

import simulator
from simulator import Fault, Scenario
from simulator.app import endpoints

FILE = Path(__file__).parents[2] / "docs/audiopod-openapi.yaml"
SPECIFICATION = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
EXAMPLES = 8
FEW_EXAMPLES = 2
"""Of services that are built from the same parts as those that are asked more often."""
KEY = {"X-API-Key": simulator.PUBLIC_KEY}
SESSION = {"Authorization": f"Bearer {simulator.PUBLIC_SESSION_TOKEN}"}
THOROUGHLY = re.compile(r"/api/v1/(api-wallet|credits|transcription|stem-extraction)")
"""The paths of what all other services have their parts from."""

STRICTER_THAN_THE_SCHEMA = {
    "walletEstimate": "the schema takes any text for a service_type",
    "walletCheckBalance": "as walletEstimate",
    "stemExtract": "stem is needed with mode single; addresses of other machines are not fetched",
    "stemExtractAdvanced": "the schema takes any text for a package or a stem",
    "transcribeUrl": "addresses of other machines are not fetched",
    "mediaConvert": "addresses of other machines are not fetched",
    "speakerExtract": "as mediaConvert",
    "speakerDiarize": "as mediaConvert",
    "translateSpeech": "as mediaConvert",
    "denoise": "as mediaConvert",
    "karaokeCreate": "as mediaConvert",
    "karaokeList": "the schema has no bounds for a page",
    "karaokeUpload": "the schema takes any text for key_shift",
    "ttsGenerate": "the schema takes any text for generation_params",
    "voiceCreate": "a sample lasts 5 to 30 seconds",
    "voiceConvert": "as mediaConvert",
    "musicGenerate": "the schema takes empty prompts, and lengths from -1 to 10 seconds",
    "musicSimple": "as musicGenerate",
    "musicRetry": "only what has failed is run again",
    "transcribeUpload": "one file for each request; premium engines have no price",
}
"""Operations that may refuse what fits the schema, and why."""

LAXER_THAN_THE_SCHEMA = {"karaokeUpload": "an empty field of a form counts as left out"}
"""Operations that may accept what does not fit the schema, and why."""


def shape(path: str) -> str:
    """A path with its parameters' names left out."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def played() -> dict[str, Any]:
    """The specification, narrowed to the operations that the simulator has."""
    mounted = {(endpoint.method.lower(), shape(endpoint.path)) for endpoint in endpoints()}
    paths = {
        path: {method: told for method, told in item.items() if (method, shape(path)) in mounted}
        for path, item in SPECIFICATION["paths"].items()
    }
    return {**SPECIFICATION, "paths": {path: item for path, item in paths.items() if item}}


load_all_checks()
schema = schemathesis.openapi.from_dict(played(), config=schemathesis.Config(seed=1))
quick_schema = schemathesis.openapi.from_dict(played(), config=schemathesis.Config(seed=1))
quick_schema.config.phases.coverage.enabled = False


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000))
    return made.getvalue()


def with_sound(case: Case) -> None:
    """Put a real recording where any bytes would do for the schema, so that some submits get through."""
    if not isinstance(case.body, dict):
        return
    if isinstance(case.body.get("file"), str | bytes):
        case.body["file"] = sound()
    if isinstance(case.body.get("files"), list):
        case.body["files"] = [
            sound() if isinstance(file, str | bytes) else file for file in case.body["files"]
        ]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with simulator.serve(Scenario(credits=10**9, convert_list=True), wallet_cents=1_000_000) as sim:
        yield sim.url
    assert sim.books.violations == ()
    assert {submit.answer for submit in sim.books.submits} >= {"200", "422"}


def headers(path: str) -> dict[str, str]:
    """Who asks: noise reduction wants a session, all else a key."""
    return SESSION if "/denoiser/" in path else KEY


def asked(count: int) -> settings:
    """How often an operation is asked something, which is the same each time."""
    return settings(
        max_examples=count, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )


@schema.include(path_regex=THOROUGHLY.pattern).parametrize()
@asked(EXAMPLES)
def test_every_answer_fits_the_specification(case: Case, url: str) -> None:
    ask(case, url)


@quick_schema.exclude(path_regex=THOROUGHLY.pattern).parametrize()
@asked(FEW_EXAMPLES)
def test_the_answers_of_all_other_services_fit_it_too(case: Case, url: str) -> None:
    ask(case, url)


@pytest.mark.long
@schema.exclude(path_regex=THOROUGHLY.pattern).parametrize()
@asked(EXAMPLES)
def test_all_other_services_keep_to_it_when_asked_thoroughly(case: Case, url: str) -> None:
    ask(case, url)


def ask(case: Case, url: str) -> None:
    """Send a made-up request, and compare its answer with the specification."""
    with_sound(case)
    name = case.operation.definition.raw["operationId"]
    excluded = [
        *([positive_data_acceptance] if name in STRICTER_THAN_THE_SCHEMA else []),
        *([negative_data_rejection] if name in LAXER_THAN_THE_SCHEMA else []),
    ]
    case.call_and_validate(base_url=url, headers=headers(case.operation.path), excluded_checks=excluded)


# What made-up requests do not reach: jobs in each of their states.

SUBMITS = [
    ("/api/v1/transcription/transcribe-upload", "files", {}),
    ("/api/v1/stem-extraction/api/extract", "file", {}),
    ("/api/v1/speaker/extract", "file", {}),
    ("/api/v1/translation/translate/speech", "file", {"target_language": "es"}),
    ("/api/v2/video/karaoke/upload", "file", {}),
    ("/api/v1/media-converter/convert", "file", {"output_format": "mp3"}),
    ("/api/v1/denoiser/denoise", "file", {"quality_mode": "balanced"}),
]
"""Where an upload goes, the name of its field, and what else has to be said."""
STATES = ("running", "completed", "failed", "cancelled", "hollow")
READS = [
    ("/api/v1/stem-extraction/status/{job_id}", {}),
    ("/api/v1/transcription/jobs/{job_id}", {}),
    ("/api/v1/transcription/jobs/{job_id}/transcript", {}),
    *[
        ("/api/v1/transcription/jobs/{job_id}/transcript", {"format": form})
        for form in ("srt", "vtt", "txt", "html")
    ],
    ("/api/v1/speaker/jobs/{job_id}", {}),
    ("/api/v1/translation/translations/{job_id}", {}),
    ("/api/v2/video/{video_id}", {}),
    ("/api/v2/video/{video_id}/download", {}),
    ("/api/v1/media-converter/jobs/{job_id}", {}),
    ("/api/v1/denoiser/jobs/{job_id}", {}),
]
LISTS = [
    "/api/v1/stem-extraction/jobs",
    "/api/v1/transcription/jobs",
    "/api/v1/speaker/jobs",
    "/api/v1/translation/translations",
    "/api/v2/video/",
    "/api/v1/media-converter/jobs",
    "/api/v1/denoiser/jobs",
    "/api/v1/api-wallet/usage",
    "/api/v1/credits/usage",
]
DELETIONS = [
    ("/api/v1/stem-extraction/jobs/{job_id}", 204),
    ("/api/v1/transcription/jobs/{job_id}", 204),
    ("/api/v1/speaker/jobs/{job_id}", 204),
    ("/api/v1/translation/translations/{job_id}", 200),
    ("/api/v2/video/{video_id}", 204),
    ("/api/v1/media-converter/jobs/{job_id}", 204),
    ("/api/v1/denoiser/jobs/{job_id}", 204),
]
COMPLETED, HOLLOW = 1002, 1005


@pytest.fixture(scope="module")
def busy() -> Iterator[str]:
    """A simulator with a job in each state for each service, paid by the wallet and then by credits."""
    faults = (
        Fault(at="submit:*", do="never", name="running*"),
        Fault(at="submit:*", do="fail", name="failed*"),
        Fault(at="submit:*", do="cancel", name="cancelled*"),
        Fault(at="submit:*", do="no_result", name="hollow*"),
    )
    scenario = Scenario(
        faults=faults,
        job_seconds=0,
        job_seconds_per_minute=0,
        credits=10**6,
        credits_fallback=True,
        convert_list=True,
    )
    with simulator.serve(scenario, wallet_cents=3) as sim, httpx.Client(base_url=sim.url) as client:
        for path, field, fields in SUBMITS:
            for state in STATES:
                upload = {field: (f"{state}.wav", sound())}
                answer = client.post(path, files=upload, data=fields, headers=headers(path))
                assert answer.status_code == 200
        yield sim.url


def about(path: str, method: str, number: int, **more: Any) -> Case:
    """A request about one job."""
    return schema[path][method].Case(
        path_parameters=dict.fromkeys(re.findall(r"{(\w+)}", path), number), **more
    )


@pytest.mark.parametrize("number", range(1001, 1001 + len(STATES)), ids=STATES)
@pytest.mark.parametrize(("path", "query"), READS)
def test_jobs_in_every_state_fit_the_specification(
    busy: str, path: str, query: dict[str, str], number: int
) -> None:
    case = about(path, "GET", number, query=query)
    answer = case.call(base_url=busy, headers=headers(path))
    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
    there = {"transcript": (COMPLETED,), "download": (COMPLETED, HOLLOW)}.get(path.rpartition("/")[2])
    assert answer.status_code == (200 if there is None or number in there else 404)


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_jobs_in_every_state_fit_the_specification(busy: str, path: str) -> None:
    answer = schema[path]["GET"].Case().call_and_validate(base_url=busy, headers=headers(path))
    assert answer.status_code == 200


def test_cancelling_and_deleting_fit_the_specification(busy: str) -> None:
    path = "/api/v1/denoiser/jobs/{job_id}/cancel"
    assert about(path, "POST", 1001).call_and_validate(base_url=busy, headers=SESSION).status_code == 200
    for path, status in DELETIONS:
        answer = about(path, "DELETE", HOLLOW).call_and_validate(base_url=busy, headers=headers(path))
        assert answer.status_code == status


def test_all_but_logins_webhooks_and_fetches_of_media_is_played() -> None:
    left_out = re.compile(r"/api/v1/(auth|webhooks|video)/")
    assert {path for path in SPECIFICATION["paths"] if not left_out.match(path)} == set(played()["paths"])
