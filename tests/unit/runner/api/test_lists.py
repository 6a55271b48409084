import httpx
import pytest

from runner.api import lists
from runner.api.adapter import FileService
from runner.api.errors import CallRefused, Gone, KeyRefused, ServiceDown
from runner.api.services import adapter


class Account:
    """A job list that pages as it is told to."""

    def __init__(self, count: int, *, obeys: str | None = "skip", cap: int = 100, envelope: str = "") -> None:
        self.jobs = [{"id": n, "status": "COMPLETED"} for n in range(count, 0, -1)]
        self.asked: list[dict[str, str]] = []
        self._obeys = obeys
        self._cap = cap
        self._envelope = envelope

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.asked.append(query)
        start = int(query[self._obeys]) if self._obeys else 0
        page = self.jobs[start : start + min(self._cap, int(query.get("limit", 50)))]
        return httpx.Response(200, json={self._envelope: page} if self._envelope else page)


def ids(pages) -> list[str]:
    return [job.job_id for page in pages for job in page.jobs]


def everything(account: Account) -> list[str]:
    return [str(job["id"]) for job in account.jobs]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
@pytest.mark.parametrize("obeys", ["skip", "offset"])
@pytest.mark.parametrize("cap", [100, 20])
@pytest.mark.parametrize("envelope", ["", "items", "jobs"])
def test_every_job_is_seen_once(reads_over, count, obeys, cap, envelope):
    account = Account(count, obeys=obeys, cap=cap, envelope=envelope)

    assert ids(lists.pages(reads_over(account), adapter("transcription"))) == everything(account)


def test_both_names_go_out_with_one_value(reads_over):
    account = Account(150)

    list(lists.pages(reads_over(account), adapter("transcription")))

    assert [(each["skip"], each["offset"]) for each in account.asked] == [
        ("0", "0"),
        ("100", "100"),
        ("150", "150"),
    ]


def test_a_list_that_ignores_paging_ends(reads_over):
    account = Account(80, obeys=None, cap=50)

    assert ids(lists.pages(reads_over(account), adapter("stems"))) == everything(account)[:50]
    assert len(account.asked) == 2


def test_no_page_is_read_ahead(reads_over):
    account = Account(250)

    next(lists.pages(reads_over(account), adapter("stems")))

    assert len(account.asked) == 1


def test_jobs_that_move_between_pages_are_seen_once(reads_over):
    pages = [[{"id": 3}, {"id": 2}], [{"id": 2}, {"id": 1}], []]

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages.pop(0))

    assert ids(lists.pages(reads_over(handler), adapter("stems"))) == ["3", "2", "1"]


@pytest.mark.parametrize(
    "end", [{"hasMore": False}, {"has_more": False}, {"total": 2}, {"hasMore": True, "total": 2}]
)
def test_the_lists_own_word_ends_it(reads_over, end):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"items": [{"id": 2}, {"id": 1}, {"no": "id"}], **end})

    assert ids(lists.pages(reads_over(handler), adapter("stems"))) == ["2", "1"]
    assert len(asked) == 1


def test_a_list_that_refuses_large_pages_gives_its_own(reads_over):
    account = Account(70)

    def handler(request: httpx.Request) -> httpx.Response:
        too_large = int(request.url.params.get("limit", 0)) > 50
        return httpx.Response(422, json={"detail": "limit"}) if too_large else account(request)

    assert ids(lists.pages(reads_over(handler), adapter("stems"))) == everything(account)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, json={"message": "hello"}), ServiceDown),
        (httpx.Response(401), KeyRefused),
        (httpx.Response(422), CallRefused),
    ],
)
def test_what_is_no_list_is_an_error(reads_over, answer, kind):
    with pytest.raises(kind):
        list(lists.pages(reads_over(lambda _: answer, patience=0), adapter("stems")))


def test_a_service_without_a_list_has_no_pages(reads_over):
    silent = FileService(name="tts", submit_path="/s", file_field="file", status_paths=("/s/{}",))

    assert list(lists.pages(reads_over(lambda _: httpx.Response(500)), silent)) == []  # type: ignore[arg-type]


def test_a_page_beyond_the_last_job_may_be_missing(reads_over):
    def handler(request: httpx.Request) -> httpx.Response:
        first = request.url.params["skip"] == "0"
        return httpx.Response(200, json=[{"id": 1}]) if first else httpx.Response(404)

    assert ids(lists.pages(reads_over(handler), adapter("stems"))) == ["1"]


def test_a_list_that_is_not_there_is_an_error(reads_over):
    with pytest.raises(Gone):
        list(lists.pages(reads_over(lambda _: httpx.Response(404)), adapter("stems")))


def test_a_list_is_asked_for_what_is_ours(reads_over):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        refused = "include_public" in request.url.params
        return httpx.Response(422) if refused else httpx.Response(200, json={"voices": [], "total": 0})

    assert list(lists.pages(reads_over(handler), adapter("clone"))) == []
    assert asked == [{"include_public": "false", "skip": "0", "limit": "100"}, {"skip": "0"}]
