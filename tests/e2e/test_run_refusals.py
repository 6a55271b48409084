"""`run` where nothing can or may be bought: each reason has its message, its exit code, and costs nothing."""

import re

import pytest

KEY = "AUDIOPOD_API_KEY"


@pytest.fixture
def planned(bench):
    """Three recordings, planned: 3 cents expected, 3 at most."""
    made = bench()
    made.record(3)
    made.plan("media", "--service", "transcription")
    return made


def refused(bench, ended, code):
    """A command ended with this code, one line on stderr, and no money moved."""
    assert ended.code == code, ended.err + ended.out
    assert bench.books.submits == ()
    assert bench.books.balance_cents == 5000
    *progress, last = ended.err.splitlines()
    assert all(re.match(r"run: \d+ of \d+ items", line) for line in progress)
    assert last.startswith("run: ")
    return last


def test_without_a_key_the_message_names_the_variable(planned):
    ended = planned.run(**{KEY: ""})
    message = refused(planned, ended, 5)
    assert "exit 5: no key: set AUDIOPOD_API_KEY" in message
    assert "export AUDIOPOD_API_KEY=" in ended.out
    assert planned.run().code == 0


def test_a_wrong_key_is_said_to_be_wrong(planned):
    ended = planned.run(**{KEY: "ap_somebody_elses"})
    assert "the key was refused" in refused(planned, ended, 5)
    assert "ap_somebody_elses" not in ended.out + ended.err


def test_a_key_never_reaches_what_we_write(planned):
    assert planned.run("--max-spend", "0", "--json").code == 9
    written = [path for path in planned.folder.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if planned.sim.key.encode() in path.read_bytes()]


def test_an_unreachable_server_is_named(planned):
    ended = planned.run(AUDIOPOD_BASE_URL="http://127.0.0.1:9")
    assert "no answer from 127.0.0.1:9" in refused(planned, ended, 8)
    assert ended.go_on == "run manifest.yaml"


@pytest.mark.parametrize("options", [[], ["--output", "kept.txt/deep"]])
def test_a_results_folder_that_cannot_be_made_is_found_before_anything_is_bought(planned, options):
    (planned.folder / ("kept.txt" if options else "results")).write_text("a file in the way")
    message = refused(planned, planned.run(*options), 10)
    assert "cannot be written" in message
    assert "--output" in message


def test_a_cap_that_is_too_small_refuses_and_the_printed_commands_fit(planned):
    ended = planned.run("--max-spend", "0.02")
    message = refused(planned, ended, 3)
    assert "what waits may cost $0.03, the cap of $0.02 leaves $0.02; nothing new was submitted" in message
    assert ended.go_on == "run manifest.yaml --max-spend 0.03"
    assert "or:  run manifest.yaml --max-spend 0.02 --fit   (what fits into $0.02 now)" in ended.out
    fitted = planned.do("run", "manifest.yaml", "--max-spend", "0.02", "--fit")
    assert fitted.code == 9
    assert "--fit left out what does not fit, 1 item" in fitted.err
    assert planned.books.spent_cents == 2
    rest = planned.do(*fitted.go_on.split())
    assert (rest.code, planned.books.spent_cents) == (0, 3)
    planned.check_books()


def test_a_cap_in_the_environment_counts_and_is_named_on_the_way_out(planned):
    ended = planned.run("--max-spend", "1", EARMARK_MAX_SPEND="0.01")
    refused(planned, ended, 3)
    assert ended.go_on == "EARMARK_MAX_SPEND=0.03 run manifest.yaml --max-spend 0.03"


def test_the_caps_of_the_manifest_itself_hold(bench):
    made = bench()
    made.record(2)
    made.plan("media", "--service", "transcription", "--max-spend", "0.02")
    text = (made.folder / "manifest.yaml").read_text()
    (made.folder / "manifest.yaml").write_text(re.sub(r"(?m)^cap: .*$", "cap: 1", text))
    ended = made.run("--max-spend", "5")
    refused(made, ended, 3)
    assert "1. raise `cap:` in manifest.yaml to $0.02" in ended.out
    assert ended.go_on == "run manifest.yaml --max-spend 0.02"


def test_a_poor_wallet_refuses_with_the_top_up_that_helps(bench):
    made = bench(wallet=2)
    made.record(3)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "1")
    assert ended.code == 3
    assert made.books.submits == ()
    assert "the wallet has $0.02 free" in ended.err
    assert "1. earmark wallet topup --amount 1\n" in ended.out
    assert "2. run manifest.yaml --max-spend 1\n" in ended.out
    made.sim.top_up(100)
    assert made.do(*ended.go_on.split()).code == 0
    made.check_books()


def test_prices_that_rose_refuse_until_they_are_accepted(bench):
    made = bench(prices={"transcription": 2})
    made.record(1, 120)
    made.plan("media", "--service", "transcription")
    ended = made.run("--max-spend", "5")
    message = refused(made, ended, 6)
    assert "transcription costs 2 c/min now, the plan was made at 1 c/min" in message
    assert ended.go_on == "run manifest.yaml --max-spend 5 --accept-prices"
    accepted = made.do(*ended.go_on.split())
    assert (accepted.code, made.books.spent_cents) == (0, 4)
    made.check_books()


def test_changed_and_vanished_files_are_named_and_the_rest_may_go_on(planned):
    first, second, _ = sorted((planned.folder / "media").iterdir())
    first.write_bytes(first.read_bytes() + b"more")
    second.unlink()
    ended = planned.run("--max-spend", "1")
    message = refused(planned, ended, 6)
    assert "2 files changed or vanished since planning; nothing new was submitted" in message
    assert "r1.wav: changed since planning (96,044 -> 96,048 bytes)" in ended.out
    assert "r2.wav: no longer there" in ended.out
    rest = planned.do(*ended.go_on.split())
    assert ended.go_on == "run manifest.yaml --max-spend 1 --skip-changed"
    assert rest.code == 9
    assert "2 changed files left out" in rest.err
    assert [job.charged_cents for job in planned.books.jobs] == [1]
    planned.check_books()


def _restyled(change):
    def write(path):
        path.write_bytes(change(path.read_bytes()))

    return write


BROKEN = {
    "a wrong version": (
        lambda data: data.replace(b"version: 1", b"version: 7"),
        r"manifest.yaml:\d+: .*version",
    ),
    "an unknown field": (
        lambda data: data.replace(b'"size"', b'"sice": 1, "size"', 1),
        r"manifest.yaml:\d+: .*sice",
    ),
    "a price edited by hand": (
        lambda data: re.sub(rb'"cents": \d+', b'"cents": 0', data, count=1),
        r"manifest.yaml:\d+: `cents` of .* is 0, but 1 follows .*plan again",
    ),
    "a line that stands twice": (
        lambda data: data + data.splitlines(keepends=True)[-1],
        r"manifest.yaml:\d+: .*stands twice",
    ),
    "no lines": (
        lambda data: data.partition(b"\nitems:")[0] + b"\nitems:\n",
        r"manifest.yaml:\d+: there are no items",
    ),
    "garbage": (lambda data: b"\x00\x01garbage", r"manifest.yaml:1: "),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_manifest_is_refused_by_its_line(planned, what):
    change, message = BROKEN[what]
    _restyled(change)(planned.folder / "manifest.yaml")
    assert re.search(message, refused(planned, planned.run("--max-spend", "1"), 2))


@pytest.mark.parametrize("change", [lambda d: d.replace(b"\n", b"\r\n"), lambda d: b"\xef\xbb\xbf" + d])
def test_windows_line_ends_and_byte_order_marks_change_nothing(planned, change):
    _restyled(change)(planned.folder / "manifest.yaml")
    ended = planned.run("--max-spend", "0", "--json")
    assert ended.code == 9
    assert [item["file"] for item in ended.json["items"]] == ["r1.wav", "r2.wav", "r3.wav"]


WRONG = {
    "no such manifest": (
        ["nothing.yaml"],
        "nothing.yaml: there is no such manifest; write one with `plan PATH",
    ),
    "no manifest at all": ([], "no manifest is named: `run manifest.yaml`"),
    "a folder": (["."], ". is a folder; name the manifest in it: `run manifest.yaml`"),
    "parts of a cent": (
        ["manifest.yaml", "--max-spend", "1.001"],
        "--max-spend: '1.001' has parts of a cent",
    ),
    "no amount": (["manifest.yaml", "--max-spend", ""], "--max-spend: '' is not an amount"),
    "an empty folder": (["manifest.yaml", "--output", ""], "--output is empty"),
    "no time": (["manifest.yaml", "--wait", "soon"], "'soon' is not a time"),
    "no such option": (["manifest.yaml", "--cap", "3"], "no such option --cap (see run --help)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_usage_is_told_with_what_to_type(planned, what):
    words, message = WRONG[what]
    assert message in refused(planned, planned.do("run", *words), 2)


def test_a_bad_amount_in_the_environment_is_named_as_such(planned):
    message = refused(planned, planned.run(EARMARK_MAX_SPEND="ten"), 2)
    assert "EARMARK_MAX_SPEND: 'ten' is not an amount" in message


def test_an_error_before_the_run_is_a_document_too(planned):
    ended = planned.installed("run", "nothing.yaml", "--json")
    assert ended.code == 2
    assert ended.json["exit"] == 2
    assert ended.json["outcome"] == "wrong usage"
    assert "there is no such manifest" in ended.json["sentence"]
