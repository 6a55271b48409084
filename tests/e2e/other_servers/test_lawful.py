"""`plan` and `run` against a server that is not our simulator, in every way that docs/api.md allows.

Each dialect is lawful. Whatever the server chooses: all is bought once and saved, the books agree
to the cent, the key stays with the service, and nothing ends in a bug.
"""

import pytest

from support.other_dialect import (
    TEXTS_ONLY,
    Dialect,
    http_date,
    in_the_middle,
    lower,
    more_prices,
    only,
    renamed,
    texts_in_prices,
    without,
    zoneless,
)
from support.other_shop import both, check_honest, check_saved

LAWFUL: dict[str, Dialect] = {
    "plain": Dialect(),
    "ids are texts": Dialect(ident=lambda number: f"job-{number}"),
    "ids are uuids": Dialect(ident=lambda number: f"550E8400-e29b-41d4-a716-{number:012d}"),
    "ids are texts of numbers": Dialect(ident=str),
    "submit names id": Dialect(submitted=lambda ident, service: {"id": ident}),
    "submit names job.id": Dialect(
        submitted=lambda ident, service: {"job": {"id": ident, "status": "PENDING"}}
    ),
    "submit names job.job_id": Dialect(submitted=lambda ident, service: {"job": {"job_id": str(ident)}}),
    "201": Dialect(accepts=201),
    "202": Dialect(accepts=202),
    "entries hold a job": Dialect(entry=lambda entry: {"job": entry}),
    "entries name job_id": Dialect(entry=renamed(id="job_id"), status_body=renamed(id="job_id")),
    "statuses hold a job": Dialect(status_body=lambda body: {"job": body}),
    "lower case": Dialect(word=lower),
    "waiting words": Dialect(
        word=lambda word: {"PROCESSING": "QUEUED"}.get(word, word.title()), job_seconds=0.3
    ),
    "times without zone": Dialect(entry=zoneless, row=zoneless),
    "no times": Dialect(entry=without("created_at", "completed_at", "progress")),
    # lists
    "items": Dialect(listed=lambda page, total: {"items": page, "hasMore": False, "total": total}),
    "jobs": Dialect(listed=lambda page, total: {"jobs": page}),
    "20 a page": Dialect(list_page=20, strangers=130),
    "ignores limit": Dialect(list_obeys_limit=False, strangers=130),
    "ignores paging": Dialect(list_names=(), list_page=20, strangers=130),
    "offset": Dialect(list_names=("offset",), list_page=20, strangers=130),
    "oldest first": Dialect(list_newest_first=False, list_page=20, strangers=130),
    "oldest first, for ever page one": Dialect(
        list_newest_first=False, list_page=20, list_names=(), strangers=130
    ),
    "items, 20 a page": Dialect(
        listed=lambda page, total: {"items": page, "total": total},
        list_page=20,
        strangers=130,
        list_newest_first=False,
    ),
    "input_path only": Dialect(entry=only("input_path")),
    "original_filename only": Dialect(entry=only("original_filename")),
    "source_urls only": Dialect(entry=only("source_urls")),
    "names changed": Dialect(entry=in_the_middle),
    "no names": Dialect(entry=without("display_name", "input_path", "source_urls")),
    "lists without status": Dialect(entry=without("status", "download_urls"), status_body=lambda body: body),
    "no list": Dialect(
        answers={},
        before=lambda handler: (
            handler.path_only.endswith("/jobs") and (handler.refuse(404, "not_found", "") or True)
        ),
    ),
    # wallet
    "dollar texts": Dialect(purse=TEXTS_ONLY),
    "cents only": Dialect(purse=without("balance_usd", "total_spent_usd", "low_balance_warning")),
    "more fields": Dialect(purse=lambda body: {**body, "total_topup_cents": 1, "plan": {"name": "x"}}),
    "price texts": Dialect(prices=texts_in_prices),
    "more prices": Dialect(prices=more_prices),
    "no pricing": Dialect(answers={"/pricing": 404}),
    "credits 404": Dialect(answers={"/credits": 404}),
    "credits 401": Dialect(answers={"/credits": 401}),
    "credits 403": Dialect(answers={"/credits": 403}),
    "credits, older name": Dialect(credits=lambda: {"balance": 1500, "payg_balance": 0}),
    "credits, two purses": Dialect(credits=lambda: {"credits_balance": 1500, "payg_balance": 750.5}),
    "credits, empty": Dialect(credits=dict),
    # usage
    "amounts are texts": Dialect(row=without("amount_cents")),
    "rows without id": Dialect(row=without("id")),
    "rows without job": Dialect(row=without("job_id", "id")),
    "rows as on the seed page": Dialect(
        row=without("job_id", "id", "amount_cents", "duration_seconds", "api_key_id")
    ),
    "rows with numbers": Dialect(
        row=lambda row: {
            **row,
            "id": int(row["id"].rpartition("-")[2]) + (10**6 if row["id"].startswith("other") else 0),
            "job_id": int(row["job_id"]),
        }
    ),
    "rows among others'": Dialect(strangers=40, rows_page=3),
    "rows, silent limit": Dialect(strangers=40, rows_page=3, rows_say=lambda page, limit: {}),
    "rows, wrong limit": Dialect(
        strangers=40, rows_page=3, rows_say=lambda page, limit: {"page": page, "limit": 100}
    ),
    # results
    "transcript address": Dialect(transcripts=("/api/v1/transcription/transcript/{}",)),
    "octets": Dialect(transcript_type="application/octet-stream"),
    "links null or empty": Dialect(
        links=lambda other, job, links: {**links, "drums": None, "bass": "", "other": 7}
    ),
    "links relative": Dialect(link_base="relative"),
    "links at the service": Dialect(link_base="own"),
    "links under the API": Dialect(link_base="api"),
    "links redirected": Dialect(link_base="own", redirects=True),
    "links of the API redirected": Dialect(link_base="api", redirects=True),
    "links by host name": Dialect(
        links=lambda other, job, links: {k: v.replace("127.0.0.1", "localhost") for k, v in links.items()}
    ),
    "links as a list": Dialect(
        links=lambda other, job, links: [{"stem": k, "url": v} for k, v in links.items()]
    ),
    "links in objects": Dialect(links=lambda other, job, links: {k: {"url": v} for k, v in links.items()}),
    "labels lead out": Dialect(
        links=lambda other, job, links: dict(
            zip(("lead vocals/../../x", "../../../etc/passwd"), links.values(), strict=True)
        )
    ),
    "labels alike": Dialect(
        links=lambda other, job, links: dict(zip(("Vocals", "vocals"), links.values(), strict=True))
    ),
    "status at other addresses": Dialect(
        status_names={"transcription": ("status",), "stem_extraction": ("jobs",)},
        before=lambda handler: (
            handler.path_only.endswith("/jobs") and (handler.refuse(404, "not_found", "") or True)
        ),
    ),
    # transport
    "http/1.0": Dialect(protocol="HTTP/1.0"),
    "closes each": Dialect(framing="close"),
    "chunked": Dialect(framing="chunked"),
    "zipped": Dialect(zips=True),
    "zipped and chunked": Dialect(zips=True, framing="chunked"),
    "closes when idle": Dialect(idle=0.05),
    "100 continue": Dialect(say_continue=True),
    "slow headers": Dialect(trickle=0.004),
    # troubles that pass
    "429 to reads": Dialect(
        shaky={
            "/balance": (1, 429, {"Retry-After": "0"}),
            "/jobs": (2, 429, {}),
            "/usage": (1, 429, {"Retry-After": lambda: http_date(-5)}),
        }
    ),
    "503 to reads": Dialect(
        shaky={
            "/balance": (1, 503, {}),
            "/pricing": (1, 502, {}),
            "/jobs": (1, 504, {}),
            "/usage": (2, 500, {}),
            "/transcript": (1, 503, {}),
            "/stems/": (2, 503, {}),
        }
    ),
    "429 to submits": Dialect(
        shaky={
            "/transcribe-upload": (2, 429, {"Retry-After": "0"}),
            "/extract": (1, 429, {"Retry-After": lambda: http_date(1)}),
        }
    ),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_whatever_the_server_chooses_all_is_bought_once_and_saved(shop, name):
    it = shop(LAWFUL[name])
    both(it)
    report = it.run()
    check_honest(it, report)
    check_saved(it, report)
    again = it.run()
    check_honest(it, again)
    check_saved(it, again)
    assert len(it.sim.ours) == 4
