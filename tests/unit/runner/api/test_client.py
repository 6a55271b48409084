import subprocess
import sys
import threading

import httpx
import pytest

from manifests.errors import UsageError
from runner.api.client import AudioPod
from runner.api.errors import BadDownload, Gone, KeyRefused, ServiceDown
from runner.api.interface import Accepted, Job, JobApi, JobStatus, ResultFile
from runner.api.wallet import Estimate

KEY = "ap_test_0123456789"


def test_importing_the_client_loads_no_http_library():
    code = (
        "import sys, runner.api.client; print(sorted({'httpx', 'httpcore', 'tenacity'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_it_has_the_calls_of_a_run(api_over):
    api: JobApi = api_over(lambda _: httpx.Response(200))

    assert KEY not in repr(api)
    assert "https://api.example" in repr(api)


def test_the_default_address_is_the_services():
    assert AudioPod("", KEY).base.url == "https://api.audiopod.ai"


def test_a_wrong_address_is_refused_at_once():
    with pytest.raises(UsageError):
        AudioPod("http://api.example", KEY)


def test_a_missing_key_is_refused_at_the_first_call(api_over):
    with pytest.raises(KeyRefused, match="no key"):
        api_over(lambda _: httpx.Response(200), key="").balance()


def test_prices_can_be_read_without_a_key(api_over):
    def handler(request: httpx.Request) -> httpx.Response:
        assert "x-api-key" not in request.headers
        return httpx.Response(200, json={"services": {"transcription": {"cents_per_minute": 1}}})

    assert api_over(handler, key=None).rates() == {"transcription": 1}


def test_a_submit_uses_the_services_form(api_over, order_for):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"id": 5})

    outcome = api_over(handler).submit(order_for(service="stems", fields={"mode": "two"}), lambda: True)

    assert outcome == Accepted("5")
    assert asked == ["/api/v1/stem-extraction/api/extract"]


def test_a_job_has_the_id_that_was_asked_for(api_over):
    api = api_over(
        lambda _: httpx.Response(200, json={"id": None, "status": "completed", "total_duration": 61.5})
    )

    assert api.job("transcription", "7") == Job("7", JobStatus.COMPLETED, ms=61500, word="completed")


@pytest.mark.parametrize(
    ("answer", "kind"), [(httpx.Response(404), Gone), (httpx.Response(200, json=[]), ServiceDown)]
)
def test_a_job_that_cannot_be_read(api_over, answer, kind):
    with pytest.raises(kind):
        api_over(lambda _: answer).job("stems", "7")


def test_result_files_of_stems_are_read_from_the_job(api_over):
    api = api_over(
        lambda _: httpx.Response(200, json={"download_urls": {"vocals": "https://m.example/v.wav"}})
    )

    assert api.result_files("stems", "7", {}) == [ResultFile("vocals.wav", "https://m.example/v.wav")]


def test_result_files_of_transcripts_follow_from_the_id(api_over):
    api = api_over(lambda _: httpx.Response(200, json={"id": 7, "status": "COMPLETED"}))

    found = api.result_files("transcription", "7", {"formats": ["srt"]})

    assert [each.name for each in found] == ["json", "srt"]


def test_result_files_may_stand_in_a_job_of_the_answer(api_over):
    urls = {"vocals": "https://m.example/v.wav"}
    api = api_over(lambda _: httpx.Response(200, json={"job": {"id": 7, "download_urls": urls}}))

    assert api.result_files("stems", "7", {}) == [ResultFile("vocals.wav", "https://m.example/v.wav")]


@pytest.mark.parametrize("refusal", [404, 405])
@pytest.mark.parametrize(("service", "other"), [("transcription", "status"), ("stems", "jobs")])
def test_a_status_may_stand_at_the_other_address(api_over, service, other, refusal):
    def handler(request: httpx.Request) -> httpx.Response:
        there = request.url.path.endswith(f"/{other}/7")
        return (
            httpx.Response(200, json={"id": 7, "status": "COMPLETED"}) if there else httpx.Response(refusal)
        )

    assert api_over(handler).job(service, "7").status is JobStatus.COMPLETED


@pytest.mark.parametrize("service", ["transcription", "stems"])
def test_a_job_that_is_gone_has_no_result_files(api_over, service):
    with pytest.raises(Gone):
        api_over(lambda _: httpx.Response(404)).result_files(service, "7", {})


def test_pages_come_from_the_services_list(api_over):
    api = api_over(lambda r: httpx.Response(200, json=[{"id": 1}] if r.url.params["skip"] == "0" else []))

    assert [[job.job_id for job in page.jobs] for page in api.pages("stems")] == [["1"]]


def test_downloads_are_repeated_while_the_service_is_down(naps, tmp_path):
    answers = [httpx.Response(503), httpx.Response(200, content=b"sound")]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    api = AudioPod("https://api.example", KEY, sleep=naps, transport=transport)

    assert api.download(ResultFile("v.wav", "https://m.example/v.wav"), tmp_path / "part").size == 5
    assert len(naps.seconds) == 1


def test_bad_downloads_are_the_engines_business(api_over, tmp_path):
    with pytest.raises(BadDownload):
        api_over(lambda _: httpx.Response(200)).download(
            ResultFile("v.wav", "https://m.example/v.wav"), tmp_path / "p"
        )


def test_the_wallet_answers_through_the_client(api_over):
    bodies = {
        "balance": {"balance_cents": 5, "total_spent_cents": 6},
        "pricing": {"services": {"transcription": {"cents_per_minute": 1}}},
        "service-types": ["transcription"],
        "estimate": {"cost_cents": 3},
        "check-balance": {"can_proceed": True},
        "usage": {"logs": [{"id": 1, "amount_cents": 3}], "limit": 50},
        "topups": {"topups": [], "limit": 20},
        "checkout": {"url": "https://pay.example/1"},
        "credits": {"balance": 9},
    }
    api = api_over(lambda r: httpx.Response(200, json=bodies[r.url.path.rpartition("/")[2]]))

    assert (api.balance().balance, api.balance().total_spent) == (5, 6)
    assert api.rates() == {"transcription": 1}
    assert api.service_types() == ["transcription"]
    assert api.estimate("transcription", 60) == Estimate("transcription", 3)
    assert api.check_balance("transcription", 60).can_proceed
    assert [row.cents for page in api.usage_pages() for row in page] == [3]
    assert list(api.topups()) == []
    assert api.checkout(100) == "https://pay.example/1"
    assert api.credits() == 9


def test_threads_share_one_set_of_connections():
    api = AudioPod("https://api.example", KEY)
    found = []
    threads = [threading.Thread(target=lambda: found.append(api.http)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    api.close()

    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_closing_twice_or_before_the_first_call_is_fine(api_over):
    with api_over(lambda _: httpx.Response(200, json={"balance_cents": 1, "total_spent_cents": 1})) as api:
        api.close()
        assert api.balance().balance == 1
    api.close()
