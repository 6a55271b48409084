"""Voices, speech and music in each of their states, as docs/audiopod-openapi.yaml shows them."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from schemathesis.checks import load_all_checks, positive_data_acceptance

import simulator
from simulator import Fault, Scenario

FILE = Path(__file__).parents[2] / "docs/audiopod-openapi.yaml"
KEY = {"X-API-Key": simulator.PUBLIC_KEY}
PREFIXES = ("/api/v1/voice/", "/api/v1/music/")
STATES = ("running", "completed", "failed", "cancelled", "hollow")
VOICE = "/api/v1/voice"
STATUS = [
    (f"{VOICE}/tts-jobs/{{job_id}}/status", "job_id"),
    (f"{VOICE}/voices/{{voice_id}}/status", "voice_id"),
    (f"{VOICE}/convert/{{job_id}}/status", "job_id"),
    ("/api/v1/music/jobs/{job_id}/status", "job_id"),
]
LISTS = [f"{VOICE}/voice-profiles", f"{VOICE}/convert/jobs", "/api/v1/music/jobs"]


@pytest.fixture(scope="module")
def schema() -> Any:
    load_all_checks()
    told = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    paths = {path: item for path, item in told["paths"].items() if path.startswith(PREFIXES)}
    return schemathesis.openapi.from_dict({**told, "paths": paths})


def sample() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes([128]) * 8000 * 5)
    return made.getvalue()


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A client of a simulator with a job in each state for each service, which its name decides."""
    fates = {"running": "never", "failed": "fail", "cancelled": "cancel", "hollow": "no_result"}
    faults = tuple(Fault(at="submit:*", do=do, name=f"{state}*") for state, do in fates.items())  # type: ignore[arg-type]
    scenario = Scenario(faults=faults, job_seconds=0, job_seconds_per_minute=0)
    with (
        simulator.serve(scenario) as sim,
        httpx.Client(base_url=sim.url, headers=KEY, trust_env=False) as client,
    ):
        voice = client.get(f"{VOICE}/voice-profiles").json()[0]
        params = '{"timestamp_type": "word"}'
        for state in STATES:
            upload = {"file": (f"{state}.wav", sample())}
            made = [
                client.post(
                    f"{VOICE}/voices/{voice['id']}/generate",
                    data={"input_text": f"{state} text", "generation_params": params},
                ),
                client.post(f"{VOICE}/voice-profiles", data={"name": state}, files=upload),
                client.post(f"{VOICE}/voice-convert", data={"voice_uuid": voice["uuid"]}, files=upload),
                client.post("/api/v1/music/text2music", json={"prompt": "jazz", "display_name": state}),
            ]
            assert [answer.status_code for answer in made] == [200] * 4
        yield client
    assert sim.books.violations == ()


@pytest.mark.parametrize(("path", "parameter"), STATUS)
def test_a_job_fits_the_specification_in_every_state(
    http: httpx.Client, schema: Any, path: str, parameter: str
) -> None:
    seen = []
    for number in range(1001, 1001 + len(STATES)):
        case = schema[path]["GET"].Case(path_parameters={parameter: number})
        answer = case.call(base_url=str(http.base_url), headers=KEY)
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])
        assert answer.status_code == 200
        seen.append(answer.json()["status"].upper())
    assert seen == ["PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "COMPLETED"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_fits_the_specification(http: httpx.Client, schema: Any, path: str) -> None:
    case = schema[path]["GET"].Case(query={})
    answer = case.call_and_validate(base_url=str(http.base_url), headers=KEY)
    assert [job["id"] for job in answer.json()][: len(STATES)] == [1005, 1004, 1003, 1002, 1001]
