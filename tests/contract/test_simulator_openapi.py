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
from schemathesis.checks import load_all_checks, positive_data_acceptance

import simulator
from simulator import Fault, Scenario
from simulator.app import endpoints

FILE = Path(__file__).parents[2] / "docs/audiopod-openapi.yaml"
SPECIFICATION = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
EXAMPLES = 8
KEY = {"X-API-Key": simulator.PUBLIC_KEY}

STRICTER_THAN_THE_SCHEMA = {
    "walletEstimate": "the schema takes any text for a service_type",
    "walletCheckBalance": "as walletEstimate",
    "stemExtract": "stem is needed with mode single; addresses of other machines are not fetched",
    "stemExtractAdvanced": "the schema takes any text for a package or a stem",
    "transcribeUrl": "addresses of other machines are not fetched",
    "transcribeUpload": "one file for each request; premium engines have no price",
}
"""Operations that may refuse what fits the schema, and why."""


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
    with simulator.serve(wallet_cents=1_000_000) as sim:
        yield sim.url
    assert sim.books.violations == ()
    assert {submit.answer for submit in sim.books.submits} >= {"200", "422"}


@schema.parametrize()
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_fits_the_specification(case: Case, url: str) -> None:
    with_sound(case)
    lenient = case.operation.definition.raw["operationId"] in STRICTER_THAN_THE_SCHEMA
    excluded = [positive_data_acceptance] if lenient else []
    case.call_and_validate(base_url=url, headers=KEY, excluded_checks=excluded)


# What made-up requests do not reach: jobs in each of their states.

SUBMITS = {
    "transcription": ("/api/v1/transcription/transcribe-upload", "files"),
    "stems": ("/api/v1/stem-extraction/api/extract", "file"),
}
STATES = ("running", "completed", "failed", "cancelled", "hollow")
READS = [
    ("/api/v1/stem-extraction/status/{job_id}", {}),
    ("/api/v1/transcription/jobs/{job_id}", {}),
    ("/api/v1/transcription/jobs/{job_id}/transcript", {}),
    *[
        ("/api/v1/transcription/jobs/{job_id}/transcript", {"format": form})
        for form in ("srt", "vtt", "txt", "html")
    ],
    ("/api/v1/stem-extraction/jobs", {}),
    ("/api/v1/transcription/jobs", {}),
    ("/api/v1/api-wallet/usage", {}),
    ("/api/v1/credits/usage", {}),
]


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
        faults=faults, job_seconds=0, job_seconds_per_minute=0, credits=10**6, credits_fallback=True
    )
    with simulator.serve(scenario, wallet_cents=3) as sim:
        for path, field in SUBMITS.values():
            for state in STATES:
                upload = {field: (f"{state}.wav", sound())}
                assert httpx.post(f"{sim.url}{path}", files=upload, headers=KEY).status_code == 200
        yield sim.url


@pytest.mark.parametrize("number", range(1001, 1001 + len(STATES)), ids=STATES)
@pytest.mark.parametrize(("path", "query"), READS)
def test_jobs_in_every_state_fit_the_specification(
    busy: str, path: str, query: dict[str, str], number: int
) -> None:
    case = schema[path]["GET"].Case(path_parameters={"job_id": number} if "{" in path else {}, query=query)
    answer = case.call(base_url=busy, headers=KEY)
    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
    has_transcript = number == 1002 or "transcript" not in path.rpartition("/")[2]
    assert answer.status_code == (200 if has_transcript else 404)


def test_deleting_fits_the_specification(busy: str) -> None:
    for path in ("/api/v1/stem-extraction/jobs/{job_id}", "/api/v1/transcription/jobs/{job_id}"):
        case = schema[path]["DELETE"].Case(path_parameters={"job_id": 1005})
        answer = case.call_and_validate(base_url=busy, headers=KEY)
        assert answer.status_code == 204


def test_all_of_wallet_credits_transcription_and_stems_is_played() -> None:
    asked = re.compile(r"/api/v1/(api-wallet|credits|transcription|stem-extraction)")
    wanted = {path for path in SPECIFICATION["paths"] if asked.match(path)}
    assert wanted == {path for path in played()["paths"] if asked.match(path)}
