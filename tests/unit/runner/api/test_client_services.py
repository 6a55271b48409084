"""What the client does beside the forms: questions beforehand, the session token, expected lengths."""

from pathlib import Path
from threading import Thread

import httpx
import pytest

from runner.api.asking import Known
from runner.api.client import AudioPod
from runner.api.errors import ServiceDown, SessionRefused
from runner.api.interface import (
    Accepted,
    NotAllowed,
    NotSent,
    Order,
    Rejected,
    ResultFile,
    SubmitOutcome,
    Throttled,
)

KEY = "ap_test_0123456789"
TOKEN = "session.token.0123"
UUID = "550e8400-e29b-41d4-a716-446655440000"
ADDRESS = "https://example.com/a.mp3"


class Service:
    """Answers by path; all else is a job."""

    def __init__(self, answers: dict[str, httpx.Response] | None = None) -> None:
        self.answers = answers or {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        known = next((self.answers[end] for end in self.answers if request.url.path.endswith(end)), None)
        return known or httpx.Response(200, json={"id": 7, "status": "COMPLETED", "estimated_duration": 3})

    @property
    def paths(self) -> list[str]:
        return [request.url.path.rpartition("/api/")[2] for request in self.requests]


def client(service: Service, session: str | None = None) -> AudioPod:
    transport = httpx.MockTransport(service)
    return AudioPod("https://api.example", KEY, session=session, patience=0, transport=transport)


def send(api: AudioPod, order: Order) -> SubmitOutcome:
    return api.submit(order, lambda: True)


def refused() -> bool:
    raise AssertionError("nothing was to be sent")


def by_address(service: str, **fields) -> Order:
    return Order(service, fields, None, 0, "a.mp3", (), "", ADDRESS)


KARAOKE = by_address("stems", package="karaoke")
NOT_ALLOWED = httpx.Response(200, json={"packages": [{"id": "karaoke", "allowed": False}]})


def test_a_package_outside_the_plan_is_rejected_and_asked_about_once():
    service = Service({"/packages/available": NOT_ALLOWED})
    api = client(service)

    for _ in range(3):
        outcome = api.submit(KARAOKE, refused)
        assert isinstance(outcome, Rejected)
        assert "not allowed by your plan" in outcome.reason
    assert service.paths == ["v1/stem-extraction/packages/available"]


@pytest.mark.parametrize("status", [401, 402, 404, 429, 500])
def test_where_the_service_does_not_tell_the_submit_tells(status):
    service = Service({"/packages/available": httpx.Response(status)})
    api = client(service)

    assert send(api, KARAOKE) == send(api, KARAOKE) == Accepted("7")
    assert [path.rpartition("/")[2] for path in service.paths] == ["available", "advanced", "advanced"]


def test_what_is_asked_once_is_asked_by_one_thread():
    known, asked = Known(), []
    threads = [Thread(target=known.once, args=("/x", asked.append)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert asked == ["/x"]


def conversion(tmp_path: Path, voice: str) -> Order:
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    return Order("conversion", {"voice_uuid": voice}, path, 0, "a.wav", (), empty)


def test_the_number_of_a_voice_goes_out_as_its_uuid(tmp_path):
    voice = httpx.Response(200, json={"id": 12, "uuid": UUID, "status": "COMPLETED"})
    service = Service({"/voices/12/status": voice})

    assert send(client(service), conversion(tmp_path, "12")) == Accepted("7")
    assert service.paths == ["v1/voice/voices/12/status", "v1/voice/voice-convert"]
    assert f'name="voice_uuid"\r\n\r\n{UUID}\r\n'.encode() in service.requests[1].content


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404), Rejected),
        (httpx.Response(400), Rejected),
        (httpx.Response(401), NotAllowed),
        (httpx.Response(429, headers={"retry-after": "7"}), Throttled),
        (httpx.Response(503), NotSent),
        (httpx.Response(200, text="<html>"), NotSent),
        (httpx.Response(200, json=[]), NotSent),
    ],
)
def test_a_voice_that_cannot_be_asked_for_sends_nothing(tmp_path, answer, kind):
    outcome = client(Service({"/voices/12/status": answer})).submit(conversion(tmp_path, "12"), refused)

    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Throttled) or outcome.retry_after == 7


def test_an_address_that_a_service_does_not_take_sends_nothing():
    outcome = client(Service()).submit(by_address("clone"), refused)

    assert isinstance(outcome, Rejected)
    assert "takes files" in outcome.reason


def test_the_expected_length_counts_where_what_is_made_is_paid():
    music = Order("music", {"prompt": "calm"}, None, 0, "a", (), "")

    assert send(client(Service()), music) == Accepted("7", 3000)
    assert send(client(Service()), by_address("transcription")) == Accepted("7")


# -- the session token of noise reduction


def test_noise_reduction_is_opened_by_the_token_and_never_by_the_key():
    service = Service({"/denoiser/jobs": httpx.Response(200, json=[{"id": 7, "status": "COMPLETED"}])})
    api = client(service, TOKEN)

    assert send(api, by_address("denoise", quality_mode="studio")) == Accepted("7")
    api.job("denoise", "7")
    api.result_files("denoise", "7", {})
    assert len(list(api.pages("denoise"))) == 1

    assert {request.url.path.split("/")[3] for request in service.requests} == {"denoiser"}
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in service.requests)
    assert not any("x-api-key" in request.headers for request in service.requests)


def test_the_token_goes_nowhere_else(tmp_path):
    service = Service()
    api = client(service, TOKEN)

    send(api, KARAOKE)
    api.job("stems", "7")
    api.download(
        ResultFile("a.wav", "https://media.example/a.wav", own=True, session=True), tmp_path / "part"
    )

    assert not any("authorization" in request.headers for request in service.requests)


def test_results_of_noise_reduction_on_the_service_itself_are_opened_by_the_token(tmp_path):
    service = Service()

    client(service, TOKEN).download(
        ResultFile("a.wav", "https://api.example/api/v1/a.wav", own=True, session=True), tmp_path / "part"
    )

    (request,) = service.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert "x-api-key" not in request.headers


def test_without_a_token_it_is_said_which_one_is_missing():
    service = Service()
    api = client(service)

    outcome = api.submit(by_address("denoise"), refused)

    assert isinstance(outcome, NotAllowed)
    assert "AUDIOPOD_SESSION_TOKEN" in outcome.reason
    with pytest.raises(SessionRefused, match="AUDIOPOD_SESSION_TOKEN"):
        api.job("denoise", "7")
    with pytest.raises(SessionRefused, match="AUDIOPOD_SESSION_TOKEN"):
        list(api.pages("denoise"))
    assert service.requests == []


def test_a_token_that_is_refused_is_named_and_not_shown():
    body = {"error": "token_expired", "message": f"the session {TOKEN} is over"}
    api = client(
        Service({"/denoise": httpx.Response(401, json=body), "/7": httpx.Response(401, json=body)}), TOKEN
    )

    outcome = send(api, by_address("denoise"))
    assert isinstance(outcome, NotAllowed)
    assert "AUDIOPOD_SESSION_TOKEN" in outcome.reason
    with pytest.raises(SessionRefused, match="check AUDIOPOD_SESSION_TOKEN") as caught:
        api.job("denoise", "7")
    assert TOKEN not in outcome.reason + str(caught.value) + repr(api)


def test_a_token_that_cannot_be_one_is_refused_before_it_is_sent():
    with pytest.raises(SessionRefused, match="copy it again into AUDIOPOD_SESSION_TOKEN"):
        client(Service(), "two words").job("denoise", "7")


def test_closing_closes_both_kinds_of_connections():
    api = client(Service(), TOKEN)
    api.job("denoise", "7")
    api.job("stems", "7")
    api.close()

    assert api.job("denoise", "7").job_id == "7"
    api.close()


def test_a_service_that_is_down_is_down_with_a_token_too():
    with pytest.raises(ServiceDown):
        client(Service({"/7": httpx.Response(503)}), TOKEN).job("denoise", "7")
