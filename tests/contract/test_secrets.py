"""The key and the session token are read nowhere: not in what Earmark writes or shows, not by another host.

Every command is typed with a key and a token that nobody would write by chance, against the simulator
and against a server that repeats them, leads elsewhere and lies; then they are looked for.
"""

import json
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

import simulator
from earmark import main, run_ends, secrets
from runner.api import reads
from runner.engine import timing
from simulator import Scenario
from support.bench import Bench, Ended
from support.file_server import Site, serving
from support.hurry import HURRIED, hurry
from support.other_books import KEY as SHOP_KEY
from support.other_dialect import Dialect
from support.other_server import Handler, other_server

KEY = "ap_unmistakable_1f2e3d4c5b6a7980"
SESSION = "session_unmistakable_0a1b2c3d4e5f"
SECRETS = (KEY, SESSION, SHOP_KEY)
EXPLAINED = {"EARMARK_DEBUG": "1", "AUDIOPOD_SESSION_TOKEN": SESSION}

TYPED = [
    ("plan", "media", "--service", "transcription", "--service", "denoise", "--max-spend", "1"),
    ("plan", "media", "--service", "transcription", "--json", "-o", "other.yaml"),
    ("run", "manifest.yaml", "--max-spend", "1", "--max-credits", "9000"),
    ("run", "manifest.yaml", "--max-spend", "1", "--max-credits", "9000", "--json"),
    ("run", "other.yaml", "--max-spend", "0.01", "--events"),
    ("run", "nowhere.yaml", "--max-spend", "1"),
    ("earmark", "status", "manifest.yaml"),
    ("earmark", "status", "manifest.yaml", "--json"),
    ("earmark", "fetch", "--all"),
    ("earmark", "fetch", "manifest.yaml", "--json"),
    ("earmark", "reconcile", "manifest.yaml"),
    ("earmark", "reconcile", "manifest.yaml", "--json"),
    ("earmark", "services"),
    ("earmark", "services", "--json"),
    ("earmark", "wallet", "balance"),
    ("earmark", "wallet", "usage", "--csv"),
    ("earmark", "wallet", "topups"),
    ("earmark", "wallet", "pricing"),
    ("earmark", "wallet", "topup", "--amount", "25"),
    ("earmark", "wallet", "estimate", "transcription", "60"),
    ("earmark", "wallet", "balance", "--json"),
    ("earmark", "wallet", "nonsense"),
]
"""At least a line for each command that may see the key."""

KEYLESS = {"simulate", "demo", "selftest", "worker"}
"""Those that play the service themselves, with a public key, or never end."""

WAYS = [*TYPED, *(("earmark", name) for name in main.COMMANDS if name not in KEYLESS)]
"""A command that is new is typed alone until somebody writes a line for it."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(run_ends, "READ_PATIENCE", 0.3)
    monkeypatch.setattr(timing, "Patience", lambda **_: HURRIED)
    hurry(monkeypatch)
    monkeypatch.setattr(reads, "_GROWING", lambda state: 0.02)


@pytest.fixture
def stack():
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def elsewhere(stack) -> Site:
    """Another host, to which nothing secret may come."""
    return stack.enter_context(serving())


def found_in(bench: Bench, said: list[Ended]) -> list[str]:
    """Where a secret can be read: files by their names, what was said by its beginning."""
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    held = {str(path.relative_to(bench.folder)): path.read_bytes() for path in files}
    held |= {f"stdout {n}": ended.out.encode() for n, ended in enumerate(said)}
    held |= {f"stderr {n}": ended.err.encode() for n, ended in enumerate(said)}
    names = "\n".join(map(str, files)).encode()
    return [
        where for where, text in {**held, "names": names}.items() if any(s.encode() in text for s in SECRETS)
    ]


def told(site: Site) -> list[str]:
    """What another host heard of the secrets."""
    heard = [f"{path} {json.dumps(headers)}" for path, headers in site.asked]
    return [each for each in heard if any(secret in each for secret in SECRETS)]


def test_no_command_writes_or_shows_them(tmp_path, stack):
    scenario = Scenario(
        keys=(KEY,), session_tokens=(SESSION,), job_seconds=0.0, job_seconds_per_minute=0.0, credits=100_000
    )
    bench = Bench(tmp_path, stack.enter_context(simulator.serve(scenario, wallet_cents=5000)))
    bench.environ |= {"AUDIOPOD_API_KEY": KEY, **EXPLAINED}
    bench.record(2)
    said = [bench.do(*words) for words in WAYS]
    assert {ended.code for ended in said} >= {0, 2}, "some work and some are refused"
    assert len(list((tmp_path / "results").rglob("*.*"))) >= 4
    assert found_in(bench, said) == []


def led(site: Site, kind: str):
    """Lead requests of a kind to another host, which answers something, or sends them back."""

    def before(handler: Handler) -> bool:
        path, posted = handler.path_only, handler.command == "POST"
        result = not path.startswith("/api/") or path.endswith("/transcript")
        if (kind.startswith("results") and result) or kind == ("submits" if posted else "reads"):
            if posted:
                handler.read_body()
            handler.send(307, b"", "text/plain", {"Location": site.url("/taken")})
            return True
        if path == "/api/v1/denoiser/jobs":  # this shop sells no noise reduction, but takes the token
            handler.say(200, [])
            return True
        return False

    return before


@pytest.mark.parametrize("kind", ["submits", "reads", "results", "results and back"])
def test_no_other_host_hears_them_after_a_redirect(tmp_path, stack, elsewhere, kind):
    rich = {"total_available_credits": 1_000_000, "payg_balance": 0}
    shop = stack.enter_context(other_server(Dialect(before=led(elsewhere, kind), credits=lambda: rich)))
    bench = Bench(tmp_path, shop)
    bench.environ |= EXPLAINED
    if kind == "results and back":
        elsewhere.leads("/taken", f"{shop.url}/api/v1/api-wallet/balance")
    bench.record(1, seconds=61)
    said = [bench.do("plan", "media", "--service", "transcription", "--service", "stems:two")]
    said += [bench.do("plan", "media", "--service", "denoise", "-o", "credits.yaml")]
    said += [bench.run("--max-spend", "1", "--wait", "2s")]
    said += [bench.do("run", "credits.yaml", "--max-credits", "90000", "--wait", "2s")]
    rest = (("wallet", "balance"), ("wallet", "usage"), ("fetch", "--all"), ("reconcile", "manifest.yaml"))
    said += [bench.do("earmark", *more) for more in rest]
    assert told(elsewhere) == []
    assert bool(elsewhere.asked) == kind.startswith("results"), "calls are not followed, results are"
    assert found_in(bench, said) == []
    assert shop.leaks == []


def parrot(handler: Handler) -> bool:
    """Answer every third call with all that was sent: as a refusal, as a page, as a broken header."""
    said = handler.headers.get("X-API-Key") or (handler.headers.get("Authorization") or "").removeprefix(
        "Bearer "
    )
    if not said:
        return False
    with handler.other.lock:
        handler.other.calls["parrot"] += 1
        turn = handler.other.calls["parrot"] % 6
    if handler.command == "POST" and turn < 4:
        handler.read_body()
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in said)
    answers = {
        0: (400, f'{{"detail": "the key {escaped} is odd"}}'.encode(), "application/json"),
        1: (502, f"<html>{said}</html>".encode(), "text/html"),
        2: (403, json.dumps({"error": said, "message": f"key {said} revoked"}).encode(), "application/json"),
        3: (503, said.encode(), "text/plain"),
    }
    if turn not in answers:
        return False
    handler.send(*answers[turn], {"X-Request-Id": said})
    return True


def test_a_server_that_repeats_them_does_not_bring_them_into_reports(tmp_path, stack):
    shop = stack.enter_context(other_server(Dialect(before=parrot)))
    bench = Bench(tmp_path, shop)
    bench.environ |= EXPLAINED
    bench.record(3, seconds=61)
    said = [bench.do("plan", "media", "--service", "transcription", "--service", "stems:two")]
    said += [
        bench.run("--max-spend", "5", "--wait", "2s", *more) for more in ((), ("--json",), ("--events",))
    ]
    said += [bench.do(*words) for words in TYPED if words[:2] != ("plan", "media")]
    assert shop.calls["parrot"] > 20
    assert found_in(bench, said) == []


# Addresses.


@pytest.mark.parametrize(
    "address",
    [
        f"https://ann:{KEY}@api.audiopod.ai",
        f"https://api.audiopod.ai/?key={KEY}",
        f"http://example.org/{KEY[:2]}?key={KEY}",
        f"https://api.audiopod.ai/#{KEY}",
    ],
)
def test_a_key_in_the_services_address_is_refused_and_not_shown(tmp_path, stack, address):
    bench = Bench(tmp_path, stack.enter_context(simulator.serve(Scenario())))
    ended = bench.do("earmark", "wallet", "balance", AUDIOPOD_BASE_URL=address, AUDIOPOD_API_KEY=KEY)
    assert ended.code == 2
    assert KEY not in ended.out + ended.err


def test_a_key_in_a_recordings_address_is_refused_since_a_manifest_would_keep_it(tmp_path, stack):
    bench = Bench(tmp_path, stack.enter_context(simulator.serve(Scenario())))
    for way in (("--url", f"https://example.org/a.mp3?key={KEY} 90s"), ("--urls", "urls.txt")):
        (tmp_path / "urls.txt").write_text(f"https://example.org/a.mp3?key={KEY} 90s\n")
        ended = bench.do("plan", *way, "--service", "transcription", AUDIOPOD_API_KEY=KEY)
        assert ended.code == 2
        assert "take it out" in ended.err
        assert KEY not in ended.out + ended.err
        assert not (tmp_path / "manifest.yaml").exists()


# The last wall.


def test_a_bug_whose_words_hold_the_key_does_not_show_it(monkeypatch, capsys):
    monkeypatch.setenv("AUDIOPOD_API_KEY", KEY)
    monkeypatch.setenv("EARMARK_DEBUG", "1")

    def broken():
        raise RuntimeError(f"sent {KEY}")

    assert main.through_the_door("run", broken, ["--json"]) == 70
    shown = capsys.readouterr()
    assert KEY not in shown.out + shown.err
    assert "sent (key)" in shown.out
    assert "sent (key)" in shown.err


def test_the_key_in_a_file_is_hidden_as_well(tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    environ = {"AUDIOPOD_API_KEY_FILE": str(tmp_path / "key")}
    assert secrets.hidden(f"a {KEY} b", environ) == "a (key) b"
    assert secrets.hidden("as it is", {"AUDIOPOD_API_KEY_FILE": str(tmp_path / "none")}) == "as it is"


def test_a_key_file_without_end_is_no_key(tmp_path, stack):
    bench = Bench(tmp_path, stack.enter_context(simulator.serve(Scenario())))
    ended = bench.do("earmark", "wallet", "balance", AUDIOPOD_API_KEY="", AUDIOPOD_API_KEY_FILE="/dev/zero")
    assert ended.code == 2
    assert "no key" in ended.err


# TLS.


@pytest.fixture
def stranger(tmp_path, stack) -> Site:
    """A server whose certificate nobody vouches for."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    places = ["-keyout", str(tmp_path / "tls.key"), "-out", str(tmp_path / "tls.pem")]
    try:
        subprocess.run([*made, *named, *places], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem", tmp_path / "tls.key")
    return stack.enter_context(serving(context))


def test_a_server_nobody_vouches_for_hears_nothing(tmp_path, stack, stranger):
    bench = Bench(tmp_path, stack.enter_context(simulator.serve(Scenario())))
    unchecked = {"PYTHONHTTPSVERIFY": "0", "CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": "", "SSL_VERIFY": "0"}
    bench.record(1)
    bench.do("plan", "media", "--service", "transcription", AUDIOPOD_API_KEY="")
    ended = bench.run(AUDIOPOD_BASE_URL=stranger.base, AUDIOPOD_API_KEY=KEY, **unchecked)
    assert ended.code == 8
    assert "certificate" in ended.err.lower()
    assert stranger.asked == []
    assert KEY not in ended.err


def test_nothing_in_the_program_turns_the_check_off():
    root = Path(main.__file__).parents[1]
    rooms = [root / name for name in ("earmark", "planner", "runner", "manifests")]
    text = "\n".join(path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py"))
    for way in ("verify=False", "CERT_NONE", "check_hostname = False", "_create_unverified_context"):
        assert way not in text
