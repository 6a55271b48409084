import httpx
import pytest

from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown, TooManyCalls
from runner.api.reads import FIRST_WAIT, JITTER, LONGEST_WAIT, OBEYED, Reads
from runner.tempo import Tempo


class Script:
    """Answers in turn; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_a_read_is_one_get_with_the_key(reads_over):
    script = Script(httpx.Response(200, json={"a": 1}))

    assert reads_over(script).json("/api/v1/x", {"skip": 0}) == {"a": 1}
    (request,) = script.asked
    assert (request.method, str(request.url)) == ("GET", "https://api.example/api/v1/x?skip=0")
    assert request.headers["x-api-key"] == "ap_test_0123456789"
    assert request.headers["user-agent"].startswith("earmark")


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(503),
        httpx.Response(500, text="<html>"),
        httpx.Response(429),
        httpx.Response(408),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("garbage"),
    ],
)
def test_troubles_that_pass_are_waited_out(reads_over, naps, trouble):
    script = Script(trouble, trouble, httpx.Response(200, json=[]))

    assert reads_over(script).json("/api/v1/x") == []
    first, second = naps.seconds
    assert FIRST_WAIT <= first <= FIRST_WAIT + JITTER
    assert 2 * FIRST_WAIT <= second <= 2 * FIRST_WAIT + JITTER


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), KeyRefused),
        (httpx.Response(403, json={"detail": "key revoked"}), KeyRefused),
        (httpx.Response(404), Gone),
        (httpx.Response(422), CallRefused),
        (httpx.Response(302, headers={"location": "https://evil.example/api/v1/x"}), CallRefused),
    ],
)
def test_refusals_are_not_repeated(reads_over, naps, answer, kind):
    script = Script(answer)

    with pytest.raises(kind):
        reads_over(script).json("/api/v1/x")

    assert len(script.asked) == 1
    assert naps.seconds == []


def test_patience_ends_and_the_last_error_stands(reads_over, naps):
    script = Script(httpx.Response(503, text="maintenance"))

    with pytest.raises(ServiceDown, match="maintenance"):
        reads_over(script, patience=30).json("/api/v1/x")

    assert 1 < len(naps.seconds) < 30
    assert sum(naps.seconds) <= 30
    assert max(naps.seconds) <= LONGEST_WAIT + JITTER


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(reads_over, naps, status):
    script = Script(httpx.Response(status, headers={"retry-after": "12"}), httpx.Response(200, json=1))

    assert reads_over(script).json("/api/v1/x") == 1
    assert naps.seconds == [12.0]


def test_retry_after_as_a_date_is_obeyed(reads_over, naps):
    headers = {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}
    script = Script(httpx.Response(429, headers=headers), httpx.Response(200, json=1))

    assert reads_over(script, now=1445412468.0).json("/api/v1/x") == 1
    assert naps.seconds == [12.0]


def test_retry_after_zero_does_not_hammer(reads_over, naps):
    script = Script(httpx.Response(429, headers={"retry-after": "0"}), httpx.Response(200, json=1))

    reads_over(script).json("/api/v1/x")

    assert naps.seconds[0] >= FIRST_WAIT


def test_what_the_service_asks_for_is_not_counted_against_patience(reads_over, naps):
    minute = httpx.Response(429, headers={"retry-after": "60"})
    script = Script(minute, httpx.Response(503), minute, httpx.Response(200, json=1))

    assert reads_over(script, patience=12).json("/api/v1/x") == 1
    assert sum(naps.seconds) >= 120


def test_a_service_that_asks_for_ever_is_not_waited_for_for_ever(reads_over, naps):
    script = Script(httpx.Response(429, headers={"retry-after": "50"}))

    with pytest.raises(TooManyCalls):
        reads_over(script, patience=12).json("/api/v1/x")

    assert sum(naps.seconds) <= 12 + OBEYED


def test_waiting_for_its_turn_costs_a_read_no_patience(http_over, naps):
    script = Script(httpx.Response(429), httpx.Response(429), httpx.Response(200, json=1))
    tempo = Tempo(0.01, floor=0.01)  # a turn each 100 s
    reads = Reads(http_over(script), patience=5, sleep=naps, clock=naps.clock, tempo=tempo)
    assert reads.json("/api/v1/x") == 1
    assert len(script.asked) == 3
    assert sum(naps.seconds) > 150


def test_a_wait_beyond_patience_is_handed_on_at_once(reads_over, naps):
    script = Script(httpx.Response(429, headers={"retry-after": "3600"}))

    with pytest.raises(TooManyCalls) as caught:
        reads_over(script).json("/api/v1/x")

    assert caught.value.retry_after == 3600
    assert naps.seconds == []


def test_a_wait_can_be_ended_from_outside(reads_over, naps):
    naps.wake = True
    script = Script(httpx.Response(503))

    with pytest.raises(ServiceDown):
        reads_over(script).json("/api/v1/x")

    assert len(script.asked) == 1


def test_an_endless_answer_is_cut(reads_over, monkeypatch):
    monkeypatch.setattr("runner.api.http.LARGEST_ANSWER", 1000)
    script = Script(httpx.Response(200, content=b"[" + b" " * 2000 + b"]"))

    with pytest.raises(ServiceDown, match="more than 1000 bytes"):
        reads_over(script, patience=0).json("/api/v1/x")


def test_reads_keep_to_a_stated_rate_together(http_over, naps):
    """Two readers of one account; the second call waits for its turn."""
    tempo = Tempo(0.5, floor=1.0)
    script = Script(httpx.Response(200, json=1))
    for _ in range(3):
        reads = Reads(http_over(script), patience=30, sleep=naps, clock=lambda: 100.0, tempo=tempo)
        assert reads.json("/api/v1/x") == 1
    assert naps.seconds == pytest.approx([2.0, 4.0])


def test_after_a_429_reads_are_fewer(http_over, naps):
    tempo = Tempo(10.0, floor=1.0)
    script = Script(httpx.Response(429), httpx.Response(200, json=1))
    Reads(http_over(script), patience=30, sleep=naps, clock=lambda: 100.0, tempo=tempo).json("/api/v1/x")
    assert tempo.rate(100.0) == 5.0
