"""The client against the simulator: real sockets, a real multipart parser, the simulator's own books."""

import hashlib
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import simulator
from manifests.keys import Token, find_tokens, new_token, upload_name
from runner.api.client import AudioPod
from runner.api.deadlines import Deadlines
from runner.api.errors import BadDownload, Gone, KeyRefused, LinkExpired, ServiceDown
from runner.api.interface import (
    Accepted,
    Cancelled,
    Doubtful,
    JobStatus,
    NotAllowed,
    NotSent,
    Order,
    OutOfMoney,
    Rejected,
    ResultFile,
    Throttled,
)
from simulator import Fault, Scenario

WAIT = 10.0


def wav(path: Path, seconds: int) -> Path:
    samples = b"\x80" * (8000 * seconds)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(samples)),
    )
    path.write_bytes(head + samples)
    return path


def order(path: Path, service: str, fields: dict[str, object], number: int = 1) -> Order:
    data = path.read_bytes()
    token = new_token(f"{number:064x}"[::-1], lambda n: f"{number:0{2 * n}x}")
    return Order(
        service=service,
        fields=fields,
        path=path,
        size=len(data),
        upload_name=upload_name(path.stem, token, path.suffix),
        spans=((0, len(data)),),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def finished(api: AudioPod, service: str, job_id: str) -> None:
    give_up = time.monotonic() + WAIT
    while api.job(service, job_id).status is not JobStatus.COMPLETED:
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.fixture
def sim():
    with simulator.serve(Scenario(job_seconds=0.0), wallet_cents=5000) as running:
        yield running


@pytest.fixture
def api(sim):
    with AudioPod(sim.url, sim.key, patience=2) as client:
        yield client


def test_a_transcription_is_bought_watched_fetched_and_billed(sim, api, tmp_path):
    source = wav(tmp_path / "talk.wav", 61)
    wanted = order(source, "transcription", {"language": "en", "enable_word_timestamps": True})
    before = api.balance()

    outcome = api.submit(wanted, lambda: True)

    assert isinstance(outcome, Accepted)
    finished(api, "transcription", outcome.job_id)
    (page,) = list(api.pages("transcription"))
    assert [job.job_id for job in page.jobs] == [outcome.job_id]
    assert {token.text in wanted.upload_name for token in page.jobs[0].tokens} == {True}
    results = api.result_files("transcription", outcome.job_id, {"formats": ["json", "srt"]})
    received = [api.download(each, tmp_path / f"out.{each.name}") for each in results]
    assert [each.name for each in results] == ["json", "srt"]
    assert all(each.path.stat().st_size == each.size > 0 for each in received)
    ((row,),) = list(api.usage_pages())
    assert (row.cents, row.seconds, row.job_id) == (2, 61, outcome.job_id)
    assert row.service_type == "transcription"
    after = api.balance()
    assert before.balance - after.balance == after.total_spent - before.total_spent == 2


def test_stems_are_bought_watched_fetched_and_billed(sim, api, tmp_path):
    wanted = order(wav(tmp_path / "song.wav", 12), "stems", {"mode": "two"})

    outcome = api.submit(wanted, lambda: True)

    assert isinstance(outcome, Accepted)
    finished(api, "stems", outcome.job_id)
    results = api.result_files("stems", outcome.job_id, {})
    assert [each.name for each in results] == ["no_vocals.wav", "vocals.wav"]
    received = [api.download(each, tmp_path / each.name) for each in results]
    assert all(each.sha256 == hashlib.sha256(each.path.read_bytes()).hexdigest() for each in received)
    ((row,),) = list(api.usage_pages())
    assert (row.cents, row.seconds) == (2, 12)


def test_a_package_goes_to_its_own_address(sim, api, tmp_path):
    outcome = api.submit(order(wav(tmp_path / "s.wav", 12), "stems", {"package": "karaoke"}), lambda: True)

    assert isinstance(outcome, Accepted)
    (job,) = sim.books.jobs
    assert (job.order.variant, job.order.cents) == ("karaoke", 3)


def test_the_live_prices_are_exact(api):
    rates = api.rates()
    assert (rates["transcription"], rates["stem_extraction"]) == (1, 10)


# What goes wrong, and what the client makes of it: the outcome, and whether a job was made.

SUBMIT = "submit:transcription"
SUBMIT_FAULTS = [
    (Fault(at=SUBMIT, do="drop"), Doubtful, 1),
    (Fault(at=SUBMIT, do="reset"), Doubtful, 1),
    (Fault(at=SUBMIT, do="gateway"), Doubtful, 1),
    (Fault(at=SUBMIT, do="gateway", status=504), Doubtful, 1),
    (Fault(at=SUBMIT, do="slow", seconds=2), Doubtful, 1),
    (Fault(at=SUBMIT, do="trickle_head", seconds=0.05), Doubtful, 1),
    (Fault(at=SUBMIT, do="trickle_body", seconds=0.05), Doubtful, 1),
    (Fault(at=SUBMIT, do="garbage"), Doubtful, 1),
    (Fault(at=SUBMIT, do="unavailable"), Doubtful, 0),
    (Fault(at=SUBMIT, do="server_error"), Doubtful, 0),
    (Fault(at=SUBMIT, do="rate_limited", retry_after=7), Throttled, 0),
    (Fault(at=SUBMIT, do="rate_limited", retry_form="date"), Throttled, 0),
    (Fault(at=SUBMIT, do="short_of_money"), OutOfMoney, 0),
    (Fault(at=SUBMIT, do="short_of_credits"), OutOfMoney, 0),
    (Fault(at=SUBMIT, do="premium_required"), Rejected, 0),
    (Fault(at=SUBMIT, do="unauthorized"), NotAllowed, 0),
    (Fault(at=SUBMIT, do="revoked"), NotAllowed, 0),
    (Fault(at=SUBMIT, do="plan_too_low"), Rejected, 0),
    (Fault(at=SUBMIT, do="not_found"), Rejected, 0),
    (Fault(at=SUBMIT, do="too_large"), Rejected, 0),
    (Fault(at=SUBMIT, do="bad_request"), Rejected, 0),
]
HASTY = Deadlines(read=0.5, answer=0.5, stall=2)


@pytest.mark.parametrize("shape", ["flat", "nested", "text"])
@pytest.mark.parametrize(("fault", "kind", "made"), SUBMIT_FAULTS, ids=lambda each: getattr(each, "do", ""))
def test_each_submit_fault_is_called_by_its_name(sim, tmp_path, fault, kind, made, shape):
    sim.change(error_body=shape)
    sim.add(fault)
    with AudioPod(sim.url, sim.key, limits=HASTY) as api:
        outcome = api.submit(order(wav(tmp_path / "talk.wav", 1), "transcription", {}), lambda: True)

    assert isinstance(outcome, kind), outcome
    assert len(sim.books.jobs) == made


def test_an_upload_that_is_cut_half_way_is_surely_not_received(sim, api, tmp_path):
    sim.add(Fault(at=SUBMIT, do="cut_upload"))
    source = wav(tmp_path / "talk.wav", 2000)

    outcome = api.submit(order(source, "transcription", {}), lambda: pytest.fail("asked for the last chunk"))

    assert isinstance(outcome, NotSent), outcome
    assert sim.books.jobs == ()


def test_a_402_names_what_is_missing(tmp_path):
    with simulator.serve(Scenario(), wallet_cents=1) as sim, AudioPod(sim.url, sim.key) as api:
        outcome = api.submit(order(wav(tmp_path / "talk.wav", 61), "transcription", {}), lambda: True)

    assert isinstance(outcome, OutOfMoney)
    assert (outcome.required, outcome.available) == (2, 1)


@pytest.mark.parametrize("do", ["unavailable", "unauthorized", "too_large", "rate_limited"])
def test_a_file_that_is_refused_early_is_not_uploaded_to_its_end(sim, api, tmp_path, do):
    sim.add(Fault(at=SUBMIT, do=do, early=True))
    asked = []

    outcome = api.submit(
        order(wav(tmp_path / "talk.wav", 4000), "transcription", {}), lambda: bool(asked.append(1))
    )

    assert not isinstance(outcome, Doubtful | Accepted | Cancelled)
    assert asked == []
    assert sim.books.jobs == ()


def test_an_upload_that_we_cut_makes_no_job(sim, api, tmp_path):
    outcome = api.submit(order(wav(tmp_path / "talk.wav", 20), "transcription", {}), lambda: False)

    assert outcome == Cancelled()
    assert sim.books.jobs == ()


def test_a_lost_answer_is_found_again_by_its_token(sim, api, tmp_path):
    for number in range(3):
        api.submit(order(wav(tmp_path / f"{number}.wav", 1), "transcription", {}, number), lambda: True)
    sim.add(Fault(at=SUBMIT, do="drop"))
    lost = order(wav(tmp_path / "lost.wav", 1), "transcription", {}, 9)

    assert isinstance(api.submit(lost, lambda: True), Doubtful)

    found = [job for page in api.pages("transcription") for job in page.jobs if job.tokens & tokens(lost)]
    assert [job.job_id for job in found] == [str(sim.books.jobs[-1].id)]


def tokens(wanted: Order) -> frozenset[Token]:
    return frozenset(find_tokens([wanted.upload_name]))


@pytest.mark.parametrize("obeys", ["skip", "offset", "both"])
def test_long_lists_are_paged(sim, api, tmp_path, monkeypatch, obeys):
    monkeypatch.setattr("runner.api.lists.PAGE", 3)
    sim.change(transcription_paging=obeys)
    source = wav(tmp_path / "a.wav", 1)
    made = [api.submit(order(source, "transcription", {}, number), lambda: True) for number in range(7)]

    pages = list(api.pages("transcription"))

    assert [job.job_id for page in pages for job in page.jobs] == [each.job_id for each in reversed(made)]
    assert len(pages) == 3


def test_a_list_that_repeats_its_first_page_ends(sim, api, tmp_path):
    source = wav(tmp_path / "a.wav", 1)
    for number in range(3):
        api.submit(order(source, "transcription", {}, number), lambda: True)
    sim.add(Fault(at="list:transcription", do="repeat_page"))

    assert len([job for page in api.pages("transcription") for job in page.jobs]) == 3


@pytest.fixture
def stems(sim, api, tmp_path) -> list[ResultFile]:
    outcome = api.submit(order(wav(tmp_path / "song.wav", 12), "stems", {"mode": "two"}), lambda: True)
    assert isinstance(outcome, Accepted)
    finished(api, "stems", outcome.job_id)
    return api.result_files("stems", outcome.job_id, {})


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(at="download:*", do="cut_download"), BadDownload),
        (Fault(at="download:*", do="wrong_length", bytes=7), BadDownload),
        (Fault(at="download:*", do="link_expired"), LinkExpired),
        (Fault(at="download:*", do="gone"), Gone),
        (Fault(at="download:*", do="not_found"), LinkExpired),
        (Fault(at="download:*", do="unavailable"), ServiceDown),
    ],
    ids=lambda each: getattr(each, "do", ""),
)
def test_each_download_fault_is_called_by_its_name(sim, stems, tmp_path, fault, kind):
    sim.add(fault)
    with AudioPod(sim.url, sim.key, patience=0) as api, pytest.raises(kind):
        api.download(stems[0], tmp_path / "part")

    assert not (tmp_path / "part").exists()


def test_a_job_shows_why_it_failed(sim, api, tmp_path):
    sim.add(Fault(at=SUBMIT, do="fail", text="no speech found"))
    outcome = api.submit(order(wav(tmp_path / "a.wav", 1), "transcription", {}), lambda: True)
    assert isinstance(outcome, Accepted)

    job = api.job("transcription", outcome.job_id)

    assert (job.status, job.error) == (JobStatus.FAILED, "no speech found")


def test_a_finished_job_without_addresses_has_no_files(sim, api, tmp_path):
    sim.add(Fault(at="submit:stems", do="no_result"))
    outcome = api.submit(order(wav(tmp_path / "a.wav", 12), "stems", {"mode": "two"}), lambda: True)
    assert isinstance(outcome, Accepted)

    assert api.result_files("stems", outcome.job_id, {}) == []


def test_jobs_of_others_are_gone(api):
    with pytest.raises(Gone):
        api.job("stems", "999")


def test_a_wrong_key_is_refused_everywhere(sim, tmp_path):
    with AudioPod(sim.url, "ap_wrong") as api:
        with pytest.raises(KeyRefused):
            api.balance()
        outcome = api.submit(order(wav(tmp_path / "a.wav", 1), "transcription", {}), lambda: True)
        assert isinstance(outcome, NotAllowed)
        assert api.credits() is None
        assert api.rates()["transcription"] == 1


def test_a_busy_service_is_waited_for(sim):
    naps: list[float] = []
    sim.add(Fault(at="wallet:balance", do="rate_limited", nth=(1, 2), retry_after=3))
    with AudioPod(sim.url, sim.key, sleep=naps.append) as api:
        assert api.balance().balance == 5000

    assert [nap >= 3 for nap in naps].count(True) == 2  # and fewer reads a second from then on


def test_the_wallets_further_calls(sim, api):
    assert "stem_extraction" in api.service_types()
    assert api.estimate("stem_extraction", 300).cents == 50
    assert api.check_balance("stem_extraction", 300).can_proceed
    assert not api.check_balance("stem_extraction", 10**6).can_proceed
    ((topup,),) = list(api.topups())
    assert (topup.cents, topup.status) == (5000, "completed")
    assert api.checkout(2500).startswith(f"{sim.url}/")
    assert api.credits() == 0


def test_many_threads_share_one_client(sim, api, tmp_path):
    source = wav(tmp_path / "a.wav", 1)
    with ThreadPoolExecutor(8) as pool:
        orders = (order(source, "transcription", {}, number) for number in range(40))
        outcomes = list(pool.map(lambda each: api.submit(each, lambda: True), orders))

    assert {type(each) for each in outcomes} == {Accepted}
    assert len({each.job_id for each in outcomes}) == len(sim.books.jobs) == 40
