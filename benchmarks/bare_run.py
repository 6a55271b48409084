"""What a run is measured beside: the same calls over httpx and threads, and nothing else.

No ledger, no cap, no digests, nothing synced, nothing that could go on after a crash.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx

KEY = {"X-API-Key": "ap_sim_key"}
TRANSCRIPTION, STEMS = "/api/v1/transcription", "/api/v1/stem-extraction"
PAGE = 100


def bare_run(url: str, files: Sequence[Path], service: str, output: Path, threads: int) -> None:
    """Submit all, page through the list until all are done, download what each has."""
    output.mkdir(parents=True, exist_ok=True)
    submit, listing, results = {
        "transcription": (_transcribe, f"{TRANSCRIPTION}/jobs", _transcripts),
        "stems:two": (_separate, f"{STEMS}/jobs", _stems),
    }[service]
    limits = httpx.Limits(max_connections=None)
    with (
        httpx.Client(headers=KEY, base_url=url, timeout=60, limits=limits) as client,
        ThreadPoolExecutor(threads) as pool,
    ):
        jobs = list(pool.map(partial(submit, client), files))
        done = _done(client, listing, set(jobs))
        wanted = [each for job in jobs for each in results(done[job])]
        list(pool.map(partial(_download, client, output), wanted))


def _transcribe(client: httpx.Client, path: Path) -> str:
    with path.open("rb") as file:
        answer = client.post(f"{TRANSCRIPTION}/transcribe-upload", files={"files": (path.name, file)})
    return str(answer.raise_for_status().json()["job_id"])


def _separate(client: httpx.Client, path: Path) -> str:
    with path.open("rb") as file:
        form = {"data": {"mode": "two"}, "files": {"file": (path.name, file)}}
        answer = client.post(f"{STEMS}/api/extract", **form)
    return str(answer.raise_for_status().json()["id"])


def _done(client: httpx.Client, listing: str, jobs: set[str]) -> dict[str, dict]:
    """The jobs as the list shows them, once all are completed."""
    done: dict[str, dict] = {}
    while len(done) < len(jobs):
        for start in range(0, len(jobs) + PAGE, PAGE):
            paging = {"limit": PAGE, "offset": start, "skip": start}
            page = client.get(listing, params=paging).raise_for_status().json()
            done |= {str(job["id"]): job for job in page if job["status"] == "COMPLETED"}
            if len(page) < PAGE:
                break
    return done


def _transcripts(job: dict) -> list[tuple[str, str]]:
    address = f"{TRANSCRIPTION}/jobs/{job['id']}/transcript?format="
    return [(f"{job['id']}.{kind}", address + kind) for kind in ("json", "txt")]


def _stems(job: dict) -> list[tuple[str, str]]:
    return [(f"{job['id']}-{stem}.wav", address) for stem, address in job["download_urls"].items()]


def _download(client: httpx.Client, output: Path, what: tuple[str, str]) -> None:
    name, address = what
    with client.stream("GET", address) as answer, (output / name).open("wb") as file:
        for piece in answer.raise_for_status().iter_bytes():
            file.write(piece)
