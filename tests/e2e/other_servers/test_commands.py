"""The commands at the other server, as they are typed."""

import pytest

from support.bench import Bench
from support.other_dialect import (
    TEXTS_ONLY,
    Dialect,
    http_date,
    in_the_middle,
    lower,
    once,
    only,
    texts_in_prices,
    without,
)
from support.other_server import other_server

SHOPS = {
    "modern": Dialect(
        ident=lambda number: f"550e8400-{number:04d}",
        submitted=lambda ident, service: {"job": {"id": ident}},
        accepts=201,
        word=lower,
        listed=lambda page, total: {"items": page, "total": total},
        list_page=20,
        strangers=60,
        rows_page=10,
        purse=TEXTS_ONLY,
        row=without("id", "amount_cents"),
        credits=lambda: 403,
        framing="chunked",
        zips=True,
        redirects=True,
        link_base="api",
        shaky={
            "/jobs": (1, 429, {"Retry-After": "1"}),
            "/transcribe-upload": (1, 429, {"Retry-After": lambda: http_date(1)}),
        },
    ),
    "old": Dialect(
        protocol="HTTP/1.0",
        submitted=lambda ident, service: {"id": str(ident)},
        list_newest_first=False,
        entry=only("source_urls"),
        status_body=lambda body: {"job": body},
        prices=texts_in_prices,
        row=without("job_id", "id", "amount_cents", "duration_seconds"),
        credits=lambda: 404,
        transcripts=("/api/v1/transcription/transcript/{}",),
        shaky={"/balance": (1, 503, {}), "/transcript": (1, 502, {})},
    ),
    "forgetful": Dialect(entry=in_the_middle, after=once(lambda handler, job: handler.hang_up(reset=True))),
}


@pytest.mark.parametrize("name", SHOPS)
def test_the_commands_come_to_the_end_and_say_what_it_cost(tmp_path, name):
    with other_server(SHOPS[name]) as other:
        made = Bench(tmp_path, other)  # type: ignore[arg-type]
        made.record(2, seconds=61)
        options = ("--set", "transcription.formats=json,txt,srt")
        planned = made.do(
            "plan", "media", "--service", "transcription", "--service", "stems:karaoke", *options
        )
        assert planned.code == 0, planned.err
        assert "Wallet $50.00: enough" in planned.out
        assert "same as live today" in planned.out
        ended = made.run("--max-spend", "1", "--json")
        assert ended.code == 0, ended.err + ended.out
        amounts = ended.json["amounts"]
        assert amounts["spent"] == other.spent_cents == 2 * (2 + 16)
        assert amounts["reserved"] == amounts["in_doubt"] == 0
        assert [item["fate"] for item in ended.json["items"]] == ["saved"] * 4
        assert len(list((tmp_path / "results").rglob("*.*"))) == 2 * (3 + 2)
        again = made.run("--max-spend", "1")
        assert (again.code, len(other.ours)) == (0, 4)
        assert other.leaks == other.odd == other.paid_twice == other.tokens_sent_twice == []
        said = planned.out + planned.err + ended.out + ended.err + again.out + again.err
        assert "Traceback" not in said
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert not any(other.key.encode() in each for each in [said.encode(), *kept])
