"""What holds for every input: uploads in any pieces, results of any length, links, mixed days."""

from __future__ import annotations

import asyncio
import io
import tempfile
import threading
import wave
import xml.etree.ElementTree as ET
import zipfile
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulator
from simulator import Fault, Scenario
from simulator.books import Fate, Job, Order
from simulator.documents import docx, html, pdf
from simulator.forms import FormReader
from simulator.links import Links
from simulator.refusals import Refusal
from simulator.sounds import wav
from simulator.transcripts import FORMATS, segments, written

KEY = {"X-API-Key": simulator.PUBLIC_KEY}
NAMES = st.text(st.characters(exclude_characters='"\\\r\n\0', exclude_categories=["Cs"]), max_size=40)


# Uploads.


def multipart(name: str, content: bytes, fields: dict[str, str]) -> bytes:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
    ]
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return "".join([*parts, head]).encode() + content + b"\r\n--edge--\r\n"


def read(body: bytes, cuts: list[int], check) -> None:
    """Read a form that arrives in pieces, and look at it while its files are there."""
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})

    async def chunks():
        for start, end in pairwise(places):
            yield body[start:end]

    async def run(folder: Path) -> None:
        reader = FormReader("multipart/form-data; boundary=edge", folder)
        check(await reader.read(chunks()))
        assert reader.received == len(body)
        reader.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
        assert list(Path(folder).iterdir()) == []


@settings(deadline=None)
@given(NAMES, st.binary(max_size=300), st.lists(st.integers(0, 1000), max_size=10))
def test_an_upload_is_the_same_in_whatever_pieces_it_arrives(name, content, cuts):
    def check(form):
        [upload] = form.uploads
        assert (upload.field, upload.name, upload.size) == ("file", name, len(content))
        assert upload.sha256 == sha256(content).hexdigest()
        assert upload.path.read_bytes() == content
        assert form.text("mode") == "six"

    read(multipart(name, content, {"mode": "six"}), cuts, check)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["mode", "stem", "language"]), st.text("abc ü", max_size=9)),
    st.integers(1, 99),
)
def test_fields_are_read_whole_and_empty_ones_count_as_left_out(fields, cut):
    def check(form):
        assert form.fields == {k: [v] for k, v in fields.items()}
        assert all(form.text(name) == (value or None) for name, value in fields.items())

    read(multipart("a.wav", b"", fields), [cut], check)


# Results.


def a_job(seconds: Fraction, seed: str = "a", **options) -> Job:
    order = Order("transcription", "transcription", "", 1, 1, 1, seconds, "talk.wav", seed, options=options)
    return Job(1001, order, Fate(), 0, 0, "COMPLETED")


LENGTHS = st.fractions(Fraction(1, 1000), 4000, max_denominator=48_000)


@settings(deadline=None, max_examples=50)
@given(LENGTHS, st.booleans())
def test_segments_tile_a_recording_of_any_length(seconds, diarized):
    found = list(segments(a_job(seconds, enable_speaker_diarization=diarized)))
    assert found[0].start == 0
    assert found[-1].end == round(float(seconds), 3) or seconds < Fraction(1, 1000)
    assert all(one.end == two.start for one, two in pairwise(found))
    assert all(one.words and one.text.endswith(".") for one in found)
    assert {one.speaker for one in found} <= ({0, 1} if diarized else {0})


@settings(deadline=None, max_examples=20)
@given(LENGTHS, st.sampled_from(FORMATS))
def test_every_format_is_written_for_any_length_and_the_same_each_time(seconds, form):
    content = written(a_job(seconds), form)
    assert content == written(a_job(seconds), form)
    assert content


@given(st.floats(0.0001, 3), st.text(max_size=5))
def test_a_sound_is_as_long_as_it_says_and_can_be_played(seconds, seed):
    made = wav(seed, seconds)
    content = b"".join(made.pieces())
    assert len(content) == made.size
    with wave.open(io.BytesIO(content)) as file:
        assert file.getnframes() == max(1, round(seconds * 8000))
    assert content == b"".join(wav(seed, seconds).pieces())


PARAGRAPHS = st.lists(st.text(max_size=200), max_size=5)


@settings(deadline=None)
@given(st.text(max_size=30), PARAGRAPHS)
def test_documents_stay_valid_whatever_is_written_in_them(title, paragraphs):
    with zipfile.ZipFile(io.BytesIO(docx(title, paragraphs))) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))
    assert len([element for element in body.iter() if element.tag.endswith("}p")]) == 1 + len(paragraphs)
    file = pdf(title, paragraphs)
    assert file.startswith(b"%PDF-1.4\n")
    assert file[int(file.split(b"startxref\n")[1].split()[0]) :].startswith(b"xref\n")
    assert b"<script" not in html("<script>", ["<script>", *paragraphs]).replace(b"&lt;script", b"")


# Links.


@given(st.text("abc/", min_size=1, max_size=20), st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_link_is_valid_until_it_expires(path, now, seconds):
    links = Links(seed=1)
    query = httpx.URL(links.sign("http://x", path, now + seconds)).params
    links.check(path, query["expires"], query["signature"], now + seconds)
    with pytest.raises(Refusal) as late:
        links.check(path, query["expires"], query["signature"], now + seconds + 0.01)
    assert late.value.code == "link_expired"


@given(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9))
def test_no_other_signature_opens_a_link(path, expires, signature):
    with pytest.raises(Refusal) as bad:
        Links(seed=1).check(path, expires, signature, 0)
    assert bad.value.code == "invalid_signature"


# Days on which everything happens at once.


def spend(url: str, number: int, seen: list[int]) -> None:
    """Submit the same sound several times, whatever comes back."""
    content = b"".join(wav("same", 30).pieces())
    with httpx.Client(base_url=url, headers=KEY) as http:
        for attempt in range(8):
            upload = {"files": (f"{number}-{attempt}.wav", content)}
            try:
                seen.append(http.post("/api/v1/transcription/transcribe-upload", files=upload).status_code)
            except httpx.TransportError:
                seen.append(0)


@pytest.mark.parametrize("seed", range(3))
def test_many_callers_on_a_bad_day_never_overdraw_and_the_books_agree_with_the_api(seed):
    faults = (
        Fault(at="submit:*", do="drop", probability=0.1),
        Fault(at="submit:*", do="gateway", probability=0.1),
        Fault(at="submit:*", do="unavailable", probability=0.1),
        Fault(at="submit:*", do="fail", probability=0.2),
        Fault(at="submit:*", do="cancel", probability=0.1),
    )
    scenario = Scenario(seed=seed, faults=faults, job_seconds=0, job_seconds_per_minute=0)
    seen: list[int] = []
    with simulator.serve(scenario, wallet_cents=15) as sim:
        callers = [threading.Thread(target=spend, args=(sim.url, number, seen)) for number in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        balance = httpx.get(f"{sim.url}/api/v1/api-wallet/balance", headers=KEY).json()
        rows = httpx.get(f"{sim.url}/api/v1/api-wallet/usage?limit=100", headers=KEY).json()["logs"]
    books = sim.books
    assert len(seen) == len(books.submits) == 32
    assert books.holds_cents == 0 <= books.balance_cents
    assert balance["balance_cents"] == books.balance_cents == 15 - books.spent_cents
    assert sum(row["amount_cents"] for row in rows) == balance["total_spent_cents"] == books.spent_cents
    assert seen.count(200) <= len(books.jobs) == sum(submit.job_id is not None for submit in books.submits)
    assert {row["job_id"] for row in rows} == {str(job.id) for job in books.jobs if job.charged_cents}


def test_the_same_seed_makes_the_same_day():
    faults = (Fault(at="submit:*", do="unavailable", probability=0.4),)
    days = []
    for _ in range(2):
        seen: list[int] = []
        with simulator.serve(Scenario(seed=5, faults=faults)) as sim:
            spend(sim.url, 0, seen)
        days.append(seen)
    assert days[0] == days[1]
    assert set(days[0]) == {200, 503}
